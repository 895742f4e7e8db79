"""The files that pages are made with: styles, scripts and icons."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from mindseye.api.web.rendering import file_of

router = APIRouter(include_in_schema=False)
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # an address with ?v= names one content only
_ASK_AGAIN = {"Cache-Control": "no-cache"}


@router.get("/static/{name:path}")
def static_file(request: Request, name: str) -> Response:
    """Send a file of the page's own, or a vendored one."""
    file = file_of(name)
    if file is None:
        return Response(status_code=404)
    return FileResponse(file, headers=_FOREVER if "v" in request.query_params else _ASK_AGAIN)


@router.get("/favicon.ico")
def favicon() -> Response:
    """Send the icon that browsers ask for unasked."""
    return FileResponse(str(file_of("favicon.svg")), headers=_ASK_AGAIN, media_type="image/svg+xml")
