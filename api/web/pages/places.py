"""The page of places: imagery of the library as a map, and what its tiles show."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from mindseye.api.service.service import Served
from mindseye.api.web.page_routes import PageRoute
from mindseye.api.web.rendering import page
from mindseye.engine.errors import NotFoundError

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_NONE: dict[str, Any] = {"tiles": 0, "box": None, "rasters": [], "dates": [], "words": []}


class Asked(BaseModel):
    """What the address of the page asks, as its form writes it; its script reads the form."""

    q: str = ""
    like: str = ""
    near: str = ""
    radius: str = ""
    box: str = ""
    collection: str = ""
    label: str = ""
    date: str = ""
    heat: str = ""


@router.get("/places")
def places(request: Request, service: Served, asked: Annotated[Asked, Query()]) -> Response:
    """Show the frame of the map; its script fetches what is on it. Raises NotFoundError for an unknown collection."""
    if asked.collection:
        service.check_collection(asked.collection)
    try:
        told = service.places.told()
    except NotFoundError:  # there is no library yet
        told = _NONE
    collections = sorted({name for each in told["rasters"] for name in each["collections"]})
    days = sorted({date[:10] for date in told["dates"]})
    return page(request, "places.html.j2", asked=asked, collections=collections, days=days, **told)
