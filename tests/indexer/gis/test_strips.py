"""What is valid in tiles: all, a shape, or too little; and by how much memory that is found out."""

import subprocess
import sys

import numpy as np
import pytest
import shapely
from rasterio import Affine

from mindseye.indexer.gis.grid import make_grid
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.rules import TileRules
from mindseye.indexer.gis.strips import strips
from tests.indexer.gis.painting import noise, write_raster


def strips_of(path, size, max_nodata=1.0, **rules):
    raster = Raster.open(path)
    return list(strips(raster, make_grid(raster, TileRules(size=size, **rules)), max_nodata))


def test_tiles_come_row_by_row_with_their_boxes(tmp_path):
    found = strips_of(write_raster(tmp_path / "r.tif", noise(1, 20, 30)), 10)
    assert [[window.place for window in strip.windows] for strip in found] == [
        ["xywh=0,0,10,10", "xywh=10,0,10,10", "xywh=20,0,10,10"],
        ["xywh=0,10,10,10", "xywh=10,10,10,10", "xywh=20,10,10,10"],
    ]
    assert found[1].regions[2].equals(shapely.box(300_200, 6_199_800, 300_300, 6_199_900))
    assert all((strip.valid == 1).all() and strip.lacking == 0 for strip in found)


def test_the_region_of_a_tile_that_lacks_data_is_what_is_valid(tmp_path):
    values = noise(1, 40, 80)
    values[0, :, 40:50] = 0  # a quarter of the second tile
    values[0, 30:, :40] = 0  # and of the first
    (strip,) = strips_of(write_raster(tmp_path / "r.tif", values, nodata=0), 40)
    assert strip.valid.tolist() == [0.75, 0.75]
    assert strip.regions[0].equals(shapely.box(300_000, 6_199_700, 300_400, 6_200_000))
    assert strip.regions[1].equals(shapely.box(300_500, 6_199_600, 300_800, 6_200_000))


def test_a_turned_raster_has_turned_regions(tmp_path):
    values = noise(1, 40, 40)
    values[0, :, :20] = 0
    turned = Affine(8, -6, 0, 6, 8, 0)
    (strip,) = strips_of(write_raster(tmp_path / "r.tif", values, transform=turned, nodata=0), 40)
    expected = shapely.Polygon([(160, 120), (320, 240), (80, 560), (-80, 440)])
    assert strip.regions[0].normalize().equals_exact(expected.normalize(), 1e-6)


@pytest.mark.parametrize(("max_nodata", "kept"), [(1, 3), (0.5, 2), (0.25, 2), (0.2, 1), (0, 1)])
def test_tiles_that_lack_too_much_are_left_out_and_counted(tmp_path, max_nodata, kept):
    values = noise(1, 40, 160)
    values[0, :, 40:50] = 0  # of the second a quarter
    values[0, :, 80:119] = 0  # of the third nearly all
    values[0, :, 120:] = 0  # of the fourth all
    (strip,) = strips_of(write_raster(tmp_path / "r.tif", values, nodata=0), 40, max_nodata)
    assert (len(strip.windows), strip.lacking) == (kept, 4 - kept)
    assert [window.column for window in strip.windows] == [0, 40, 80][:kept]
    assert len(strip.windows) == len(strip.regions) == len(strip.valid) == len(strip.footprints)


def test_specks_of_the_nodata_value_are_no_holes(tmp_path):
    values = noise(1, 128, 128)
    values[0, 5, 5:8] = 0  # a dark roof
    values[0, 60:80, 60:80] = 0  # a hole
    (strip,) = strips_of(write_raster(tmp_path / "r.tif", values, nodata=0), 128)
    assert strip.valid[0] == 1 - 400 / 128**2
    assert strip.regions[0].area == pytest.approx(100 * (128**2 - 400)) and len(strip.regions[0].interiors) == 1


def test_regions_have_the_area_that_is_valid_whatever_the_mask(tmp_path):
    values = np.where(np.random.default_rng(0).random((1, 64, 64)) < 0.4, 0, noise(1, 64, 64)).astype(np.uint8)
    (strip,) = strips_of(write_raster(tmp_path / "r.tif", values, nodata=0), 64)
    assert strip.regions[0].is_valid
    assert strip.regions[0].area == pytest.approx(strip.valid[0] * 640 * 640)


def test_wide_rasters_are_read_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("mindseye.indexer.gis.strips._PIXELS", 64 * 64 * 3)
    values = noise(1, 64, 64 * 8)
    values[0, :, ::64] = 0
    path = write_raster(tmp_path / "r.tif", values, nodata=0)
    assert [len(strip.windows) for strip in strips_of(path, 64)] == [3, 3, 2]
    overlapping = [window.column for strip in strips_of(path, 64, overlap=32) for window in strip.windows]
    assert overlapping == list(range(0, 64 * 8 - 32, 32))


PEAKS = """
import gc, sys, tracemalloc
from pathlib import Path
from mindseye.indexer.gis.grid import make_grid
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.rules import TileRules
from mindseye.indexer.gis.strips import strips

for path in sys.argv[1:]:
    raster = Raster.open(Path(path))
    tracemalloc.start()
    for _ in strips(raster, make_grid(raster, TileRules(size=64))):
        gc.collect()  # of rasterio's objects, which hold each other
    print(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
"""


def test_memory_does_not_grow_with_the_raster(tmp_path):
    """In a process of its own, where nothing else takes memory or keeps it."""
    paths = []
    for height in (64, 4 * 64, 64 * 64):
        values = noise(1, height, 256)
        values[0, :, :9] = 0
        paths.append(str(write_raster(tmp_path / f"{height}.tif", values, nodata=0)))
    ran = subprocess.run([sys.executable, "-c", PEAKS, *paths], capture_output=True, text=True, check=True)
    first, small, large = map(int, ran.stdout.split())
    assert first > 64 * 256  # warm, and it counts what is read
    assert large - small < 256 * (64 * 64 - 4 * 64) / 4, "a quarter of the pixels that are more"


def test_tiles_that_no_ring_tells_are_left_out_and_counted(tmp_path):
    pole = Affine(1000, 0, -25_000, 0, -1000, 35_000)
    (first, second) = strips_of(write_raster(tmp_path / "r.tif", noise(1, 40, 60), crs="EPSG:3995", transform=pole), 20)
    assert (len(first.windows), first.astray, len(second.windows), second.astray) == (3, 0, 2, 1)
    assert [window.column for window in second.windows] == [0, 40]
    assert len(second.windows) == len(second.regions) == len(second.valid) == len(second.footprints)
