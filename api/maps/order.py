"""Which places of a map stand for the others: an order that shows something of everywhere first."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.vectors import FloatArray

_LEVELS = 16  # of halving: 65,536 cells a side tell any two places apart that can be told apart on a screen
_FIRST = 4  # cells a side on the first level


def coarse_to_fine(places: FloatArray) -> NDArray[np.int64]:
    """Return positions (n,) ordered so that the first ones are spread over all places (n, 2), and so on in between.

    Level by level the plane is cut into ever smaller squares; a square that holds nothing chosen yet is stood for by
    what lies nearest to the middle of all in it.
    """
    left, chosen = np.arange(len(places)), list[NDArray[np.int64]]()
    low, high = (places.min(axis=0), places.max(axis=0)) if len(places) else (np.zeros(2), np.ones(2))
    side = max(float((high - low).max()), 1e-9) * 1.0001
    for level in range(_LEVELS):
        cells = _cells((places - low) / side, _FIRST * 2**level)
        taken = cells[np.concatenate(chosen)] if chosen else np.empty(0, np.int64)
        free = left[~np.isin(cells[left], taken)]
        best = free[_nearest_to_middles(places[free], cells[free])]
        chosen.append(best)
        left = np.setdiff1d(left, best)
    return np.concatenate([*chosen, left])


def _cells(within: NDArray[np.floating[Any]], number: int) -> NDArray[np.int64]:
    """Return the number of the square, of `number` a side, that each place in the unit square lies in."""
    columns, rows = (within * number).astype(np.int64).T
    return np.asarray(rows * number + columns)


def _nearest_to_middles(places: FloatArray, cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for each cell, which of the places in it is nearest to their mean, the fullest cells first."""
    _, cell, counts = np.unique(cells, return_inverse=True, return_counts=True)
    sums = np.column_stack([np.bincount(cell, axis, len(counts)) for axis in places.T])
    away = np.linalg.norm(places - (sums / counts[:, None])[cell], axis=1)
    nearest_first = np.lexsort([away, cell])
    _, firsts = np.unique(cell[nearest_first], return_index=True)
    return np.asarray(nearest_first[firsts[np.argsort(-counts, kind="stable")]])
