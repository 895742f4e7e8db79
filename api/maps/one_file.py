"""A map in one file: the page's own scripts and styles, all places and small pictures, and nothing to fetch."""

import base64
import json
import re
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mindseye.api.maps.chart import Chart
from mindseye.api.maps.sprites import MEDIA_TYPE, SIDE, Thumbnail, draw_sheet, sheets_of
from mindseye.api.progress import Progress

_LARGE, _LARGE_UP_TO = 80, 2_000  # px of a small picture where there are no more pictures
_SCRIPTS = (
    "elements", "map_view", "map_placement", "map_sprites", "map_paint", "map_stage", "map_panel", "map_file",
)  # fmt: skip
_STYLES = ("mindseye", "controls", "map")
_IMPORT = re.compile(r"^import .*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)


def one_file(chart: Chart, thumbnail: Thumbnail, title: str, progress: Progress | None = None) -> str:
    """Return the map as HTML; thumbnail: as `draw_sheet` takes it; progress is told (sheets done, total)."""
    side = _LARGE if len(chart.pictures) <= _LARGE_UP_TO else SIDE
    sheet = sheets_of(chart, side)
    addresses = []
    for number in range(sheet.sheets):
        addresses.append(_data_uri(draw_sheet(chart, number, thumbnail, side)))
        if progress:
            progress(number + 1, sheet.sheets)
    told = chart.as_dict() | {"sheets": {"side": sheet.side, "across": sheet.across, "addresses": addresses}}
    templates = PackageLoader("mindseye.api", "web/templates")
    page = Environment(loader=templates, autoescape=True, undefined=StrictUndefined).get_template("map_file.html.j2")
    return page.render(title=title, styles=_styles(), script=_script(), data=_json(told))


def _script() -> Markup:
    """Return the page's modules as one: they import from each other alone, and share no name."""
    modules = [_static(f"{name}.js") for name in _SCRIPTS]
    return Markup("".join(_EXPORT.sub("", _IMPORT.sub("", module)) for module in modules))


def _styles() -> Markup:
    return Markup("".join(_static(f"{name}.css") for name in _STYLES))


def _json(told: object) -> Markup:
    """Return JSON that ends no script, whatever the texts in it are."""
    return Markup(json.dumps(told).replace("<", "\\u003c"))


def _static(name: str) -> str:
    return (files("mindseye.api.web") / "static" / name).read_text(encoding="utf-8")


def _data_uri(data: bytes) -> str:
    return f"data:{MEDIA_TYPE};base64,{base64.b64encode(data).decode()}"
