"""Files that are sent: by the id of an item, only while they are what was indexed."""

import io
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import FileResponse

from mindseye.api.service.service import Service
from mindseye.api.service.telling import tellable
from mindseye.engine.errors import NotFoundError
from mindseye.indexer.records import Item, Skip

_BINARY = {"schema": {"type": "string", "format": "binary"}, "example": "(the bytes of the picture)"}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/*": _BINARY}, "description": "The file"},
    304: {"description": "It is still as it was"},
}
_KEPT = "private, max-age=300"  # seconds: a page that is paged through asks once
_NO_PAGE = {"Content-Security-Policy": "default-src 'none'; sandbox"}  # a text may hold a script


def send_thumbnail(request: Request, service: Service, item: Item) -> Response:
    """Return the answer that sends an item's small picture. Raises NotFoundError, OutsideError."""
    service.roots.to_show_item(item)
    return _unchanged(request, item) or _file(service.eye.thumbnail(item.id), "image/jpeg", item)


def send_original(request: Request, service: Service, item: Item) -> Response:
    """Return the answer that sends an item's file. Raises NotFoundError when it is gone or changed, OutsideError."""
    if item.modality == "word":
        raise NotFoundError(f"item {item.id} is a word and has no file", "name a picture or a text")
    file = service.roots.to_show_item(item)
    if item.modality == "image" and item.place:
        return _unchanged(request, item) or _tile(service, item)
    if item.state != "present" or not _is_as_indexed(file, item):
        raise NotFoundError(f"{item.path.name} is gone or has changed", "index its folder again")
    if item.modality == "image":
        return _unchanged(request, item) or _file(file, item.media_type, item)
    return FileResponse(file, media_type="application/octet-stream", filename=tellable(file.name), headers=_NO_PAGE)


def _tile(service: Service, item: Item) -> Response:
    """Return the answer that sends a tile: its window of the raster as a PNG."""
    outcome = service.library.picture(item.id)
    if item.state != "present" or isinstance(outcome, Skip):
        raise NotFoundError(f"{item.path.name} is gone or has changed", "index its tile set again")
    data = io.BytesIO()
    outcome.picture.image.save(data, "PNG")
    headers = {"Cache-Control": _KEPT, "ETag": _tag(item), **_NO_PAGE}
    return Response(data.getvalue(), media_type="image/png", headers=headers)


def _file(file: Path, media_type: str, item: Item) -> Response:
    headers = {"Cache-Control": _KEPT, "ETag": _tag(item), **_NO_PAGE}
    return FileResponse(file, media_type=media_type, headers=headers)


def _unchanged(request: Request, item: Item) -> Response | None:
    known = request.headers.get("if-none-match", "")
    return Response(status_code=304, headers={"ETag": _tag(item)}) if _tag(item) in known else None


def _tag(item: Item) -> str:
    return f'"{item.sha256[:32]}"'


def _is_as_indexed(file: Path, item: Item) -> bool:
    try:
        about = file.stat()
    except OSError:
        return False
    return about.st_mtime_ns == item.modified
