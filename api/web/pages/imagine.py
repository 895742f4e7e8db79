"""Imagining from the page, and jobs of every kind as they are shown."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from mindseye.api.service.imagining import start_imagining
from mindseye.api.service.jobs import Job
from mindseye.api.service.service import Served
from mindseye.api.service.wish import Wish
from mindseye.api.web.page_routes import PageRoute
from mindseye.api.web.rendering import is_fragment, page
from mindseye.engine.errors import MindseyeError, UsageError

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_SEE_OTHER = 303
_Number = Annotated[int, Form(ge=0, le=2**31)]


@router.post("/imagine")
def imagine(
    request: Request,
    service: Served,
    q: Annotated[str, Form()],
    means: Annotated[str, Form()] = "",
    sense: _Number | None = None,
    seed: _Number = 0,
) -> Response:
    """Begin to imagine, and show the picture as it emerges."""
    if max(len(q), len(means)) > service.limits.query:
        raise UsageError("that is too long to be imagined", f"say it with at most {service.limits.query} characters")
    return shown(request, start_imagining(service, Wish(q, means or None, sense, seed)))


@router.get("/jobs/{job_id}")
def job(request: Request, service: Served, job_id: str) -> Response:
    """Show how far a job is, or what came of it."""
    found = service.jobs.get(job_id)
    template = "job.html.j2" if is_fragment(request) else "job_page.html.j2"
    return page(request, template, job=found, error=_error(found))


def shown(request: Request, job: Job) -> Response:
    """Return what shows a job that has just begun: its panel, or its page to browsers without scripts."""
    if is_fragment(request):
        return page(request, "job.html.j2", job=job, error=_error(job))
    return RedirectResponse(f"/jobs/{job.id}", _SEE_OTHER)


def _error(job: Job) -> MindseyeError | None:
    return MindseyeError(job.error["message"], job.error["hint"]) if job.error else None
