"""Jobs: listed, followed, cancelled."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Path
from fastapi.encoders import jsonable_encoder
from fastapi.sse import EventSourceResponse, ServerSentEvent

from mindseye.api.service.examples import example
from mindseye.api.service.jobs import Job
from mindseye.api.service.service import Served
from mindseye.api.service.shapes import JobTold
from mindseye.api.service.telling import as_json

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
JobId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", examples=["0123456789abcdef"])]
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"example": 'event: progress\ndata: {"state": "running", …}\n\n'}}}
}
_LOOK = 0.1  # seconds between two looks at a job that is followed


@router.get("", responses=example("jobs"))
async def jobs(service: Served) -> list[JobTold]:
    """List the jobs, newest first."""
    return [JobTold(**each.as_dict()) for each in service.jobs.all()]


@router.get("/{job_id}", responses=example("job"))
async def job(service: Served, job_id: JobId) -> JobTold:
    """Tell how far a job is."""
    return JobTold(**service.jobs.get(job_id).as_dict())


@router.delete("/{job_id}", responses=example("job"))
async def cancel(service: Served, job_id: JobId) -> JobTold:
    """Cancel a job: it stops where it can, and keeps what is done; not while others have asked for the same."""
    found = service.jobs.get(job_id)
    found.let_go()
    return JobTold(**found.as_dict())


async def _followed(service: Served, job_id: JobId) -> Job:
    return service.jobs.get(job_id)  # before the stream begins: an unknown job is a 404


@router.get("/{job_id}/events", response_class=EventSourceResponse, responses=_EVENTS)
async def events(followed: Annotated[Job, Depends(_followed)]) -> AsyncIterator[ServerSentEvent]:
    """Follow a job as server-sent events: `progress` and `picture` as they change, then `end`."""
    seen, shown = -1, ""
    while True:
        version = followed.version
        if followed.has_ended:
            break
        if version != seen:
            seen = version
            yield ServerSentEvent(event="progress", raw_data=_told(followed))
            if (picture := followed.picture) and picture != shown:
                shown = picture
                yield ServerSentEvent(event="picture", data={"src": picture, "done": followed.done})
        await anyio.sleep(_LOOK)
    yield ServerSentEvent(event="end", raw_data=_told(followed))


def _told(job: Job) -> str:
    return as_json(jsonable_encoder(job.as_dict())).decode()
