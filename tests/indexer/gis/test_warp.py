"""Rasters drawn as tiles of Web Mercator: every pixel shows what lies there, whatever the raster's own projection."""

import io
import math

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image
from pyproj import Transformer

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis import warp
from mindseye.indexer.gis.records import Rendering
from mindseye.indexer.gis.warp import draw_tile, tile_bounds

BLOCK = 40  # px of one colour
RGB = Rendering((1, 2, 3))
PLACES = {  # the middle of a raster by its CRS: longitude and latitude
    "EPSG:4326": (20.5, -34.0), "EPSG:32734": (20.5, -34.0), "EPSG:3031": (10.0, -80.0), "EPSG:3857": (-70.0, 45.0),
}  # fmt: skip


def painted(path, crs, side=400, pixel=10.0, turned=0.0, **options):
    """Write blocks of random colours around the place of a CRS, and return their values and the transform."""
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*PLACES[crs])
    step = pixel / 111_000 if crs == "EPSG:4326" else pixel
    middle = Affine.translation(x, y) @ Affine.rotation(turned) @ Affine.scale(step, -step)
    transform = middle @ Affine.translation(-side / 2, -side / 2)
    colours = np.random.default_rng(3).integers(0, 256, (3, side // BLOCK, side // BLOCK), np.uint8)
    values = colours.repeat(BLOCK, axis=1).repeat(BLOCK, axis=2)
    shape = {"width": side, "height": side, "count": 3, "dtype": "uint8", "crs": crs, "transform": transform}
    with rasterio.open(path, "w", driver="GTiff", **shape, **options) as raster:
        raster.write(values)
    return values, transform


def number(longitude, latitude, zoom):
    """Return column and row of the tile that a place lies in."""
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform(longitude, latitude)
    left, bottom, right, top = tile_bounds(zoom, 0, 0)
    return int((x - left) / (right - left)), int((top - y) / (top - bottom))


def drawn(path, zoom, column, row, rendering=RGB):
    return np.asarray(Image.open(io.BytesIO(draw_tile(path, rendering, zoom, column, row))))


def looked_up(values, transform, crs, zoom, column, row):
    """Return the raster's pixel (row, column) at the middle of each pixel of a tile, by pyproj alone."""
    left, bottom, right, top = tile_bounds(zoom, column, row)
    steps = (np.arange(256) + 0.5) / 256
    xs, ys = np.meshgrid(left + steps * (right - left), top - steps * (top - bottom))
    there = Transformer.from_crs("EPSG:3857", crs, always_xy=True).transform(xs, ys)
    columns, rows = ~transform @ there
    return columns, rows


@pytest.mark.parametrize("turned", [0.0, 25.0])
@pytest.mark.parametrize("crs", PLACES)
@pytest.mark.parametrize("zoom", [11, 13])
def test_every_pixel_shows_what_lies_there(tmp_path, crs, turned, zoom):
    values, transform = painted(tmp_path / "a.tif", crs, turned=turned)
    column, row = number(*PLACES[crs], zoom)
    shown = drawn(tmp_path / "a.tif", zoom, column, row)
    columns, rows = looked_up(values, transform, crs, zoom, column, row)
    side, inner = values.shape[1], 0.3  # of a block, in its middle: at edges colours are mixed
    inside = (np.minimum(columns, rows) > 0) & (np.maximum(columns, rows) < side)
    plain = (abs(columns / BLOCK % 1 - 0.5) < inner / 2) & (abs(rows / BLOCK % 1 - 0.5) < inner / 2) & inside
    assert plain.sum() > 50
    expected = values[:, rows[plain].astype(int), columns[plain].astype(int)].T
    assert abs(shown[plain][:, :3].astype(int) - expected).max() <= 2
    assert (shown[plain][:, 3] == 255).all()
    far = (np.minimum(columns, rows) < -BLOCK) | (np.maximum(columns, rows) > side + BLOCK)
    assert (shown[far][:, 3] == 0).all()


def test_all_of_the_earth_is_drawn_though_a_projection_does_not_know_it(tmp_path):
    painted(tmp_path / "a.tif", "EPSG:32734", pixel=2000.0)
    shown = drawn(tmp_path / "a.tif", 0, 0, 0)
    assert 0 < (shown[..., 3] == 255).sum() < 2000
    assert not drawn(tmp_path / "a.tif", 1, 0, 0)[..., 3].any(), "America"


def test_what_holds_no_data_is_transparent_and_tints_nothing_beside_it(tmp_path):
    path = tmp_path / "a.tif"
    painted(path, "EPSG:3857", nodata=7)
    with rasterio.open(path, "r+") as raster:
        values = np.full((3, 400, 400), 200, np.uint8)
        values[:, :, 200:] = 7
        raster.write(values)
    column, row = number(*PLACES["EPSG:3857"], 16)
    shown = drawn(path, 16, column, row)
    seen = shown[..., 3] > 0
    assert seen.any() and not seen.all()
    assert (shown[seen][:, :3] == 200).all(), "no grey of what is missing at the edge"


def test_colours_of_a_palette_are_not_mixed(tmp_path):
    path = tmp_path / "a.tif"
    painted(path, "EPSG:3857")
    values = np.indices((400, 400)).sum(0).astype(np.uint8) % 2 * 5
    shape = {"width": 400, "height": 400, "count": 1, "dtype": "uint8", "crs": "EPSG:3857"}
    with (
        rasterio.open(path) as like,
        rasterio.open(tmp_path / "p.tif", "w", transform=like.transform, **shape) as raster,
    ):
        raster.write(values, 1)
        raster.write_colormap(1, {0: (10, 20, 30), 5: (200, 100, 50)})
    column, row = number(*PLACES["EPSG:3857"], 12)
    shown = drawn(tmp_path / "p.tif", 12, column, row, Rendering((1,)))
    seen = {tuple(each) for each in shown[shown[..., 3] > 0][:, :3].tolist()}
    assert seen <= {(10, 20, 30), (200, 100, 50)} and seen


def test_no_more_is_read_than_a_tile_needs_however_large_the_raster(tmp_path, monkeypatch):
    painted(tmp_path / "a.tif", "EPSG:3857", side=2000)
    asked = []
    reading = warp.read_picture
    monkeypatch.setattr(warp, "read_picture", lambda *told: asked.append(told[3]) or reading(*told))
    for zoom in (2, 10, 13, 18):
        drawn(tmp_path / "a.tif", zoom, *number(*PLACES["EPSG:3857"], zoom))
    assert len(asked) == 4 and max(map(max, asked)) <= 512
    assert max(asked[-1]) < 40, "a few pixels enlarged"


def test_overviews_are_used_where_there_are_some(tmp_path):
    path = tmp_path / "a.tif"
    painted(path, "EPSG:3857", side=2048, tiled=True, blockxsize=256, blockysize=256)
    with rasterio.open(path, "r+") as raster:
        raster.build_overviews([2, 4])
    with rasterio.open(path, "r+") as raster:
        raster.write(np.zeros((3, 2048, 2048), np.uint8))  # the overview still holds what was there
    shown = drawn(path, 9, *number(*PLACES["EPSG:3857"], 9))
    assert shown[shown[..., 3] > 0][:, :3].max() > 0


def test_what_is_no_raster_is_told(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"no raster")
    with pytest.raises(UnreadableFileError):
        draw_tile(tmp_path / "a.tif", RGB, 3, 1, 1)


def test_tiles_lie_as_slippy_maps_number_them():
    left, bottom, right, top = tile_bounds(1, 1, 0)
    assert (left, bottom) == (0, 0) and right == top == pytest.approx(math.pi * 6_378_137)
