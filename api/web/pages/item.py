"""One item: its picture or text, where it came from, and words for it; in the drawer or on a page of its own."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from mindseye.api.mindseye import Mindseye
from mindseye.api.service.roots import Roots
from mindseye.api.service.service import Served
from mindseye.api.web.asked import Asked
from mindseye.api.web.page_routes import PageRoute
from mindseye.api.web.rendering import is_fragment, page
from mindseye.engine.errors import NotFoundError
from mindseye.indexer.browsing import items_by_id
from mindseye.indexer.provenance import Provenance
from mindseye.indexer.records import Item

router = APIRouter(route_class=PageRoute, include_in_schema=False)
ItemId = Annotated[int, Path(ge=1, lt=2**53)]
_SHOWN_BY_BROWSERS = {"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp"}
_WORDS = 14


@router.get("/items/{item_id}")
def item(request: Request, service: Served, item_id: ItemId) -> Response:
    """Show an item and where it came from."""
    told = _as_shown(service.eye.explain(str(item_id)), service.roots)
    if told.item.id != item_id:
        raise NotFoundError(f"there is no item {item_id}", "search to see what there is")
    template = "item.html.j2" if is_fragment(request) else "item_page.html.j2"
    values: dict[str, Any] = {
        "told": told,
        "item": told.item,
        "seeds": _seeds(service.eye, told),
        "view": "original" if told.item.media_type in _SHOWN_BY_BROWSERS else "thumbnail",
        "similar": Asked(like=str(item_id)).address(),
        "has_words": "word" in service.library.modalities(),
    }
    return page(request, template, **values)


@router.get("/items/{item_id}/words")
async def words(request: Request, service: Served, item_id: ItemId) -> Response:
    """Show the words that are nearest to an item."""
    answer = await service.in_turn(lambda: service.eye.similar(str(item_id), _WORDS, modalities=("word",)))
    return page(request, "words.html.j2", hits=answer.hits)


def _as_shown(told: Provenance, roots: Roots) -> Provenance:
    """Return what is known of an item without the texts that may not be shown."""
    document = roots.as_shown(told.document) if told.document else None
    return replace(told, item=roots.as_shown(told.item), document=document)


def _seeds(eye: Mindseye, told: Provenance) -> list[tuple[Item | None, str, float]]:
    """Return the pictures that an imagined one began from, each with its name and likeness, gone ones without item."""
    if told.imagined is None:
        return []
    recalled = told.imagined.record.recalled
    there = items_by_id(eye.library(), [each.item_id for each in recalled])
    return [(there.get(each.item_id), each.uri, each.score) for each in recalled]
