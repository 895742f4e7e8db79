"""The page of the map."""

from fastapi import APIRouter, Request, Response

from mindseye.api.service.service import Served
from mindseye.api.web.page_routes import PageRoute
from mindseye.api.web.rendering import page

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/map")
def map_page(request: Request, service: Served, collection: str = "") -> Response:
    """Show the frame of the map; its script fetches what is on it. Raises NotFoundError for an unknown collection."""
    if collection:
        service.check_collection(collection)
    return page(request, "map.html.j2", collections=[each.name for each in service.eye.collections()])
