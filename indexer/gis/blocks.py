"""Blocks of space: tiles of two blocks are no neighbours, so one can be held out while others are learned from."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mindseye.indexer.gis.records import Ring

BETWEEN = -1
_FEWEST, _MANY = 4, 64  # tiles of a block: of up to 16 blocks, and of more
_MOST_LOST = 0.25  # of the tiles that a halving parts: where it is more, they stay one block
_SAME_ROW = 0.1  # of a tile's extent: rows of tiles bend with the Earth
_SLACK = 1e-9  # of the Earth's radius: tiles that share an edge touch
Numbers = npt.NDArray[np.int64]


def blocks(footprints: Sequence[Ring]) -> Numbers:
    """Return the block of each tile (n,), or BETWEEN.

    Space is halved where half of the tiles lie on either side, again and again while few lie between: those of the
    farther half that touch or overlap the nearer one (spatial blocking with a buffer, Roberts et al. 2017). Poles and
    the date line are places like others.
    """
    numbers = np.zeros(len(footprints), np.int64)
    if footprints:
        low, high = _extents(footprints)
        _halve(np.arange(len(footprints)), low, high, _halvings(len(footprints)), numbers)
        between = numbers == BETWEEN
        numbers[~between] = np.unique(numbers[~between], return_inverse=True)[1]
    return numbers


def _halvings(tiles: int) -> int:
    return max(0, min(int(math.log2(max(tiles / _FEWEST, 1))), max(4, int(math.log2(max(tiles / _MANY, 1))))))


def _extents(footprints: Sequence[Ring]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the lowest and highest coordinates (n, 3) of tiles on a sphere: up, east, north at their middle."""
    corners = [np.radians(np.array(ring, np.float64)) for ring in footprints]
    starts = np.cumsum([0, *(len(each) for each in corners[:-1])])
    longitudes, latitudes = np.concatenate(corners).T
    parallel = np.cos(latitudes)
    points = np.column_stack([parallel * np.cos(longitudes), parallel * np.sin(longitudes), np.sin(latitudes)])
    told = points @ _axes(points.mean(axis=0)).T
    return np.minimum.reduceat(told, starts), np.maximum.reduceat(told, starts)


def _axes(middle: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    east = np.array([-middle[1], middle[0], 0.0])
    if not (np.linalg.norm(east) > _SLACK):  # at a pole, or everywhere at once
        return np.eye(3)
    up, east = middle / np.linalg.norm(middle), east / np.linalg.norm(east)
    return np.stack([up, east, np.cross(up, east)])


def _halve(
    mine: Numbers, low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], times: int, numbers: Numbers
) -> None:
    """Write into `numbers` which block each of some tiles is of."""
    middles = (low[mine] + high[mine]) / 2
    axis = int(np.ptp(middles, axis=0).argmax())
    extent = max(float(np.median(high[mine, axis] - low[mine, axis])), _SLACK)
    places = np.round(middles[:, axis] / (_SAME_ROW * extent))
    nearer = places < np.median(places)
    if not times or not nearer.any():
        return
    first, second = mine[nearer], mine[~nearer]
    touching = low[second, axis] <= high[first, axis].max() + _SLACK
    if touching.sum() > _MOST_LOST * len(mine):
        return
    numbers[second] += 2 ** (times - 1)
    _halve(first, low, high, times - 1, numbers)
    _halve(second, low, high, times - 1, numbers)
    numbers[second[touching]] = BETWEEN
