"""Indexing and repair as jobs."""

from collections.abc import Sequence
from typing import Any

from mindseye.api.service.jobs import Job
from mindseye.api.service.service import Service
from mindseye.engine.errors import UsageError
from mindseye.indexer.doctor import examine, repair
from mindseye.indexer.doctor.finding import Repair
from mindseye.indexer.filters import require_text
from mindseye.indexer.records import IngestReport

INDEX, REPAIR = "index", "repair"  # kinds of jobs
WORDS = "words"  # the collection of words that ships


def start_indexing(
    service: Service, path: str | None, collection: str = "default", labels: Sequence[str] | None = None
) -> Job:
    """Return the job that indexes what lies at a path, inside of a root; without one the words that ship.

    Raises OutsideError and UsageError as `Roots.to_index`, BusyError when too many wait.
    """
    require_text(collection, *(labels or ()))
    about = {"path": path, "collection": collection, "labels": list(labels) if labels is not None else None}
    if path is None:
        if collection != WORDS or labels:
            raise UsageError("no path was given to index", f"name a folder, or only the collection {WORDS!r}")
        return service.jobs.start(INDEX, lambda job: _report(service.eye.index_words(WORDS, job.tell)), about)
    folder = service.roots.to_index(path)

    def work(job: Job) -> dict[str, Any]:
        library, command, roots = service.library, service.eye.command, service.roots.folders
        return _report(library.index([folder], collection, job.tell, command, labels=labels, inside=roots))

    return service.jobs.start(INDEX, work, about | {"path": str(folder)})


def start_repair(service: Service) -> Job:
    """Return the job that mends what can be mended in the library. Raises BusyError when too many wait."""
    eye = service.eye
    return service.jobs.start(REPAIR, lambda job: repair(eye.root, eye.space, job.tell, eye.command), {})


def examined(service: Service) -> Repair:
    """Return what is not as it should be in the library."""
    return Repair((), tuple(examine(service.eye.root, service.eye.space)))


def _report(report: IngestReport) -> dict[str, Any]:
    """Return a report as JSON values."""
    return {**vars(report), "skipped": [vars(each) for each in report.skipped]}
