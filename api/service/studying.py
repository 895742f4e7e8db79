"""Studies over HTTP: made as a job, their words given, never read from files."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from mindseye.api.service.jobs import Job
from mindseye.api.service.roots import OutsideError
from mindseye.api.service.service import Service
from mindseye.api.studies.making import make_study
from mindseye.api.studies.wish import StudyWish
from mindseye.api.studies.words import categories_from
from mindseye.engine.errors import UsageError
from mindseye.indexer.studies import Studies

STUDY = "study"  # the kind of job


def start_study(service: Service, wish: StudyWish) -> Job:
    """Return the job that makes a study. Raises, before it begins, as `make_study` for what cannot be."""
    wish.check()
    library = service.eye.library(create=True)
    if wish.name in {each.name for each in Studies.of(library).all()}:
        raise UsageError(f"there is a study {wish.name!r} already", "choose another name")
    lacking = wish.needs_categories and any(each.category is None for each in wish.words)
    categorise = categories_from("wordnet", wish.question, service.eye.root) if lacking else None

    def may_show(path: Path) -> bool:
        with suppress(OutsideError):
            return service.roots.to_show(path).is_file()
        return False

    def work(job: Job) -> dict[str, Any]:
        return make_study(service.eye, wish, categorise, job.tell, may_show).as_dict()

    return service.jobs.start(STUDY, work, {"name": wish.name, "words": len(wish.words), "question": wish.question})
