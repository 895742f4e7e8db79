"""Studies: made and told on pages of the library, judged on pages that show nothing else of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, RedirectResponse

from mindseye.api.service.errors import STATUS
from mindseye.api.service.service import Served, Service
from mindseye.api.service.studying import start_study
from mindseye.api.studies.making import add_raters
from mindseye.api.studies.results import study_results
from mindseye.api.studies.wish import ASKED, RATERS
from mindseye.api.web.page_routes import BAD, NOT_THERE, PageRoute
from mindseye.api.web.rendering import page
from mindseye.api.web.study_form import FRESH, Typed, wish_of
from mindseye.engine.errors import MindseyeError, UsageError
from mindseye.indexer.studies import Sitting, Studies

PUBLIC = ("/study/",)  # paths that a rater's link opens, whoever else may see the library
SEE_OTHER = 303
LONGEST_MS = 24 * 3600 * 1000  # of an answer: a rater may have gone to bed
_PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}  # going back shows what is next, no old question

router = APIRouter(include_in_schema=False)
_pages = APIRouter(route_class=PageRoute, include_in_schema=False)


class RaterRoute(PageRoute):
    """A route whose errors say what a rater needs to know, and nothing of the library."""

    def refused(self, request: Request, error: MindseyeError) -> Response:
        """Return the page that tells a rater of an error."""
        return _lost(request, error.what, NOT_THERE if error.code == "not_found" else BAD)

    def misread(self, error: RequestValidationError) -> MindseyeError:
        """Return what is wrong with an answer that is none."""
        return MindseyeError("that was no answer")


_judging = APIRouter(route_class=RaterRoute, include_in_schema=False)
Place = Annotated[int, Path(ge=0, lt=10_000)]


@_pages.get("/studies")
def studies(request: Request, service: Served, job: Annotated[str, Query(max_length=64)] = "") -> Response:
    """Show the studies, one that is being made, and what a new one needs."""
    return _listed(request, service, job=service.jobs.get(job) if job else None)


@_pages.post("/studies")
def new_study(request: Request, service: Served, typed: Typed) -> Response:
    """Begin to make a study; where it cannot be, show why, above what was typed."""
    try:
        job = start_study(service, wish_of(typed))
    except MindseyeError as error:
        return _listed(request, service, STATUS.get(error.code, BAD), typed=typed, error=error)
    return RedirectResponse(f"/studies?job={job.id}", SEE_OTHER)


@_pages.get("/studies/{name}")
def results(request: Request, service: Served, name: str, attentive: bool = False) -> Response:
    """Show what a study found, and its links."""
    studies = _studies(service)
    told = study_results(studies, name, attentive)
    trials, raters = {each.number: each for each in studies.trials(told.study)}, studies.raters(told.study)
    links = {each.number: str(request.url_for("judge", name=name, token=each.token)) for each in raters}
    states = {each.number: each for each in raters}
    return page(request, "study_results.html.j2", told=told, trials=trials, links=links, raters=states)


@_pages.post("/studies/{name}/raters")
def more_raters(service: Served, name: str, count: Annotated[int, Form(ge=1, le=RATERS)]) -> Response:
    """Make more links."""
    add_raters(_studies(service), name, count)
    return RedirectResponse(f"/studies/{name}#links", SEE_OTHER)


@_pages.get("/studies/{name}/pictures/{trial}/{number}")
def shown(service: Served, name: str, trial: Place, number: Place) -> Response:
    """Send a picture as raters see it, to those who see the library."""
    return FileResponse(_studies(service).shown(name, trial, number), media_type="image/png")


@_judging.get("/study/{name}/r/{token}", name="judge")
def judge(request: Request, service: Served, name: str, token: str) -> Response:
    """Show a rater the instructions, the next question, or the end."""
    sitting = _studies(service).sitting(name, token)
    template = "study_question.html.j2"
    if sitting.trial is None:
        template = "study_end.html.j2"
    elif sitting.rater.began is None:
        template = "study_welcome.html.j2"
    return _private(page(request, template, here=request.url.path, **_asked(sitting)))


@_judging.post("/study/{name}/r/{token}/begin")
def begin(
    request: Request, service: Served, name: str, token: str, agreed: Annotated[bool, Form()] = False
) -> Response:
    """Write down that a rater has read the instructions and agreed; without that, show them once more."""
    studies = _studies(service)
    try:
        studies.begin(name, token, agreed)
    except UsageError as error:
        here = request.url.path.removesuffix("/begin")
        told = _asked(studies.sitting(name, token))
        return _private(page(request, "study_welcome.html.j2", BAD, here=here, error=error, **told))
    return _on(name, token)


@_judging.post("/study/{name}/r/{token}/answer")
def answer(
    service: Served,
    name: str,
    token: str,
    position: Annotated[int, Form(ge=0, lt=10_000)],
    place: Annotated[int, Form(ge=0, lt=100)],
    response_ms: Annotated[str, Form(max_length=12)] = "",
) -> Response:
    """Take an answer; once it is taken, it stays."""
    taken = int(response_ms) if response_ms.isdecimal() and response_ms.isascii() else None
    known = taken if taken is not None and taken <= LONGEST_MS else None
    _studies(service).answer(name, token, position, place, known)
    return _on(name, token)


@_judging.get("/study/{name}/r/{token}/{position}/{place}")
def picture(service: Served, name: str, token: str, position: Place, place: Place) -> Response:
    """Send what a rater sees at a place of a question; its address says nothing of what it shows."""
    path = _studies(service).picture(name, token, position, place)
    return FileResponse(path, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})


def _asked(sitting: Sitting) -> dict[str, Any]:
    """Return what a rater may know; never which answer is right."""
    study, rater, choice, trial = sitting.study, sitting.rater, sitting.choice, sitting.trial
    told: dict[str, Any] = {
        "instructions": study.instructions, "consent": study.consent, "question": study.question,
        "position": rater.answered, "total": len(rater.plan),
    }  # fmt: skip
    if trial is None or choice is None:
        return told
    options = [trial.options[each] for each in choice.places]
    return told | {
        "asked": ASKED[study.question].format(word=trial.word), "options": options,
        "pictures": range(len(trial.pictures)), "has_next": rater.answered + 1 < len(rater.plan),
    }  # fmt: skip


def _listed(request: Request, service: Service, status: int = 200, **told: Any) -> Response:
    values = {"job": None, "typed": FRESH, "error": None} | told
    return page(request, "study_list.html.j2", status, studies=_studies(service).all(), most=RATERS, **values)


def _studies(service: Service) -> Studies:
    return Studies.of(service.library)


def _on(name: str, token: str) -> Response:
    return _private(RedirectResponse(f"/study/{name}/r/{token}", SEE_OTHER))


def _lost(request: Request, why: str, status: int) -> Response:
    return _private(page(request, "study_lost.html.j2", status, why=why))


def _private(response: Response) -> Response:
    response.headers.update(_PRIVATE)
    return response


router.include_router(_pages)
router.include_router(_judging)
