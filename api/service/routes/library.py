"""The library as a whole: what it holds, what was done to it, what could not be taken, whether it is sound."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query

from mindseye.api.service.examples import example
from mindseye.api.service.parameters import IndexBody, Paging
from mindseye.api.service.service import Served
from mindseye.api.service.shapes import DoctorReport, JobTold, SpaceTold
from mindseye.api.service.upkeep import examined, start_indexing, start_repair
from mindseye.api.space_summary import listed
from mindseye.indexer import records
from mindseye.indexer.browsing import latest_runs

router = APIRouter(prefix="/v1", tags=["library"])


@router.post("/index", status_code=202, responses=example("job", 202))
def index(
    service: Served, asked: Annotated[IndexBody, Body(examples=[{"path": "photos", "labels": ["holiday"]}])]
) -> JobTold:
    """Begin to index a folder or file inside a root; without a path, in the collection `words`, the words that ship."""
    return JobTold(**start_indexing(service, asked.path, asked.collection, asked.labels).as_dict())


@router.get("/status", responses=example("status"))
def status(service: Served) -> records.Status:
    """Tell what the library holds."""
    return service.eye.status()


@router.get("/runs", responses=example("runs"))
def runs(service: Served, asked: Annotated[Paging, Query()]) -> list[records.Run]:
    """List what was done to the library, newest first."""
    return latest_runs(service.library, asked.offset + asked.limit)[asked.offset :]


@router.get("/skipped", responses=example("skipped"))
def skipped(service: Served, asked: Annotated[Paging, Query()]) -> list[records.Skip]:
    """List what could not be taken, and why."""
    return service.eye.skipped()[asked.offset : asked.offset + asked.limit]


@router.get("/spaces", responses=example("spaces"))
def spaces(service: Served) -> list[SpaceTold]:
    """List the joint spaces, and which one is in use."""
    used = service.eye.space.traits.name
    return [SpaceTold(**each, in_use=each["name"] == used) for each in listed(service.eye.root, service.eye.cache)]


@router.get("/doctor", response_model=DoctorReport, responses=example("doctor"))
def doctor(service: Served) -> dict[str, Any]:
    """Compare database, index, pictures and caches, and name every difference."""
    return examined(service).as_dict()


@router.post("/doctor/repair", status_code=202, responses=example("job", 202))
def repair(service: Served) -> JobTold:
    """Begin to mend what can be mended; nothing is encoded."""
    return JobTold(**start_repair(service).as_dict())
