"""The same tiles at two dates: footprints matched with footprints."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import STRtree

from mindseye.indexer.gis.records import Ring

LEAST = 0.9  # of what two footprints cover together, what both cover


def matched(before: Sequence[Ring], after: Sequence[Ring], least: float = LEAST) -> list[tuple[int, int]]:
    """Return which footprints are the same place, as numbers among both, each in one pair at most, by the first.

    least: the share of what two cover together that both must cover (intersection over union).
    """
    first, second, shares = _overlaps(before, after)
    taken: tuple[set[int], set[int]] = set(), set()
    pairs = []
    for place in np.argsort(-shares, kind="stable"):
        one, other = int(first[place]), int(second[place])
        if shares[place] < least:
            break
        if one not in taken[0] and other not in taken[1]:
            taken[0].add(one)
            taken[1].add(other)
            pairs.append((one, other))
    return sorted(pairs)


def best_overlap(before: Sequence[Ring], after: Sequence[Ring]) -> float:
    """Return the largest share (intersection over union) of any two footprints, 0 where none meet."""
    shares = _overlaps(before, after)[2]
    return float(shares.max()) if len(shares) else 0.0


def _overlaps(before: Sequence[Ring], after: Sequence[Ring]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the numbers of footprints that meet, and their intersection over union."""
    ones, others = (np.array([shapely.Polygon(ring) for ring in rings]) for rings in (before, after))
    first, second = STRtree(others).query(ones, predicate="intersects")
    common = shapely.area(shapely.intersection(ones[first], others[second]))
    return first, second, common / (shapely.area(ones[first]) + shapely.area(others[second]) - common)
