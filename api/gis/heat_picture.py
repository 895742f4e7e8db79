"""A heat as a picture: the rasters in grey, the scores as colours over them, the likest tiles outlined."""

import math
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from mindseye.api.gis.heat import Heat
from mindseye.api.gis.panels import Panel, panels
from mindseye.api.outputs import write_whole
from mindseye.indexer.gis.mosaic import averaged, draw_pieces

_MOST = 6  # grounds that are drawn
_LONGEST = 1100  # px of a ground
_HEIGHT, _WIDTH = 11.0, 13.0  # inches at most
_DPI = 110
_COLOURS = colormaps["viridis"]  # perceptually uniform
_STRENGTH = 0.5  # of colour over the grey
_ENDS = (1, 99)  # per cent that scores and greys span: one odd value does not stretch them
_PAPER, _INK = "#faf9f7", "#1d1b19"


def write_heat(found: Heat, output: Path) -> list[str]:
    """Draw a heat as PNG and return what it leaves out. Raises MindseyeError when it cannot be written."""
    figure, notes = draw_heat(found)
    buffer = BytesIO()
    figure.savefig(buffer, dpi=_DPI, facecolor=_PAPER)
    write_whole(output, buffer.getvalue())
    return notes


def draw_heat(found: Heat) -> tuple[Figure, list[str]]:
    """Return a figure of the rasters that tiles lie in, coloured by their scores, and what it leaves out.

    Where tiles overlap, a place has their mean score.
    """
    every = panels(found.tiles, _LONGEST)
    drawn, best = every[:_MOST], found.best()
    low, high = np.percentile(found.scores, _ENDS)
    colours = ScalarMappable(Normalize(low, max(high, low + 1e-6)), _COLOURS)
    figure, grid = _figure(drawn)
    notes = [f"{len(every) - _MOST} more places are not drawn"] if len(every) > _MOST else []
    for axes, panel in zip(grid, drawn, strict=False):
        notes += _draw(axes, panel, found, colours)
        _outline(axes, panel, best)
    bar = figure.colorbar(colours, ax=grid, fraction=0.035, pad=0.02, extend="both")
    bar.set_label(f"score for “{found.text}”: the higher, the more a tile is like it")
    numbered = f"1 to {len(best)}: the tiles most like it"
    figure.suptitle(f"{found.text}: {len(found.tiles):,} tiles; {numbered}", x=0.01, ha="left", color=_INK)
    return figure, notes


def _figure(drawn: Sequence[Panel]) -> tuple[Figure, list[Axes]]:
    """Return an empty figure with axes for each ground, as large as their shapes want."""
    columns = math.ceil(math.sqrt(len(drawn)))
    rows = -(-len(drawn) // columns)
    shape = max(panel.ground.height for panel in drawn) / max(panel.ground.width for panel in drawn)
    width = min(_WIDTH, _HEIGHT / shape * columns / rows + 2)
    height = min(_HEIGHT, width / columns * shape * rows + 0.8)
    figure = Figure(figsize=(max(width, 6), max(height, 4)), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for axes in grid[len(drawn) :]:
        axes.set_axis_off()
    return figure, grid


def _draw(axes: Axes, panel: Panel, found: Heat, colours: ScalarMappable) -> list[str]:
    ground = panel.ground
    extent = ground.west, ground.east, ground.south, ground.north
    picture, unread = draw_pieces(ground, panel.pieces)
    grey = picture[..., :3] @ np.array([0.299, 0.587, 0.114])
    shown = grey[picture[..., 3] > 0]
    dark, light = np.percentile(shown, _ENDS) if shown.size else (0, 255)
    style: dict[str, Any] = {"extent": extent, "interpolation": "nearest"}
    axes.imshow(grey, cmap="gray", vmin=dark, vmax=light, alpha=picture[..., 3] / 255, **style)
    values = averaged(ground, panel.rings, found.scores[list(panel.numbers)].tolist())
    painted = colours.to_rgba(values)
    painted[..., 3] = np.where(np.isnan(values), 0, _STRENGTH)
    axes.imshow(painted, **style)
    axes.set_aspect(1 / math.cos(math.radians((ground.south + ground.north) / 2)))
    names = sorted({piece.raster.name for piece in panel.pieces})
    title = f"{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}"
    axes.set_title(", ".join(filter(None, (title, panel.date))), fontsize=9, color=_INK)
    for axis, signs in ((axes.xaxis, "EW"), (axes.yaxis, "NS")):
        axis.set_major_locator(MaxNLocator(4))
        axis.set_major_formatter(FuncFormatter(lambda degrees, _, signs=signs: _degrees(degrees, signs)))
    axes.tick_params(labelsize=8)
    return [f"drawn without {each}" for each in unread]


def _outline(axes: Axes, panel: Panel, best: Sequence[int]) -> None:
    """Outline the likest tiles that lie on a ground, the best last so that it is on top, and number them."""
    places = {number: ring for number, ring in zip(panel.numbers, panel.rings, strict=True) if number in best}
    for rank, number in reversed(list(enumerate(best, 1))):
        if number not in places:
            continue
        ring = np.array(places[number])
        for width, colour in ((3.0, "white"), (1.4, "#d1243a")):
            axes.add_collection(PolyCollection([ring], facecolors="none", edgecolors=colour, linewidths=width))
        west, north = ring[:, 0].min(), ring[:, 1].max()
        box = {"facecolor": "#d1243a", "edgecolor": "white", "pad": 1.2, "linewidth": 0.8}
        axes.text(west, north, str(rank), color="white", fontsize=7, va="top", bbox=box)


def _degrees(degrees: float, signs: str) -> str:
    degrees = (degrees + 180) % 360 - 180 if signs == "EW" and degrees > 180 else degrees
    return f"{abs(degrees):.6g}°{signs[int(degrees < 0)] if degrees else ''}"
