"""Where tiles lie along a raster's sides: by pixels or metres, overlapping, from its corner or on a grid of the map."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyproj import Geod, Transformer

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.records import Window
from mindseye.indexer.gis.rings import EARTH, Corners
from mindseye.indexer.gis.rules import TileRules

MAX_SIDE = 8192  # pixels
_TRUE_METRES = 0.01  # by how much a projection's metres may be off those on the ground and still count as they are
_NOISE = 6  # decimals of a pixel beyond which a place between two pixels is chance

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """The tiles along one side of a raster: (n,) first pixels and pixels past the last.

    lines: where they begin and end on the map (n, 2), for grids of the map, whose lines may run through pixels.
    """

    starts: Ints
    stops: Ints
    lines: Floats | None = None


@dataclass(frozen=True)
class Grid:
    """All tiles of a raster: the columns of tiles by the rows of tiles."""

    columns: Axis
    rows: Axis

    def __len__(self) -> int:
        return len(self.columns.starts) * len(self.rows.starts)

    def windows(self, row: int, columns: slice) -> list[Window]:
        """Return the windows of some tiles of a row of tiles."""
        top, height = int(self.rows.starts[row]), int(self.rows.stops[row] - self.rows.starts[row])
        spans = zip(self.columns.starts[columns].tolist(), self.columns.stops[columns].tolist(), strict=True)
        return [Window(start, top, stop - start, height) for start, stop in spans]

    def corners(self, raster: Raster, row: int, columns: slice) -> Corners:
        """Return their corners in the raster's CRS (n, 4, 2): of their pixels, or of the map's grid."""
        if self.columns.lines is None or self.rows.lines is None:
            left, right = self.columns.starts[columns], self.columns.stops[columns]
            return raster.corners(left, self.rows.starts[row], right, self.rows.stops[row])
        (left, right), (bottom, top) = self.columns.lines[columns].T, self.rows.lines[row]
        x = np.stack([left, left, right, right], axis=-1)
        y = np.broadcast_to(np.array([top, bottom, bottom, top]), x.shape)
        return np.stack([x, y], axis=-1)


def make_grid(raster: Raster, rules: TileRules) -> Grid:
    """Return the tiles of a raster, all of one size.

    Aligned with the raster, they cover it whole: the last column and row are moved inwards to end where it ends, and
    overlap their neighbours by more; a raster less wide or high than a tile is one tile. Aligned with the map's grid,
    at multiples of their size less the overlap in units of the map, they are those that lie whole within the raster,
    each shown by the pixels nearest to it. Raises UnreadableFileError when its pixels are too large or small for such
    tiles, and for a map's grid on a rotated raster.
    """
    sizes, steps = _in_pixels(raster, rules)
    if rules.align == "raster":
        return Grid(
            _along(raster.width, round(sizes[0]), round(steps[0])),
            _along(raster.height, round(sizes[1]), round(steps[1])),
        )
    if not raster.upright:
        hint = "write `align: raster`, or warp the raster to north up"
        raise UnreadableFileError(f"{raster.path} is rotated, and a grid of the map is not", hint)
    a, _, c, _, e, f = raster.transform[:6]
    return Grid(_on_map(raster.width, c, a, sizes[0], steps[0]), _on_map(raster.height, f, e, sizes[1], steps[1]))


def ground_pixel(raster: Raster) -> tuple[float, float]:
    """Return the width and height, in metres on the ground, of the pixel in a raster's middle.

    By geodesic; in a projection whose metres are those of the ground within 1 %, they are taken as they are.
    """
    x, y = raster.width / 2, raster.height / 2
    on_map = raster.corners([x - 0.5, x], [y, y - 0.5], [x + 0.5, x], [y, y + 0.5])  # of a line along, one across
    to_earth = Transformer.from_crs(raster.crs, EARTH, always_xy=True)
    longitudes, latitudes = to_earth.transform(on_map[..., 0], on_map[..., 1])
    _, _, lengths = Geod(ellps="WGS84").inv(longitudes[:, 0], latitudes[:, 0], longitudes[:, 2], latitudes[:, 2])
    if raster.crs.is_projected:
        unit = raster.crs.axis_info[0].unit_conversion_factor
        a, b, _, d, e, _ = raster.transform[:6]
        said = (float(np.hypot(a, d)) * unit, float(np.hypot(b, e)) * unit)
        if np.allclose(lengths, said, rtol=_TRUE_METRES):
            return said
    return float(lengths[0]), float(lengths[1])


def _in_pixels(raster: Raster, rules: TileRules) -> tuple[Floats, Floats]:
    """Return width and height of tiles, and from each to the next, in pixels; whole unless the grid is the map's."""
    pixel = np.array(ground_pixel(raster)) if rules.unit == "metres" else np.ones(2)
    if not np.isfinite(pixel).all():
        hint = "write `unit: pixels`, or check the CRS"
        raise UnreadableFileError(f"the middle of {raster.path} lies nowhere on Earth in its CRS", hint)
    sizes, steps = rules.size / pixel, (rules.size - rules.overlap) / pixel
    if rules.align == "raster" or raster.crs.is_geographic:
        sizes, steps = np.rint(sizes), np.rint(steps)
    if min(*sizes, *steps) < 1:
        told = " x ".join(f"{side:.3g}" for side in pixel)
        hint = "write larger tiles, or less overlap"
        raise UnreadableFileError(f"tiles of {rules.size:g} metres step by less than a pixel of {told} m", hint)
    if max(sizes) > MAX_SIDE:
        told = f"{max(sizes):,.0f} pixels a side, more than {MAX_SIDE:,}"
        raise UnreadableFileError(f"tiles of {rules.size:g} {rules.unit} of {raster.path} have {told}", "write less")
    return sizes, steps


def _along(length: int, size: int, step: int) -> Axis:
    starts = np.arange(0, max(length - size, 0) + 1, step)
    if starts[-1] + size < length:
        starts = np.append(starts, length - size)
    return Axis(starts, np.minimum(starts + size, length))


def _on_map(length: int, origin: float, pixel: float, size: float, step: float) -> Axis:
    """Return the cells of the map's grid, as many pixels long as size and step say, that lie within a raster's side."""
    cell, apart = size * abs(pixel), step * abs(pixel)
    ends = sorted((origin, origin + length * pixel))
    numbers = np.arange(np.floor((ends[0] - cell) / apart), np.ceil(ends[1] / apart) + 1)
    lines = np.stack([numbers * apart, numbers * apart + cell], axis=-1)
    spans = np.sort(np.floor(np.round((lines - origin) / pixel, _NOISE) + 0.5), axis=-1).astype(np.int64)
    inside = (spans[:, 0] >= 0) & (spans[:, 1] <= length)
    spans, lines = spans[inside], lines[inside]
    order = np.argsort(spans[:, 0])
    return Axis(spans[order, 0], spans[order, 1], lines[order])
