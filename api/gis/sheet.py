"""A tile set at a glance: its rasters, and over them the tiles in the colours of their words."""

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from itertools import groupby
from pathlib import Path

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

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
_STRENGTH = 0.45  # of colour over the picture

Colour = tuple[float, float, float, float]


def write_tile_sheet(tileset: TileSet, output: Path, progress: Progress) -> None:
    """Draw a tile set as PNG; progress is told (done, total) of rasters. Raises UnreadableFileError, MindseyeError."""
    buffer = BytesIO()
    draw_tiles(tileset.tiles(), f"{tileset.folder.name}, version {tileset.version}", progress).savefig(buffer, dpi=110)
    write_whole(output, buffer.getvalue())


def draw_tiles(tiles: Sequence[Tile], title: str, progress: Progress) -> Figure:
    """Return a figure of tiles over their rasters; the most frequent words have a colour each, others are grey."""
    rasters = [(path, list(mine)) for path, mine in groupby(tiles, lambda tile: tile.raster)]
    counts = Counter(word for tile in tiles for word in tile.labels)
    colours: dict[str, Colour] = dict(zip([word for word, _ in counts.most_common()], _COLOURS, strict=False))
    columns = min(_ACROSS, len(rasters))
    rows = -(-len(rasters) // columns)
    figure = Figure(figsize=(_HEIGHT * columns + 2.5, _HEIGHT * rows + 0.8), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for number, (axes, (path, mine)) in enumerate(zip(grid, rasters, strict=False), 1):
        _draw_raster(axes, path, mine, colours)
        progress(number, len(rasters))
    for axes in grid[len(rasters) :]:
        axes.set_axis_off()
    figure.suptitle(f"{title}: {len(tiles):,} tiles")
    figure.legend(handles=_legend(tiles, counts, colours), loc="outside right upper", frameon=False)
    return figure


def _draw_raster(axes: Axes, path: Path, tiles: Sequence[Tile], colours: dict[str, Colour]) -> None:
    when = f", {tiles[0].date}" if tiles[0].date else ""
    axes.set_title(f"{path.name}{when}\n{len(tiles):,} tiles", fontsize=9)
    axes.set_xticks([])
    axes.set_yticks([])
    try:
        picture, factor = quicklook(path, tiles[0].rendering, _SIDE)
    except UnreadableFileError as error:
        axes.text(0.5, 0.5, error.what, ha="center", va="center", wrap=True)
        return
    axes.imshow(picture.convert("L"), cmap="gray", vmin=-60, vmax=255)  # greyed, so that colours are those of words
    for tile in tiles:
        _draw_tile(axes, tile, factor, colours)


def _draw_tile(axes: Axes, tile: Tile, factor: float, colours: dict[str, Colour]) -> None:
    """Draw an outline, and within it a stripe of each of the tile's words."""
    left, top = tile.window.column / factor - 0.5, tile.window.row / factor - 0.5
    width, height = tile.window.width / factor, tile.window.height / factor
    shown = sorted({colours.get(word, _OTHER) for word in tile.labels})
    stripes = [Rectangle((left + width * n / len(shown), top), width / len(shown), height) for n in range(len(shown))]
    axes.add_collection(PatchCollection(stripes, facecolors=shown, alpha=_STRENGTH))
    axes.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor="white", linewidth=0.4))


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
