"""The page that asks and answers: by words, sums, pictures and items."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from mindseye.api.service.errors import STATUS
from mindseye.api.service.pictures import read_upload
from mindseye.api.service.service import Served, Service
from mindseye.api.web.asked import Asked
from mindseye.api.web.page_routes import BAD, PageRoute
from mindseye.api.web.rendering import page
from mindseye.api.web.results import SORTED, Results, find
from mindseye.api.web.suggestions import suggest
from mindseye.api.web.uploads import Uploads
from mindseye.engine.errors import MindseyeError, UnknownWordError, UsageError
from mindseye.engine.senses import telling_senses
from mindseye.indexer.browsing import collection_names, labels_in_use

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Question = Annotated[Asked, Query()]
KINDS = (
    ("images", "Pictures", "picture"),
    ("words", "Words", "word"),
    ("paragraphs", "Paragraphs", "text"),
    ("documents", "Documents", "document"),
)
EXAMPLES = ("zebra", "a calm sea at dusk", "xylophone")
_SEE_OTHER = 303
_MEANT = "check the spelling, or say below what it means"


@router.get("/")
async def search(request: Request, service: Served, asked: Question) -> Response:
    """Show the box, and what it answers."""

    def answered() -> Response:
        try:
            return page(request, "search.html.j2", **_shown(request, service, asked))
        except MindseyeError as error:
            told = {"results": None, "error": error, "unknown": isinstance(error, UnknownWordError)}
            error.hint = _MEANT if told["unknown"] else error.hint
            return page(request, "search.html.j2", STATUS.get(error.code, BAD), **_frame(service, asked), **told)

    return await service.in_turn(answered)


@router.get("/more")
async def more(request: Request, service: Served, asked: Question) -> Response:
    """Show the next cards of an answer."""
    return await service.in_turn(
        lambda: page(request, "more.html.j2", asked=asked, results=_found(request, service, asked)),
    )


@router.get("/suggest")
async def suggestions(request: Request, service: Served, q: str = "") -> Response:
    """Show words that what is being typed may become."""
    return await service.in_turn(
        lambda: page(
            request,
            "suggestions.html.j2",
            suggestions=suggest(service.eye.space.lexicon, q[: service.limits.query]),
        )
    )


@router.post("/pictures")
def add_picture(request: Request, service: Served, picture: Annotated[UploadFile, File()]) -> Response:
    """Take a picture and go to what is like it. Raises TooLargeError and UnreadableFileError as `read_upload`."""
    key = _uploads(request).add(read_upload(picture, service.limits), picture.filename or "picture")
    return RedirectResponse(Asked(picture=key).address(), _SEE_OTHER)


@router.get("/pictures/{key}")
def shown_picture(request: Request, key: str) -> Response:
    """Send a picture that was dropped, made small."""
    return Response(_uploads(request).shown(key), media_type="image/jpeg")


def _uploads(request: Request) -> Uploads:
    uploads = request.app.state.uploads
    assert isinstance(uploads, Uploads)
    return uploads


def _found(request: Request, service: Service, asked: Asked) -> Results:
    if len(asked.q) > service.limits.query:
        raise UsageError(
            f"the question has {len(asked.q)} characters", f"ask with at most {service.limits.query} characters"
        )
    return find(service.eye, asked, _uploads(request).original(asked.picture) if asked.picture else None)


def _shown(request: Request, service: Service, asked: Asked) -> dict[str, Any]:
    results, frame = _found(request, service, asked), _frame(service, asked)
    senses = results.answer.senses if results.answer else ()
    return frame | {
        "results": results,
        "error": None,
        "unknown": False,
        "what": "picture" if results.modality == "image" else results.modality,
        "telling": telling_senses(senses),
        "all_senses": senses,
        "chosen_sense": _sense(service, asked),
        "like_item": service.roots.as_shown(service.eye.item(asked.like)) if asked.like else None,
        "picture_name": _uploads(request).name(asked.picture) if asked.picture else "",
    }


def _frame(service: Service, asked: Asked) -> dict[str, Any]:
    """Return what the page shows whatever comes of the question."""
    library = service.library
    return {
        "asked": asked,
        "home": not (asked.is_question or asked.kinds or asked.filters or asked.origin == "imagined"),
        "heading": asked.q or _heading(asked),
        "kinds": KINDS,
        "examples": EXAMPLES,
        "sorted": SORTED,
        "collections": [(each, each) for each in collection_names(library)],
        "labels": labels_in_use(library),
        "has_tiles": service.places.any(),
    }


def _heading(asked: Asked) -> str:
    if asked.like or asked.picture:
        return "Similar"
    if asked.origin == "imagined":
        return "Imagined pictures"
    return next((said for kind, said, _ in KINDS if asked.kinds == (kind,)), "The library")


def _sense(service: Service, asked: Asked) -> str:
    """Return the definition of the sense that was chosen, if one was."""
    if asked.sense is None or not asked.q:
        return ""
    told = service.eye.space.lexicon.senses(asked.q)
    return next((each.definition for each in told if each.number == asked.sense), "")
