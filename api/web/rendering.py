"""How pages are rendered: templates that escape all they are given, and files under names that browsers may keep."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from mindseye.api.service.service import served
from mindseye.api.web import wording
from mindseye.engine.fingerprints import sha256_of_file

STATIC = Path(str(files("mindseye.api.web"))) / "static"
_LEAFLET = Path(str(files("js_lib_leaflet"))) / "static" / "js_lib_leaflet"
VENDORED = {"htmx.min.js": Path(str(files("js_lib_htmx"))) / "static" / "htmx" / "htmx.min.js"} | {
    f"leaflet/{name}": _LEAFLET / name
    for name in ("leaflet.js", "leaflet.css", "images/layers.png", "images/layers-2x.png", "images/marker-icon.png")
}
NAVIGATION = (
    ("/", "Search", "search"),
    ("/library", "Library", "library"),
    ("/map", "Map", "map"),
    ("/studies", "Studies", "study"),
    ("/status", "Status", "status"),
)
_PLACES = ("/places", "Places", "place")  # only where it has something to show: most libraries have no tiles


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    r"""Return a template as a page, or as the part of one that it is; values: what it shows, escaped by it.

    A template of a whole page extends `page.html.j2`; it knows `request`, `asset(name)`, the filters of
    `mindseye.api.web.wording`, and of the service's roots `may_show` and `as_shown`. Bytes of file names that are no
    UTF-8 are written as escapes, as in `\udcff`.
    """
    roots = served(request).roots
    known = {"request": request, "may_show": roots.may_show, "as_shown": roots.as_shown} | values
    told = _templates().get_template(template).render(known)
    return HTMLResponse(told.encode("utf-8", "backslashreplace"), status)


def is_fragment(request: Request) -> bool:
    """Whether a part of a page is asked for, by htmx or by the page's own scripts, and no whole one."""
    return request.headers.get("hx-request") == "true"


def navigation(request: Request) -> tuple[tuple[str, str, str], ...]:
    """Return the address, name and icon of each page that the header leads to."""
    *most, last = NAVIGATION
    return (*most, _PLACES, last) if served(request).places.any() else NAVIGATION


@cache
def asset(name: str) -> str:
    """Return the address of a file below static/ or of a vendored one; it changes with what the file holds."""
    kept = file_of(name)
    assert kept is not None, f"a template names {name}, which is no static file"
    return f"/static/{name}?v={sha256_of_file(kept)[:10]}"


def file_of(name: str) -> Path | None:
    """Return the file that is served under a name below /static/, None for any other name."""
    if name.startswith("vendor/"):
        return VENDORED.get(name.removeprefix("vendor/"))
    return STATIC / name if name in {each.name for each in STATIC.iterdir() if each.is_file()} else None


@cache
def _templates() -> Environment:
    loader = PackageLoader("mindseye.api", "web/templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals |= {"asset": asset, "navigation": navigation}
    made.filters |= wording.FILTERS
    return made
