"""Blocks of space, on grids whose neighbours are known."""

from itertools import combinations

import numpy as np
import pytest

from mindseye.indexer.gis.blocks import BETWEEN, blocks
from mindseye.indexer.gis.records import Ring


def tile(west: float, south: float, side: float) -> Ring:
    """A square, on either side of the date line where it comes so far."""
    corners = ((west, south), (west + side, south), (west + side, south + side), (west, south + side))
    return tuple(((longitude + 180) % 360 - 180, latitude) for longitude, latitude in corners)


def grid(west: float, south: float, side: float, step: float, columns: int, rows: int) -> list[Ring]:
    return [tile(west + step * x, south + step * y, side) for y in range(rows) for x in range(columns)]


@pytest.mark.parametrize(
    ("west", "south", "side", "step"),
    [
        (20.4, -34.1, 0.01, 0.01),  # touching, in Swellendam
        (20.4, -34.1, 0.01, 0.005),  # overlapping by half
        (179.9, 0.0, 0.02, 0.02),  # on both sides of the date line
        (-30.0, 88.7, 0.1, 0.1),  # near the pole
    ],
)
def test_no_tile_touches_one_of_another_block(west, south, side, step):
    columns, rows = 12, 10
    found = blocks(grid(west, south, side, step, columns, rows)).reshape(rows, columns)
    kept = found[found != BETWEEN]
    assert len(set(kept.tolist())) >= 4 and len(kept) >= 0.5 * found.size
    assert kept.min() == 0 and kept.max() == len(set(kept.tolist())) - 1
    reach = round(side / step)  # in tiles: how far off the last one is that touches
    places = [(y, x) for y in range(rows) for x in range(columns) if found[y, x] != BETWEEN]
    for (y, x), (v, u) in combinations(places, 2):
        if abs(y - v) <= reach and abs(x - u) <= reach:
            assert found[y, x] == found[v, u]


def test_one_place_at_two_dates_is_in_one_block():
    once = grid(98.0, 5.0, 0.1, 0.1, 8, 8)
    later = [tuple((x + 1e-5, y - 2e-5) for x, y in ring) for ring in once]  # a metre off
    first, second = np.split(blocks(once + later), 2)
    both = (first != BETWEEN) & (second != BETWEEN)
    assert both.sum() >= 20 and (first[both] == second[both]).all()


def test_places_far_apart_are_blocks_of_their_own():
    found = blocks([*grid(20.0, -34.0, 0.01, 0.01, 4, 4), *grid(-99.0, 47.0, 0.01, 0.01, 4, 4)])
    assert not set(found[:16].tolist()) & set(found[16:].tolist()) - {BETWEEN}


def test_few_tiles_are_one_block():
    assert blocks([]).tolist() == []
    assert blocks([tile(0, 0, 1)] * 9).tolist() == [0] * 9, "what lies on one place cannot be parted"
    assert blocks(grid(0, 0, 1, 1, 7, 1)).tolist() == [0] * 7


def test_the_whole_earth_is_parted_into_many():
    rings = [tile(x, y, 6) for x in range(-180, 180, 6) for y in range(-90, 90, 6)]
    found = blocks(rings)
    assert len(set(found.tolist())) > 14 and (found != BETWEEN).mean() > 0.5
