"""Searches: by words, sums, pictures and items."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from mindseye.api.modalities import read_modalities
from mindseye.api.service.links import with_links
from mindseye.api.service.service import Served

router = APIRouter(prefix="/v1", tags=["search"])


@router.get("/search")
def search(
    service: Served,
    q: Annotated[str, Query(min_length=1, max_length=2000)],
    limit: Annotated[int, Query(ge=1, le=500)] = 10,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    among: Annotated[str | None, Query(alias="in")] = None,
    imagine: Literal["never", "auto", "always"] = "never",
) -> dict[str, Any]:
    """Search by a word, a phrase, a sentence, or a sum."""
    return with_links(service.eye.search(q, limit, offset=offset, modalities=read_modalities(among)))
