"""How the library does: what it holds, in which space, whether all agrees, and its repair."""

from fastapi import APIRouter, Request, Response

from mindseye.api.service.service import Served
from mindseye.api.service.upkeep import examined, start_repair
from mindseye.api.web.page_routes import PageRoute
from mindseye.api.web.pages.imagine import shown
from mindseye.api.web.rendering import is_fragment, page

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/status")
def status(request: Request, service: Served) -> Response:
    """Show what the library holds."""
    return page(request, "status.html.j2", held=service.eye.status(), told=None)


@router.get("/status/doctor")
def doctor(request: Request, service: Served) -> Response:
    """Examine the library, and show what is not as it should be."""
    told = examined(service)
    if is_fragment(request):
        return page(request, "doctor.html.j2", told=told)
    return page(request, "status.html.j2", held=service.eye.status(), told=told)


@router.post("/status/repair")
def repair(request: Request, service: Served) -> Response:
    """Begin to mend what can be mended."""
    return shown(request, start_repair(service))
