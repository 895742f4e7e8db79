"""Tiles of a raster by strips: what is valid in each, read so that little is in memory whatever the raster."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
import shapely.geometry
from rasterio import Affine
from rasterio.features import shapes, sieve

from mindseye.indexer.gis.grid import Grid
from mindseye.indexer.gis.opening import Source, opened
from mindseye.indexer.gis.pixels import Mask, read_valid
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.records import Ring, Window

_PIXELS = 1 << 22  # of a strip whose valid pixels are looked at: bounds the memory
_TILES = 256  # of any strip
_SPECK = 4096  # missing, or valid, pixels together that are fewer than a tile's by this count as their surroundings


@dataclass(frozen=True)
class Strip:
    """Some neighbouring tiles: (n,) windows, valid regions (polygons in the raster's CRS), shares and footprints.

    lacking: how many more were left out, since they hold too little data; astray: how many since no ring of degrees
    tells where they lie (`rings_of`).
    """

    windows: list[Window]
    regions: npt.NDArray[np.object_]
    valid: npt.NDArray[np.float64]
    footprints: list[Ring]
    lacking: int = 0
    astray: int = 0


def strips(raster: Raster, grid: Grid, max_nodata: float = 1.0) -> Iterator[Strip]:
    """Yield the tiles of a raster, row by row, without those that lack more than max_nodata, or all, of their data.

    A tile's region is its box where all is valid, else the shape of its valid pixels. Raises UnreadableFileError.
    """
    with opened(raster.path) as source:
        for row in range(len(grid.rows.starts)):
            for columns in _parts(raster, grid, row):
                yield _strip(source, raster, grid, row, columns, max_nodata)


def _parts(raster: Raster, grid: Grid, row: int) -> Iterator[slice]:
    height = int(grid.rows.stops[row] - grid.rows.starts[row])
    apart = int(np.diff(grid.columns.starts).max(initial=1))
    number = _TILES if raster.all_valid else min(_TILES, max(1, _PIXELS // (height * apart)))
    for first in range(0, len(grid.columns.starts), number):
        yield slice(first, first + number)


def _strip(source: Source, raster: Raster, grid: Grid, row: int, columns: slice, max_nodata: float) -> Strip:
    windows, corners = grid.windows(row, columns), grid.corners(raster, row, columns)
    regions, valid = shapely.polygons(corners), np.ones(len(windows))
    if not raster.all_valid:
        first, last = windows[0], windows[-1]
        whole = Window(first.column, first.row, last.column + last.width - first.column, first.height)
        mask = read_valid(source, whole)
        if not mask.all():
            for number, window in enumerate(windows):
                part = mask[:, window.column - whole.column : window.column - whole.column + window.width]
                valid[number], shape = _valid_part(part, raster, window)
                regions[number] = regions[number] if shape is None else shape
    keep = (valid > 0) & (valid >= 1 - max_nodata)
    rings = raster.footprints(corners[keep])
    told = keep.copy()
    told[keep] = [ring is not None for ring in rings]
    kept = [window for window, good in zip(windows, told, strict=True) if good]
    lacking, astray = int((~keep).sum()), int((keep & ~told).sum())
    return Strip(kept, regions[told], valid[told], [ring for ring in rings if ring is not None], lacking, astray)


def _valid_part(mask: Mask, raster: Raster, window: Window) -> tuple[float, shapely.Geometry | None]:
    """Return which share of a tile is valid, and its shape, None for the whole tile.

    Dark roofs that happen to have the nodata value are no margins: specks count as what surrounds them.
    """
    if mask.all() or not mask.any():
        return float(mask.any()), None
    smooth = sieve(mask.astype(np.uint8), max(1, mask.size // _SPECK), connectivity=4)
    if smooth.all() or not smooth.any():
        return float(smooth.any()), None
    a, b, _, d, e, _ = raster.transform[:6]
    x, y = raster.corners(window.column, window.row, window.column, window.row)[0]
    here = Affine(a, b, x, d, e, y)
    outlines = shapes(smooth, mask=smooth.astype(bool), connectivity=4, transform=here)
    found = [shapely.geometry.shape(outline) for outline, _ in outlines]
    return float(smooth.mean()), found[0] if len(found) == 1 else shapely.multipolygons(found)
