"""A tile set at a glance: its rasters, and over them the tiles in the colours of their words."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Self

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from PIL import Image, ImageOps

from mindseye.api.outputs import write_whole
from mindseye.api.progress import Progress
from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis.quicklook import quicklook
from mindseye.indexer.gis.records import Tile
from mindseye.indexer.gis.tileset import TileSet

_SIDE = 1600  # pixels of a raster at most
_ACROSS = 3  # rasters in a row
_HEIGHT = 6.0  # inches of each
_COLOURS = [colormaps["tab10"](number) for number in (1, 0, 3, 2, 4, 6, 8, 9, 5)]  # its grey is kept for the rest
_OTHER = (0.25, 0.25, 0.25, 1.0)
_STRENGTH = 0.4  # of colour over the picture

Colour = tuple[float, float, float, float]


def write_tile_sheet(tileset: TileSet, output: Path, progress: Progress) -> None:
    """Draw a tile set as PNG; progress is told (done, total) of rasters. Raises UnreadableFileError, MindseyeError."""
    buffer = BytesIO()
    draw_tiles(tileset.tiles(), f"{tileset.folder.name}, version {tileset.version}", progress).savefig(buffer, dpi=110)
    write_whole(output, buffer.getvalue())


def draw_tiles(tiles: Sequence[Tile], title: str, progress: Progress) -> Figure:
    """Return a figure of tiles over their rasters; the most frequent words have a colour each, others are grey."""
    rasters = [_Drawn.of(path, list(mine)) for path, mine in groupby(tiles, lambda tile: tile.raster)]
    counts = Counter(word for tile in tiles for word in tile.labels)
    colours: dict[str, Colour] = dict(zip([word for word, _ in counts.most_common()], _COLOURS, strict=False))
    columns = min(_ACROSS, len(rasters))
    rows = -(-len(rasters) // columns)
    widths = [max(drawn.width for drawn in rasters[column::columns]) for column in range(columns)]
    figure = Figure(figsize=(sum(widths) + 2.2, _HEIGHT * rows + 0.6), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, width_ratios=widths).ravel()
    for axes in grid:
        axes.set_axis_off()
    for number, (axes, drawn) in enumerate(zip(grid, rasters, strict=False), 1):
        _draw_raster(axes, drawn, colours)
        progress(number, len(rasters))
    figure.suptitle(f"{title}: {len(tiles):,} tiles", x=0.01, ha="left")
    figure.legend(handles=_legend(tiles, counts, colours), loc="outside right upper", frameon=False)
    return figure


@dataclass(frozen=True)
class _Drawn:
    """A raster as it is drawn: reduced by `factor`; the picture is None, and the reason told, when it cannot be."""

    tiles: Sequence[Tile]
    picture: Image.Image | None
    factor: float = 1.0
    reason: str = ""

    @classmethod
    def of(cls, path: Path, tiles: Sequence[Tile]) -> Self:
        try:
            return cls(tiles, *quicklook(path, tiles[0].rendering, _SIDE))
        except UnreadableFileError as error:
            return cls(tiles, None, reason=error.what)

    @property
    def width(self) -> float:
        """Inches: by its shape, within reason."""
        shape = 1.0 if self.picture is None else self.picture.width / self.picture.height
        return _HEIGHT * min(max(shape, 0.5), 1.6)


def _draw_raster(axes: Axes, drawn: _Drawn, colours: dict[str, Colour]) -> None:
    first = drawn.tiles[0]
    when = f", {first.date}" if first.date else ""
    told = f"{textwrap.shorten(first.raster.name, 48, placeholder='…')}{when}\n{len(drawn.tiles):,} tiles"
    axes.set_title(told, fontsize=9, loc="left")
    if drawn.picture is None:
        axes.text(0.5, 0.5, textwrap.fill(drawn.reason, 40), ha="center", va="center")
        return
    grey = ImageOps.autocontrast(drawn.picture.convert("L"), cutoff=1)  # so that colours are those of words
    axes.imshow(grey, cmap="gray", vmin=-80, vmax=255)
    stripes = [stripe for tile in drawn.tiles for stripe in _stripes(tile, drawn.factor, colours)]
    axes.add_collection(
        PatchCollection([box for box, _ in stripes], facecolors=[c for _, c in stripes], alpha=_STRENGTH)
    )
    outlines = [_box(tile, drawn.factor) for tile in drawn.tiles]
    thick = min(0.5, max(outlines, key=Rectangle.get_width).get_width() / 40)
    axes.add_collection(PatchCollection(outlines, facecolor="none", edgecolor="white", linewidth=thick))


def _box(tile: Tile, factor: float, share: float = 1.0, number: int = 0) -> Rectangle:
    """Return a tile, or one of its upright stripes, in pixels of the reduced raster."""
    width, height = tile.window.width / factor * share, tile.window.height / factor
    return Rectangle(
        (tile.window.column / factor - 0.5 + number * width, tile.window.row / factor - 0.5), width, height
    )


def _stripes(tile: Tile, factor: float, colours: dict[str, Colour]) -> Iterator[tuple[Rectangle, Colour]]:
    """Yield a stripe of each of the tile's words."""
    shown = sorted({colours.get(word, _OTHER) for word in tile.labels})
    for number, colour in enumerate(shown):
        yield _box(tile, factor, 1 / len(shown), number), colour


def _legend(tiles: Sequence[Tile], counts: Counter[str], colours: dict[str, Colour]) -> list[Patch]:
    named = [
        Patch(color=colour, alpha=_STRENGTH, label=f"{word}  {counts[word]:,}") for word, colour in colours.items()
    ]
    others = sum(not set(tile.labels) <= set(colours) for tile in tiles)
    if others:
        named.append(
            Patch(color=_OTHER, alpha=_STRENGTH, label=f"{len(counts) - len(colours)} other words  {others:,}")
        )
    if bare := sum(not tile.labels for tile in tiles):
        named.append(Patch(facecolor="none", edgecolor="0.6", label=f"no word  {bare:,}"))
    return named
