"""Tiles along the sides of a raster: that they cover it, overlap as asked, and meet on the map's grid."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod
from rasterio import Affine

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis.grid import ground_pixel, make_grid
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.records import Rendering
from mindseye.indexer.gis.rules import TileRules
from tests.indexer.gis.painting import NORTH_UP, UTM

SIDES = st.integers(1, 400)
EVERYTHING = slice(None)


def raster(width: int = 100, height: int = 80, transform: Affine = NORTH_UP, crs: str = UTM) -> Raster:
    return Raster(Path("r.tif"), (), CRS(crs), transform, width, height, Rendering((1,)), all_valid=True)


def columns_and_rows(found: Raster, **rules: object) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    grid = make_grid(found, TileRules.model_validate(rules))
    spans = [list(zip(axis.starts.tolist(), axis.stops.tolist(), strict=True)) for axis in (grid.columns, grid.rows)]
    return spans[0], spans[1]


@settings(deadline=None)
@given(SIDES, SIDES, st.integers(1, 60), st.data())
def test_tiles_cover_the_raster_and_overlap_as_asked(width, height, size, data):
    overlap = data.draw(st.integers(0, size - 1))
    for length, spans in zip(
        (width, height), columns_and_rows(raster(width, height), size=size, overlap=overlap), strict=True
    ):
        assert spans[0][0] == 0 and spans[-1][1] == length
        assert {stop - start for start, stop in spans} == {min(size, length)}
        overlaps = [stop - start for (_, stop), (start, _) in pairwise(spans)]
        assert all(each == overlap for each in overlaps[:-1])
        assert all(overlap <= each < size for each in overlaps[-1:])  # the last is moved inwards


OFFSETS = st.tuples(st.integers(-500, 500), st.integers(-500, 500))


@settings(deadline=None)
@given(OFFSETS, st.floats(0, 1), st.integers(4, 30), st.sampled_from(["pixels", "metres"]), st.data())
def test_grids_of_the_map_meet_whatever_the_raster(offset, part, size, unit, data):
    overlap = data.draw(st.integers(0, size - 1))
    side = size if unit == "pixels" else size * 10
    rules = TileRules(size=side, overlap=overlap * side / size, unit=unit, align="grid")
    shift = [pixels + part for pixels in offset]
    one, other = raster(), raster(transform=Affine(10, 0, 300_000 + 10 * shift[0], 0, -10, 6_200_000 + 10 * shift[1]))
    lines = []
    for found in (one, other):
        grid = make_grid(found, rules)
        for axis, length, low, high, pixel in (
            (grid.columns, found.width, found.bounds[0], found.bounds[2], found.transform.a),
            (grid.rows, found.height, found.bounds[1], found.bounds[3], found.transform.e),
        ):
            assert (axis.starts >= 0).all() and (axis.stops <= length).all()
            assert (axis.lines[:, 0] > low - 6).all() and (axis.lines[:, 1] < high + 6).all()  # within half a pixel
            begins = (axis.lines[:, 0] if pixel > 0 else axis.lines[:, 1]) - (low if pixel > 0 else high)
            assert (np.abs(axis.starts * pixel - begins) <= 5 + 1e-6).all()
        lines.append({tuple(box) for row in range(len(grid.rows.starts)) for box in boxes(found, grid, row)})
    step = side - rules.overlap if unit == "metres" else (side - rules.overlap) * 10
    assert all(left % step == 0 and top % step == (side if unit == "metres" else side * 10) % step
               for left, _, _, top in lines[0] | lines[1])  # fmt: skip
    west, east = max(one.bounds[0], other.bounds[0]) + 6, min(one.bounds[2], other.bounds[2]) - 6
    south, north = max(one.bounds[1], other.bounds[1]) + 6, min(one.bounds[3], other.bounds[3]) - 6
    common = [{b for b in each if west <= b[0] and b[2] <= east and south <= b[1] and b[3] <= north} for each in lines]
    assert common[0] == common[1]  # exactly: the footprints of two dates are the same


def boxes(found: Raster, grid, row):
    corners = grid.corners(found, row, EVERYTHING)
    return [(*tile.min(axis=0).tolist(), *tile.max(axis=0).tolist()) for tile in corners]


def test_cells_of_the_map_that_the_edge_cuts_are_left_out():
    found = raster(100, 80, Affine(10, 0, 305, 0, -10, 1000))  # 305 to 1305 east, 200 to 1000 north
    grid = make_grid(found, TileRules(size=30, align="grid"))
    assert len(grid) == 6  # 300 to 1200 east, to the nearest pixel, and 300 to 900 north
    assert boxes(found, grid, 0)[:2] == [(300, 600, 600, 900), (600, 600, 900, 900)]
    places = [window.place for window in grid.windows(0, EVERYTHING)]
    assert places == ["xywh=0,10,30,30", "xywh=30,10,30,30", "xywh=60,10,30,30"]


def test_no_cell_of_the_map_may_fit():
    assert len(make_grid(raster(), TileRules(size=200, align="grid"))) == 0


def test_metres_are_those_of_a_projection_where_they_are_true():
    assert ground_pixel(raster()) == (10, 10)
    columns, rows = columns_and_rows(raster(), size=256, unit="metres")
    assert columns[0] == rows[0] == (0, 26)


def test_feet_are_told_from_metres():
    feet = "EPSG:2263"  # New York, US survey feet
    found = raster(transform=Affine(1, 0, 980_000, 0, -1, 200_000), crs=feet)
    assert ground_pixel(found) == pytest.approx((0.3048006, 0.3048006))
    assert columns_and_rows(found, size=15, unit="metres")[0][0] == (0, 49)


def test_metres_in_degrees_are_by_geodesic_in_the_middle():
    found = raster(1000, 1000, Affine(0.001, 0, 20, 0, -0.001, -59.5), "EPSG:4326")
    _, _, across = Geod(ellps="WGS84").inv(20, -60, 20.001, -60)
    _, _, along = Geod(ellps="WGS84").inv(20, -60.0005, 20, -59.9995)
    assert ground_pixel(found) == pytest.approx((across, along))  # 55.8 m and 111.4 m
    columns, rows = columns_and_rows(found, size=1115, unit="metres")
    assert (columns[0], rows[0]) == ((0, 20), (0, 10))  # square on the ground


def test_the_metres_of_the_web_are_not_those_of_the_ground():
    found = raster(transform=Affine(10, 0, 0, 0, -10, 8_400_000), crs="EPSG:3857")  # 60 degrees north: twice as long
    assert ground_pixel(found) == pytest.approx((5, 5), rel=0.02)


def test_tiles_of_a_rotated_raster_follow_it_but_no_grid_of_the_map():
    turned = raster(transform=Affine(8, -6, 0, 6, 8, 0))
    assert columns_and_rows(turned, size=100, unit="metres")[0][0] == (0, 10)  # its pixels are 10 m
    with pytest.raises(UnreadableFileError, match="rotated"):
        make_grid(turned, TileRules(size=10, align="grid"))


def test_tiles_of_less_than_a_pixel_and_of_too_many_are_refused():
    with pytest.raises(UnreadableFileError, match="less than a pixel of 10 x 10 m"):
        make_grid(raster(), TileRules(size=4, unit="metres"))
    with pytest.raises(UnreadableFileError, match="10,000 pixels a side"):
        make_grid(raster(20_000, 20_000), TileRules(size=10_000))


def test_degrees_on_the_grid_of_the_map_are_whole_pixels():
    found = replace(raster(300, 300, Affine(0.001, 0, 20.0003, 0, -0.001, -59.5), "EPSG:4326"))
    columns, _ = columns_and_rows(found, size=1115, unit="metres", align="grid")
    assert {stop - start for start, stop in columns} == {20}
