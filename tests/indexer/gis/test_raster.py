"""Rasters of all kinds: where they lie, how they are shown; what cannot be used is told in words."""

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from rasterio import Affine
from rasterio.control import GroundControlPoint
from rasterio.enums import ColorInterp

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis.pixels import NO_DATA, read_tile
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.records import Rendering, Window
from tests.indexer.gis.painting import NORTH_UP, UTM, noise, write_raster

RED, GREEN, BLUE, ALPHA = ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha
NIR, GREY, UNKNOWN = ColorInterp.nir, ColorInterp.gray, ColorInterp.undefined
WHOLE = Window(0, 0, 20, 16)


def shown(path, window=WHOLE):
    return np.asarray(read_tile(path, window, Raster.open(path).rendering))


@pytest.mark.parametrize(
    ("colours", "bands"),
    [
        ([RED, GREEN, BLUE], (1, 2, 3)),
        ([BLUE, GREEN, RED], (3, 2, 1)),
        ([NIR, RED, GREEN, BLUE], (2, 3, 4)),
        ([RED, GREEN, BLUE, ALPHA], (1, 2, 3)),
        ([GREY, UNKNOWN, UNKNOWN, UNKNOWN], (1, 2, 3)),
        ([GREY, ALPHA], (1,)),
        ([GREY, UNKNOWN], (1,)),
        ([GREY], (1,)),
    ],
)
def test_bands_are_shown_by_their_colours(tmp_path, colours, bands):
    values = noise(len(colours), 16, 20)
    if ALPHA in colours:
        values[colours.index(ALPHA)] = 255
    path = write_raster(tmp_path / "r.tif", values, colours=colours)
    assert Raster.open(path).rendering == Rendering(bands)
    expected = np.stack([values[band - 1] for band in (bands if len(bands) == 3 else bands * 3)], axis=-1)
    assert (shown(path) == expected).all()


def test_a_window_shows_its_own_pixels(tmp_path):
    values = noise(3, 16, 20)
    path = write_raster(tmp_path / "r.tif", values, colours=[RED, GREEN, BLUE])
    assert (shown(path, Window(3, 5, 8, 4)) == np.moveaxis(values[:, 5:9, 3:11], 0, -1)).all()


def test_a_palette_is_looked_up(tmp_path):
    values = np.arange(16 * 20, dtype=np.uint8).reshape(1, 16, 20) % 3
    path = write_raster(tmp_path / "r.tif", values, colours=[ColorInterp.palette])
    with rasterio.open(path, "r+") as raster:
        raster.write_colormap(1, {0: (10, 20, 30, 255), 1: (200, 0, 0, 255), 2: (0, 90, 7, 255)})
    assert (shown(path)[0, :3] == [[10, 20, 30], [200, 0, 0], [0, 90, 7]]).all()


def test_sixteen_bits_are_stretched_once_for_the_whole_raster(tmp_path):
    values = np.linspace(1000, 9000, 16 * 20).reshape(1, 16, 20).astype(np.uint16)
    path = write_raster(tmp_path / "r.tif", values)
    low, high = np.percentile(values, (2, 98))
    assert Raster.open(path).rendering == Rendering((1,), ((low, high),))
    expected = np.clip((values[0] - low) / (high - low) * 255, 0, 255)
    assert np.abs(shown(path)[..., 0] - expected).max() <= 0.5
    dark, bright = shown(path, Window(0, 0, 20, 4)), shown(path, Window(0, 12, 20, 4))
    assert dark.max() < bright.min()  # not each tile for itself


def test_stretch_and_bands_can_be_given(tmp_path):
    path = write_raster(tmp_path / "r.tif", np.arange(640, dtype=np.uint16).reshape(2, 16, 20))
    assert Raster.open(path, bands=[2], stretch=(0, 100)).rendering == Rendering((2,), ((320, 639),))
    with pytest.raises(UnreadableFileError, match="has 2 bands, not 3"):
        Raster.open(path, bands=[1, 2, 3])


def test_floats_without_a_value_are_missing_and_do_not_stretch(tmp_path):
    values = np.linspace(0, 50, 16 * 20, dtype=np.float32).reshape(1, 16, 20)
    values[0, 0, :5], values[0, 1, :5], values[0, 2, :5] = -9999, np.nan, np.inf
    path = write_raster(tmp_path / "r.tif", values, nodata=-9999)
    ((low, high),) = Raster.open(path).rendering.ranges
    assert 0 <= low < high <= 50
    assert (shown(path)[:3, :5] == NO_DATA).all() and not (shown(path)[3:] == NO_DATA).all()
    assert not Raster.open(path).all_valid


def test_margins_that_are_transparent_are_missing(tmp_path):
    values = noise(4, 16, 20)
    values[3] = 255
    values[3, :, :6] = 0
    path = write_raster(tmp_path / "r.tif", values, colours=[RED, GREEN, BLUE, ALPHA])
    assert (shown(path)[:, :6] == NO_DATA).all()
    assert (shown(path)[:, 6:] == np.moveaxis(values[:3, :, 6:], 0, -1)).all()


def test_a_pixel_is_missing_only_when_it_is_so_in_all_bands(tmp_path):
    values = noise(3, 16, 20)
    values[0, 0], values[:, 1] = 0, 0  # pure green and blue; black
    path = write_raster(tmp_path / "r.tif", values, colours=[RED, GREEN, BLUE], nodata=0)
    assert (shown(path)[0, :, 0] == 0).all() and (shown(path)[1] == NO_DATA).all()


def test_all_is_valid_where_nothing_can_be_missing(tmp_path):
    assert Raster.open(write_raster(tmp_path / "r.tif", noise(3, 16, 20))).all_valid


@pytest.mark.parametrize("kind", ["VRT", "COG"])
def test_other_files_of_the_same_pixels_show_the_same(tmp_path, kind):
    path = write_raster(tmp_path / "r.tif", noise(3, 16, 20), colours=[RED, GREEN, BLUE])
    copy = tmp_path / f"copy.{'vrt' if kind == 'VRT' else 'tif'}"
    rasterio.shutil.copy(path, copy, driver=kind)
    one, other = Raster.open(path), Raster.open(copy)
    assert (one.crs, one.transform, one.width, one.height) == (other.crs, other.transform, other.width, other.height)
    assert (shown(copy) == shown(path)).all()
    assert (path in other.files) == (kind == "VRT")  # what a VRT is made of belongs to it


def test_a_raster_lies_where_its_crs_says(tmp_path):
    raster = Raster.open(write_raster(tmp_path / "r.tif", noise(1, 16, 20)))
    assert (raster.crs_name, raster.bounds, raster.upright) == (UTM, (300_000, 6_199_840, 300_200, 6_200_000), True)
    (ring,) = raster.footprints(raster.corners(0, 0, 20, 16)[None])
    x, y = (np.array(ring) * [111_195 * np.cos(np.deg2rad(ring[0][1])), 111_195]).T
    area = (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2
    assert area == pytest.approx(200 * 160, rel=0.01)  # positive: counterclockwise; metres: on the ground


def test_a_crs_without_a_code_is_kept_in_full(tmp_path):
    own = "+proj=laea +lat_0=47 +lon_0=11 +x_0=12345 +y_0=6789 +ellps=bessel +units=m +no_defs"
    raster = Raster.open(write_raster(tmp_path / "r.tif", noise(1, 16, 20), crs=own, transform=Affine.scale(10, -10)))
    assert raster.crs_name.startswith("PROJCRS[") and "12345" in raster.crs_name
    (ring,) = raster.footprints(raster.corners([0], [0], [20], [16]))
    assert ring[0] == pytest.approx((10.84, 46.94), abs=0.01)


def test_a_rotated_raster_has_rotated_tiles(tmp_path):
    turned = Affine(*np.ravel(np.reshape(NORTH_UP, (3, 3)) @ np.reshape(Affine.rotation(30), (3, 3)))[:6])
    raster = Raster.open(write_raster(tmp_path / "r.tif", noise(1, 16, 20), transform=turned))
    assert not raster.upright
    corners = raster.corners([0], [0], [20], [16])[0]
    assert corners[0] == pytest.approx((300_000, 6_200_000))
    assert np.hypot(*(corners[3] - corners[0])) == pytest.approx(200)
    assert (corners[3] - corners[0]) @ (corners[1] - corners[0]) == pytest.approx(0, abs=1e-6)


def test_a_raster_with_south_at_the_top_is_not_mirrored(tmp_path):
    south_up = Affine(10, 0, 300_000, 0, 10, 6_200_000)
    raster = Raster.open(write_raster(tmp_path / "r.tif", noise(1, 16, 20), transform=south_up))
    assert raster.bounds == (300_000, 6_200_000, 300_200, 6_200_160)
    assert raster.corners([0], [0], [1], [1])[0, 0].tolist() == [300_000, 6_200_000]


@pytest.mark.parametrize(("west", "expected"), [(179.5, 179.5), (359, -1.0), (-180, -180.0)])
def test_footprints_across_the_date_line_run_on(tmp_path, west, expected):
    place = Affine(0.1, 0, west, 0, -0.1, 10)
    raster = Raster.open(write_raster(tmp_path / "r.tif", noise(1, 16, 20), crs="EPSG:4326", transform=place))
    (ring,) = raster.footprints(raster.corners([0], [0], [20], [16]))
    assert min(x for x, _ in ring) == pytest.approx(expected) and max(x for x, _ in ring) == pytest.approx(expected + 2)


def test_projected_footprints_across_the_date_line_run_on(tmp_path):
    fiji = Affine(1000, 0, 500_000, 0, -1000, 8_000_000)  # zone 60 ends at 180 degrees, 320 km east of its middle
    raster = Raster.open(write_raster(tmp_path / "r.tif", noise(1, 10, 400), crs="EPSG:32760", transform=fiji))
    (ring,) = raster.footprints(raster.corners([300], [0], [400], [10]))
    longitudes = [x for x, _ in ring]
    assert 179 < min(longitudes) < 180 < max(longitudes) < 181


def test_the_whole_globe_is_one_footprint(tmp_path):
    place = Affine(18, 0, -180, 0, -180 / 16, 90)
    raster = Raster.open(write_raster(tmp_path / "r.tif", noise(1, 16, 20), crs="EPSG:4326", transform=place))
    (ring,) = raster.footprints(raster.corners([0], [0], [20], [16]))
    assert {x for x, _ in ring} == {-180.0, 180.0}


def test_a_raster_without_a_crs_says_how_to_say_it(tmp_path):
    path = write_raster(tmp_path / "r.tif", noise(1, 16, 20), crs=None)
    with pytest.raises(UnreadableFileError, match="does not say its coordinate reference system") as error:
        Raster.open(path)
    assert f"rio edit-info --crs EPSG:CODE {path}" in error.value.hint


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # of writing it
def test_a_raster_that_does_not_say_where_its_pixels_lie_is_refused(tmp_path):
    path = write_raster(tmp_path / "r.tif", noise(1, 16, 20), transform=None)
    with pytest.raises(UnreadableFileError, match="does not say where its pixels lie"):
        Raster.open(path)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_ground_control_points_alone_are_refused(tmp_path):
    path = write_raster(tmp_path / "r.tif", noise(1, 16, 20), crs=None, transform=None)
    with rasterio.open(path, "r+") as raster:
        corners = [(0, 0, 20, -34), (0, 20, 21, -34), (16, 0, 20, -35)]
        raster.gcps = [GroundControlPoint(row, column, x, y) for row, column, x, y in corners], "EPSG:4326"
    with pytest.raises(UnreadableFileError, match="ground control points only"):
        Raster.open(path)


def test_complex_numbers_are_refused(tmp_path):
    path = write_raster(tmp_path / "r.tif", noise(1, 16, 20, np.complex64))
    with pytest.raises(UnreadableFileError, match="complex"):
        Raster.open(path)


def test_a_raster_without_any_data_is_refused(tmp_path):
    path = write_raster(tmp_path / "r.tif", np.full((1, 16, 20), 7, np.uint16), nodata=7)
    with pytest.raises(UnreadableFileError, match="holds no data"):
        Raster.open(path)


def test_other_files_are_refused(tmp_path):
    text = tmp_path / "notes.tif"
    text.write_text("no raster")
    with pytest.raises(UnreadableFileError, match=r"notes.tif cannot be read as a raster"):
        Raster.open(text)
    with pytest.raises(UnreadableFileError, match="there is no raster"):
        Raster.open(tmp_path / "none.tif")


def test_what_a_vrt_names_on_the_network_is_not_fetched(tmp_path):
    path = write_raster(tmp_path / "r.tif", noise(1, 16, 20))
    rasterio.shutil.copy(path, tmp_path / "r.vrt", driver="VRT")
    vrt = tmp_path / "far.vrt"
    text = (tmp_path / "r.vrt").read_text()
    vrt.write_text(text.replace('relativeToVRT="1">r.tif', 'relativeToVRT="0">/vsicurl/http://127.0.0.1:9/r.tif'))
    assert "vsicurl" in vrt.read_text()
    with pytest.raises(UnreadableFileError):
        read_tile(vrt, WHOLE, Rendering((1,)))


def test_a_raster_that_ends_in_the_middle_is_refused_where_it_is_read(tmp_path):
    path = write_raster(tmp_path / "r.tif", noise(3, 160, 200), blockysize=16)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        read_tile(path, Window(0, 140, 20, 20), Rendering((1, 2, 3)))


def test_a_window_that_the_raster_has_no_more_is_refused(tmp_path):
    path = write_raster(tmp_path / "r.tif", noise(1, 16, 20))
    with pytest.raises(UnreadableFileError, match=r"20 x 16 pixels of 1 bands, but xywh=10,0,16,16"):
        read_tile(path, Window(10, 0, 16, 16), Rendering((1,)))


def test_the_date_is_the_given_one_else_of_tags_else_of_the_name(tmp_path):
    tags = {"TIFFTAG_DATETIME": "2012:03:04 05:06:07"}
    path = write_raster(tmp_path / "r_20090818.tif", noise(1, 16, 20), tags=tags)
    bare = write_raster(tmp_path / "b_20090818.tif", noise(1, 16, 20))
    assert Raster.open(path, date="1999").date == "1999"
    assert (Raster.open(path).date, Raster.open(path).date_from) == ("2012-03-04", "its tag TIFFTAG_DATETIME")
    assert (Raster.open(bare).date, Raster.open(bare).date_from) == ("2009-08-18", "its name")
