"""Items: listed, told of, sent, removed, and what is like one."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from mindseye.api.formatting import plain
from mindseye.api.service.examples import example
from mindseye.api.service.links import links, with_links
from mindseye.api.service.parameters import Filters, ItemId, Look, Paging
from mindseye.api.service.sending import FILES, send_original, send_thumbnail
from mindseye.api.service.service import Served, Service
from mindseye.api.service.shapes import ItemList, ItemTold, ProvenanceTold, Removed, SearchAnswer
from mindseye.engine.errors import NotFoundError
from mindseye.indexer.browsing import Order, browse, items_by_id
from mindseye.indexer.records import Item

router = APIRouter(prefix="/v1/items", tags=["items"])


class Listing(Filters):
    """Which items, and in which order."""

    modality: Literal["image", "word", "paragraph", "document"] = "image"
    order: Order = "added"


@router.get("", response_model=ItemList, responses=example("items"))
def items(service: Served, asked: Annotated[Listing, Query()]) -> dict[str, Any]:
    """List contents that pass the filters, each by its first item, without a question."""
    return listed(service, asked)


@router.get("/{item_id}", response_model=ItemTold, responses=example("item"))
def item(service: Served, item_id: ItemId) -> dict[str, Any]:
    """Tell what is known of an item."""
    return told(service, item_of(service, item_id))


@router.delete("/{item_id}", response_model=Removed, responses=example("removed"))
def remove(service: Served, item_id: ItemId) -> dict[str, int]:
    """Take an item out of the library; its file stays."""
    item_of(service, item_id)
    return {"removed": service.eye.remove([str(item_id)])}


@router.get("/{item_id}/thumbnail", response_class=Response, responses=FILES)
def thumbnail(request: Request, service: Served, item_id: ItemId) -> Response:
    """Send the small picture of an item."""
    return send_thumbnail(request, service, item_of(service, item_id))


@router.get("/{item_id}/original", response_class=Response, responses=FILES)
def original(request: Request, service: Served, item_id: ItemId) -> Response:
    """Send the file of an item: a picture to be shown, a text to be kept."""
    return send_original(request, service, item_of(service, item_id))


@router.get("/{item_id}/explain", response_model=ProvenanceTold, responses=example("explain"))
def explain(service: Served, item_id: ItemId) -> Any:
    """Tell where an item came from, found or imagined."""
    item_of(service, item_id)
    found, shown = service.eye.explain(str(item_id)), service.roots.as_shown
    tile = found.tile and service.roots.as_told(found.tile)
    return plain(replace(found, item=shown(found.item), document=found.document and shown(found.document), tile=tile))


@router.get(
    "/{item_id}/similar", response_model=SearchAnswer, response_model_exclude_unset=True, responses=example("similar")
)
async def similar(service: Served, item_id: ItemId, asked: Annotated[Look, Query()]) -> dict[str, Any]:
    """Search by an item: what is like it, itself left out."""
    return await service.in_turn(lambda: _similar(service, item_id, asked, asked.modalities))


@router.get(
    "/{item_id}/words", response_model=SearchAnswer, response_model_exclude_unset=True, responses=example("words")
)
async def words(service: Served, item_id: ItemId, asked: Annotated[Paging, Query()]) -> dict[str, Any]:
    """Tell the words of a picture, or of a text: of those that the library holds (`POST /v1/index` takes them in)."""
    look = Look(limit=asked.limit, offset=asked.offset)
    return await service.in_turn(lambda: _similar(service, item_id, look, ("word",)))


def item_of(service: Service, item_id: int) -> Item:
    """Return an item by its id. Raises NotFoundError."""
    found = items_by_id(service.library, [item_id])
    if item_id not in found:
        raise NotFoundError(f"there is no item {item_id}", "search or list a collection to see the ids")
    return found[item_id]


def listed(service: Service, asked: Listing) -> dict[str, Any]:
    """Return a page of items."""
    shown, total = browse(service.library, asked.within, asked.modality, asked.order, asked.limit, asked.offset)
    return {"items": [told(service, each) for each in shown], "total": total, "offset": asked.offset}


def told(service: Service, item: Item) -> dict[str, Any]:
    """Return an item as JSON values, as it may be shown, with where to fetch its pictures."""
    return vars(service.roots.as_shown(item)) | {"links": links(item.id, item.modality)}


def _similar(service: Service, item_id: int, asked: Look, modalities: tuple[str, ...] | None) -> dict[str, Any]:
    item = item_of(service, item_id)
    answer = service.eye.similar(
        str(item_id), asked.limit, modalities=modalities, apart=asked.by_modality, within=asked.within,
        offset=asked.offset, fold=asked.fold,
    )  # fmt: skip
    if not service.roots.may_show(item.uri):
        answer = replace(answer, query=item.path.name)  # a text's query is what it says
    return with_links(answer, service.roots, asked.towns)
