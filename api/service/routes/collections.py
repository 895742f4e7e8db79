"""Collections: listed, looked through, removed."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from mindseye.api.service.examples import example
from mindseye.api.service.parameters import Collection, Paging
from mindseye.api.service.routes.items import Listing, listed
from mindseye.api.service.service import Served
from mindseye.api.service.shapes import ItemList, Removed
from mindseye.indexer import records
from mindseye.indexer.browsing import Order

router = APIRouter(prefix="/v1/collections", tags=["collections"])


class Part(Paging):
    """Which of a collection's items, and in which order."""

    modality: Literal["image", "word", "paragraph", "document"] = "image"
    order: Order = "added"


@router.get("", responses=example("collections"))
def collections(service: Served) -> list[records.Collection]:
    """List the collections."""
    return service.eye.collections()


@router.get("/{name:path}/items", response_model=ItemList, responses=example("items"))
def items(service: Served, name: Collection, asked: Annotated[Part, Query()]) -> dict[str, Any]:
    """List what a collection holds."""
    return listed(service, Listing(collection=name, **asked.model_dump()))


@router.delete("/{name:path}", response_model=Removed, responses=example("removed"))
def remove(service: Served, name: Collection) -> dict[str, int]:
    """Take all of a collection out of the library; files stay."""
    return {"removed": service.eye.remove(collection=name)}
