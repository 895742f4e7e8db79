"""The most changed places as a picture: then and later side by side, and towards which words."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from mindseye.api.gis.change import Change, Moved
from mindseye.api.gis.heat import middle
from mindseye.api.mindseye import Mindseye
from mindseye.api.outputs import write_whole
from mindseye.engine.errors import MindseyeError
from mindseye.indexer.gis.placed import PlacedTile

_MOST = 8  # places that are shown
_COLUMNS = 2  # of places
_SIDE = 2.3  # inches of a tile
_DPI = 110
_PAPER, _INK = "#faf9f7", "#1d1b19"


def write_change(eye: Mindseye, found: Change, title: str, output: Path) -> list[str]:
    """Draw the most changed places as PNG, and return what could not be drawn. Raises MindseyeError."""
    figure, notes = draw_change(eye, found.places[:_MOST], title)
    buffer = BytesIO()
    figure.savefig(buffer, dpi=_DPI, facecolor=_PAPER)
    write_whole(output, buffer.getvalue())
    return notes


def draw_change(eye: Mindseye, places: Sequence[Moved], title: str) -> tuple[Figure, list[str]]:
    """Return a figure of places at both dates, and which tiles cannot be shown any more."""
    columns = min(_COLUMNS, len(places))
    rows = -(-len(places) // columns)
    figure = Figure(figsize=(2 * columns * _SIDE + 0.6, rows * (_SIDE + 0.45) + 0.5), layout="constrained")
    grid = figure.subplots(rows, 2 * columns, squeeze=False).reshape(-1, 2)
    notes: list[str] = []
    for axes in grid.ravel():
        axes.set_axis_off()
    for rank, (pair, place) in enumerate(zip(grid, places, strict=False), 1):
        for axes, tile in zip(pair, (place.before, place.after), strict=True):
            notes += _draw(axes, eye, tile)
        pair[0].set_title(f"{rank}.  moved {place.moved:.2f}\n{place.before.date or 'before'}", **_WORDS)
        pair[1].set_title(f"{_directions(place)}\n{place.after.date or 'after'}  {middle(place.after)}", **_WORDS)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, color=_INK)
    return figure, notes


_WORDS = {"fontsize": 7.5, "loc": "left", "color": _INK}


def _directions(place: Moved) -> str:
    towards = ", ".join(word for word, _ in place.towards[:2])
    away = ", ".join(word for word, _ in place.away[:2])
    return "   ".join([*([f"+ {towards}"] if towards else []), *([f"− {away}"] if away else [])])


def _draw(axes: Axes, eye: Mindseye, tile: PlacedTile) -> list[str]:
    try:
        with Image.open(eye.thumbnail(tile.item_id)) as picture:
            axes.imshow(np.asarray(picture.convert("RGB")))
    except MindseyeError as error:
        return [error.what]
    return []
