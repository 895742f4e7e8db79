"""Whether polygons are shifted against the picture they were drawn on: their outlines should run along its edges."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import rasterio.windows
import shapely
from scipy.ndimage import gaussian_gradient_magnitude

from mindseye.indexer.gis.opening import Source
from mindseye.indexer.gis.placing import Ground, Imagery, applied
from mindseye.indexer.gis.rules import OffsetRules

Surface = npt.NDArray[np.float64]

REACH = 24  # pixels each way that are looked at
_POLYGONS = 300  # are looked at, at most
_FEWEST = 12  # with less nothing is told
_SMALLEST, _LARGEST = 4, 200  # pixels: sides of polygons whose outline can be followed
_POINTS = 96  # on each outline
_OUTLINED = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_SHARE_OF_DRAWS = 0.95  # that must agree with what is told
_DRAWS = 200
_NEAR = 1.5  # pixels: draws so near to each other agree, and shifts so small are none
_CLEAR = 6.0  # standard errors by which the edges at the shift stand out


@dataclass(frozen=True)
class Shift:
    """How far, in pixels to the right and down, polygons must be moved to fit; polygons: how many tell so."""

    right: float
    down: float
    polygons: int


def find_shift(source: Source, polygons: np.ndarray, seed: int = 0) -> Shift | None:
    """Return how polygons, in the CRS of an open raster, are shifted against it; None when not sure, or not at all.

    Each polygon gives a surface: the mean strength of the picture's edges under its outline, for each shift. Their mean
    peaks at the shift, which is told when it stands out, and most draws of other polygons from the same (bootstrap)
    peak at the same place, none of them where the polygons are now.
    """
    chosen = np.random.default_rng(seed).permutation(np.flatnonzero(_followed(source, polygons)))[:_POLYGONS]
    surfaces = np.array([surface for polygon in polygons[chosen] for surface in _surface(source, polygon)])
    if len(surfaces) < _FEWEST:
        return None
    mean = surfaces.mean(axis=0)
    peak = _peak(mean)
    if np.hypot(*peak) <= _NEAR or mean[peak[1] + REACH, peak[0] + REACH] * np.sqrt(len(surfaces)) < _CLEAR:
        return None
    if np.abs(peak).max() == REACH:  # rising still: the true place may lie beyond
        return None
    weights = np.random.default_rng(seed).multinomial(len(surfaces), np.full(len(surfaces), 1 / len(surfaces)), _DRAWS)
    draws = np.array([_peak(surface) for surface in np.tensordot(weights, surfaces, axes=1)])
    agree = np.hypot(*(draws - peak).T) <= _NEAR
    if agree.mean() < _SHARE_OF_DRAWS or (np.hypot(*draws.T) <= _NEAR).any():
        return None
    right, down = draws[agree].mean(axis=0)
    return Shift(float(right), float(down), len(surfaces))


def told_shift(shift: Shift, name: str, raster: Imagery, ground: Ground, given: OffsetRules) -> str:
    """Return in words how a layer is shifted, and the offset to write, on top of what the rules give already."""
    right, down = shift.right, shift.down
    if given.unit == "pixels":
        east, north, digits = right, -down, 1
    else:
        start = applied(raster.transform, raster.width / 2, raster.height / 2)
        end = applied(raster.transform, raster.width / 2 + right, raster.height / 2 + down)
        east, north = ground.metres(start, end)
        digits = 1 if np.hypot(east, north) < 100 else 0
    sides = f"{abs(east):.{digits}f} to the {'east' if east > 0 else 'west'} and {abs(north):.{digits}f} to the "
    sides += "north" if north > 0 else "south"
    east, north = round(given.east + east, digits), round(given.north + north, digits)
    unit = "" if given.unit == "metres" else ", unit: pixels"
    return (
        f"layer {name} seems shifted against the picture: the outlines of {shift.polygons} polygons lie on its edges "
        f"when moved, in {given.unit}, {sides}; if so, write `offset: {{east: {east:g}, north: {north:g}{unit}}}`"
    )


def _followed(source: Source, polygons: np.ndarray) -> npt.NDArray[np.bool_]:
    """Return which polygons are neither too small nor too large to be followed, and far enough from the margin."""
    left, top, right, bottom = _in_pixels(source, polygons)
    sides = np.maximum(right - left, bottom - top)
    inside = (left >= REACH) & (top >= REACH) & (right < source.width - REACH) & (bottom < source.height - REACH)
    outlined = np.isin(shapely.get_type_id(polygons), _OUTLINED)  # a repaired one may be a collection, with lines in it
    return np.asarray((sides >= _SMALLEST) & (sides <= _LARGEST) & inside & outlined)


def _in_pixels(source: Source, polygons: np.ndarray) -> npt.NDArray[np.float64]:
    west, south, east, north = shapely.bounds(polygons).T
    to_pixels = ~source.transform
    columns, rows = zip(
        *(applied(to_pixels, *corner) for corner in ((west, north), (east, north), (west, south), (east, south))),
        strict=True,
    )
    return np.array([np.min(columns, axis=0), np.min(rows, axis=0), np.max(columns, axis=0), np.max(rows, axis=0)])


def _surface(source: Source, polygon: shapely.Geometry) -> Iterator[Surface]:
    """Yield the strength of edges under a polygon's outline at each shift (down, right), standardised; or nothing."""
    outline = shapely.boundary(polygon)
    along = shapely.line_interpolate_point(outline, np.linspace(0, 1, _POINTS, endpoint=False), normalized=True)
    columns, rows = np.floor(applied(~source.transform, *shapely.get_coordinates(along).T)).astype(int)
    left, top = columns.min() - REACH, rows.min() - REACH
    width, height = np.ptp(columns) + 2 * REACH + 1, np.ptp(rows) + 2 * REACH + 1
    window = rasterio.windows.Window(left, top, width, height)
    if not (source.dataset_mask(window=window) > 0).all():
        return
    bands = list(range(1, min(source.count, 3) + 1))
    edges = gaussian_gradient_magnitude(source.read(bands, window=window).astype(np.float64).mean(axis=0), sigma=1)
    views = np.lib.stride_tricks.sliding_window_view(edges, (2 * REACH + 1, 2 * REACH + 1))
    surface = views[rows - rows.min(), columns - columns.min()].mean(axis=0)
    if surface.std() > 0:
        yield (surface - surface.mean()) / surface.std()


def _peak(surface: Surface) -> npt.NDArray[np.int64]:
    row, column = np.unravel_index(surface.argmax(), surface.shape)
    return np.array([column - REACH, row - REACH])
