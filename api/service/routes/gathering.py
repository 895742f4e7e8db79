"""Items gathered by hand into a collection."""

from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import Field

from mindseye.api.service.parameters import Collection, Strict
from mindseye.api.service.service import Served
from mindseye.indexer.gathering import Gathered, gather

router = APIRouter(prefix="/v1/collections", tags=["collections"])
MOST = 100_000  # items gathered at once

ItemIds = Annotated[list[Annotated[int, Field(ge=1, lt=2**53)]], Field(min_length=1, max_length=MOST)]
_EXAMPLE = {"run_id": 7, "collection": "stripes", "added": 2, "unchanged": 1}
_TOLD: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"example": _EXAMPLE}}}}


class Items(Strict):
    """The ids of items."""

    items: ItemIds


@router.post("/{name:path}/items", responses=_TOLD)
def add(service: Served, name: Collection, wanted: Annotated[Items, Body(examples=[{"items": [3, 7]}])]) -> Gathered:
    """Add items to a collection, made when it is new; they stay in those they are in."""
    return gather(service.library, wanted.items, name, service.eye.command, {"by": "service"})
