"""Items: what is known of one, its pictures, and what is like it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse

from mindseye.api.formatting import plain
from mindseye.api.service.service import Served, Service
from mindseye.engine.errors import NotFoundError
from mindseye.indexer.records import Item

router = APIRouter(prefix="/v1/items", tags=["items"])

ItemId = Annotated[int, Path(ge=1, lt=2**53)]


def item_of(service: Service, item_id: int) -> Item:
    """Return an item by its id, never by a name that looks like one. Raises NotFoundError."""
    item = service.eye.item(str(item_id))
    if item.id != item_id:
        raise NotFoundError(f"there is no item {item_id}", "search or list a collection to see the ids")
    return item


@router.get("/{item_id}")
def item(service: Served, item_id: ItemId) -> dict[str, Any]:
    """Tell what is known of an item."""
    told: dict[str, Any] = plain(item_of(service, item_id))
    return told


@router.get("/{item_id}/thumbnail")
def thumbnail(service: Served, item_id: ItemId) -> FileResponse:
    """Send the small picture of an item."""
    service.roots.to_show(item_of(service, item_id).path)
    return FileResponse(service.eye.thumbnail(item_id), media_type="image/jpeg")


@router.get("/{item_id}/original")
def original(service: Served, item_id: ItemId) -> FileResponse:
    """Send the file of an item."""
    found = item_of(service, item_id)
    return FileResponse(service.roots.to_show(found.path), media_type=found.media_type)
