"""Words and covers of tiles against what is known, or counted in another way."""

from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from mindseye.engine.errors import UsageError
from mindseye.indexer.gis.labelling import Labelled, Labeller, kept
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.rules import BackgroundRules, Rules
from tests.indexer.gis.painting import UTM, noise, write_raster

WEST, NORTH = 300_000, 6_200_000  # of a raster of 40 x 40 pixels of 10 m
CORNERS = [(WEST + x, NORTH - y) for y in range(0, 400, 100) for x in range(0, 400, 100)]
TILES = np.array([shapely.box(x, y - 100, x + 100, y) for x, y in CORNERS])


@dataclass
class Strip:
    regions: np.ndarray


@pytest.fixture
def raster(tmp_path) -> Raster:
    return Raster.open(write_raster(tmp_path / "photo.tif", noise(3, 40, 40)))


def written(folder: Path, geometries: list, name: str = "things", crs: str = UTM, **columns: list) -> Path:
    """Write geometries given in metres from the raster's upper left corner, y downwards."""
    placed = shapely.transform(np.array(geometries, object), lambda xy: xy * (1, -1) + (WEST, NORTH))
    geopandas.GeoDataFrame(columns, geometry=placed, crs=UTM).to_crs(crs).to_file(folder / f"{name}.gpkg")
    return folder / f"{name}.gpkg"


def label(
    raster: Raster, files: list[Path], *labels: dict, regions: np.ndarray = TILES, **rules: object
) -> list[Labelled]:
    read = Rules.model_validate({"labels": list(labels), **rules})
    return Labeller(Layers(files), read, raster).label(Strip(regions))


def where(found: list[Labelled], word: str) -> set[int]:
    return {tile for tile, one in enumerate(found) if word in one.labels}


def covers(found: list[Labelled], word: str) -> dict[int, float]:
    return {tile: round(one.cover[word], 6) for tile, one in enumerate(found) if word in one.cover}


def test_cover_is_exact_and_decides(raster, tmp_path):
    file = written(tmp_path, [shapely.box(50, 0, 130, 100), shapely.box(250, 150, 260, 160)])
    found = label(raster, [file], {"layer": "things", "word": "pond", "min_cover": 0.3})
    assert covers(found, "pond") == {0: 0.5, 1: 0.3, 6: 0.01}
    assert where(found, "pond") == {0, 1}


def test_what_overlaps_counts_once(raster, tmp_path):
    file = written(tmp_path, [shapely.box(0, 0, 60, 100), shapely.box(40, 0, 80, 100), shapely.box(50, 0, 55, 50)])
    assert covers(label(raster, [file], {"layer": "things", "word": "pond"}), "pond") == {0: 0.8}


def test_a_word_of_two_rules_has_the_cover_of_both(raster, tmp_path):
    files = [
        written(tmp_path, [shapely.box(0, 0, 50, 100)], "a"),
        written(tmp_path, [shapely.box(40, 0, 60, 100)], "b"),
    ]
    found = label(raster, files, {"layer": "a", "word": "pond"}, {"layer": "b", "words": ["pond", "lake"]})
    assert covers(found, "pond") == {0: 0.6} and covers(found, "lake") == {0: 0.2}
    assert found[0].labels == ("pond", "lake")


def test_what_only_touches_a_tile_is_not_in_it(raster, tmp_path):
    file = written(tmp_path, [shapely.box(100, 100, 200, 200), shapely.LineString([(200, 250), (190, 250)])])
    assert where(label(raster, [file], {"layer": "things", "word": "x"}), "x") == {5, 9}


def test_a_condition_chooses_features(raster, tmp_path):
    file = written(tmp_path, [shapely.box(0, 0, 9, 9), shapely.box(100, 0, 109, 9)], kind=["pond", "lake"])
    found = label(raster, [file], {"layer": "things", "word": "lake", "where": "kind = 'lake'"})
    assert where(found, "lake") == {1}


def test_a_negative_rule_takes_the_word_away_whatever_gives_it(raster, tmp_path):
    files = [
        written(tmp_path, [shapely.box(0, 0, 400, 100)], "green"),
        written(tmp_path, [shapely.Point(150, 50)], "spoilt"),
    ]
    found = label(
        raster, files, {"layer": "green", "word": "meadow"}, {"layer": "spoilt", "word": "meadow", "negative": True}
    )
    assert where(found, "meadow") == {0, 2, 3}


def test_the_length_of_lines_is_of_the_ground(raster, tmp_path):
    file = written(tmp_path, [shapely.LineString([(50, 50), (50, 120)]), shapely.LineString([(50, 60), (50, 110)])])
    here = {"layer": "things", "word": "road"}
    assert where(label(raster, [file], {**here, "min_length": 49.5}), "road") == {0}
    assert where(label(raster, [file], {**here, "min_length": 50.5}), "road") == set()  # the second lies on the first
    assert where(label(raster, [file], {**here, "min_length": 19.5}), "road") == {0, 4}


@pytest.mark.parametrize("latitude", [0, 45, 70])
def test_lengths_and_buffers_are_metres_in_a_raster_of_degrees(tmp_path, latitude):
    degree = 1e-5
    path = write_raster(
        tmp_path / "degrees.tif", noise(1, 200, 200), "EPSG:4326", rasterio.Affine(degree, 0, 20, 0, -degree, latitude)
    )
    middle = shapely.Point(20 + 100 * degree, latitude - 100 * degree)
    geopandas.GeoDataFrame(geometry=[middle], crs=4326).to_file(tmp_path / "wells.geojson")
    region = np.array([shapely.box(20, latitude - 200 * degree, 20 + 200 * degree, latitude)])
    found = label(Raster.open(path), [tmp_path / "wells.geojson"], {"layer": "wells", "word": "well", "buffer": 20},
                  regions=region)  # fmt: skip
    area, _ = Geod(ellps="WGS84").geometry_area_perimeter(shapely.orient_polygons(region[0]))
    assert found[0].cover["well"] == pytest.approx(np.pi * 400 / area, rel=0.003)  # a circle of 64 corners is smaller


def test_a_buffer_may_begin_outside_of_the_raster(raster, tmp_path):
    file = written(tmp_path, [shapely.Point(-40, 50)])
    found = label(raster, [file], {"layer": "things", "word": "near", "buffer": 45})
    assert where(found, "near") == {0} and where(label(raster, [file], {"layer": "things", "word": "x"}), "x") == set()


def test_points_without_a_buffer_lie_in_tiles(raster, tmp_path):
    found = label(raster, [written(tmp_path, [shapely.Point(250, 310)])], {"layer": "things", "word": "well"})
    assert where(found, "well") == {14} and not found[14].cover


def test_what_lies_where_no_data_are_gives_no_word(raster, tmp_path):
    """A peer labels margins without data: here the left half of the first tile is one."""
    file = written(tmp_path, [shapely.box(0, 0, 50, 100), shapely.box(75, 0, 100, 100)], kind=["a", "b"])
    valid = np.array([shapely.box(WEST + 50, NORTH - 100, WEST + 100, NORTH)])
    rules = [{"layer": "things", "word": kind, "where": f"kind = '{kind}'"} for kind in "ab"]
    found = label(raster, [file], *rules, regions=valid)
    assert found[0].labels == ("b",) and covers(found, "b") == {0: 0.5}


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:32734", "ESRI:102022"])
def test_layers_of_other_crs_fall_on_the_same_pixels(raster, tmp_path, crs):
    file = written(tmp_path, [shapely.box(100, 100, 250, 200)], crs=crs)
    found = label(raster, [file], {"layer": "things", "word": "pond"})
    assert covers(found, "pond").keys() >= {5, 6}
    assert found[5].cover["pond"] == pytest.approx(1, abs=1e-3) and found[6].cover["pond"] == pytest.approx(
        0.5, abs=1e-3
    )


@pytest.mark.parametrize("offset", [{"east": 100, "north": -200}, {"east": 10, "north": -20, "unit": "pixels"}])
def test_an_offset_moves_the_layers(raster, tmp_path, offset):
    file = written(tmp_path, [shapely.box(10, 10, 90, 90)])
    found = label(raster, [file], {"layer": "things", "word": "pond"}, offset=offset)
    assert where(found, "pond") == {9} and found[9].cover["pond"] == pytest.approx(0.64, abs=0.001)


def test_a_raster_across_the_date_line(tmp_path):
    path = write_raster(
        tmp_path / "fiji.tif", noise(1, 20, 40), "EPSG:4326", rasterio.Affine(0.1, 0, 178, 0, -0.1, -16)
    )
    boxes = [shapely.box(179, -17.5, 180, -16.5), shapely.box(-180, -17.5, -179.5, -16.5), shapely.box(0, -17, 1, -16)]
    geopandas.GeoDataFrame(geometry=boxes, crs=4326).to_file(tmp_path / "islands.geojson")
    regions = shapely.box([178, 180], -18, [180, 182], -16)
    found = label(
        Raster.open(path), [tmp_path / "islands.geojson"], {"layer": "islands", "word": "island"}, regions=regions
    )
    assert covers(found, "island") == {0: 0.25, 1: 0.125}


def test_buffers_all_over_the_earth_are_metres(tmp_path):
    """One map of the whole Earth would stretch them: 300 km are 300 km in Fiji, beyond the date line and in Norway."""
    path = write_raster(tmp_path / "earth.tif", noise(1, 90, 180), "EPSG:4326", rasterio.Affine(2, 0, -180, 0, -2, 90))
    towns = [shapely.Point(179.5, -17), shapely.Point(10, 65), shapely.Point(-60, 0)]
    geopandas.GeoDataFrame(geometry=towns, crs=4326).to_file(tmp_path / "towns.geojson")
    regions = shapely.box([170, -180, 0, -70], [-27, -27, 55, -10], [180, -170, 20, -50], [-7, -7, 75, 10])
    rule = {"layer": "towns", "word": "near", "buffer": 300_000}
    found = label(Raster.open(path), [tmp_path / "towns.geojson"], rule, regions=regions)
    for tile, town in enumerate([towns[0], *towns]):
        west, south, east, north = regions[tile].bounds
        x, y = (
            some.ravel() for some in np.meshgrid(np.arange(west, east, 0.05) + 0.025, np.arange(south, north, 0.05))
        )
        away = Geod(ellps="WGS84").inv(x, y, np.full(x.shape, town.x), np.full(x.shape, town.y))[2]
        assert found[tile].cover["near"] == pytest.approx((away < 300_000).mean(), rel=0.01)


def test_long_edges_bend_as_their_own_crs_has_them(tmp_path):
    """A parallel is no straight line in UTM: an edge along it over 4 degrees bows by kilometres."""
    place = rasterio.Affine(1000, 0, 300_000, 0, -1000, 6_700_000)
    path = write_raster(tmp_path / "utm.tif", noise(1, 100, 400), "EPSG:32633", place)
    strip = shapely.box(10, 60, 20, 65)
    geopandas.GeoDataFrame(geometry=[strip], crs=4326).to_file(tmp_path / "north.geojson")
    region = np.array([shapely.box(300_000, 6_600_000, 700_000, 6_700_000)])
    found = label(Raster.open(path), [tmp_path / "north.geojson"], {"layer": "north", "word": "north"}, regions=region)
    x, y = np.meshgrid(np.arange(300_500, 700_000, 1000), np.arange(6_600_500, 6_700_000, 1000))
    points = geopandas.GeoSeries(geopandas.points_from_xy(x.ravel(), y.ravel()), crs=32633).to_crs(4326)
    assert found[0].cover["north"] == pytest.approx((points.y > 60).mean(), abs=2e-3)


def test_no_tiles_and_no_layers(raster, tmp_path):
    file = written(tmp_path, [shapely.box(0, 0, 9, 9)])
    assert label(raster, [file], {"layer": "things", "word": "x"}, regions=np.empty(0, object)) == []
    with pytest.raises(UsageError, match="no file holds a layer"):
        label(raster, [], {"layer": "things", "word": "x"})


shape = st.tuples(st.integers(-50, 420), st.integers(-50, 420), st.integers(1, 150), st.integers(1, 150))


@given(boxes=st.lists(shape, min_size=1, max_size=12), least=st.sampled_from([0, 0.1, 0.5]))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_covers_are_those_of_single_metres_counted(raster, tmp_path, boxes, least):
    file = written(tmp_path, [shapely.box(x, y, x + w, y + h) for x, y, w, h in boxes])
    found = label(raster, [file], {"layer": "things", "word": "x", "min_cover": least})
    ground = np.zeros((600, 600), bool)
    for x, y, width, height in boxes:
        ground[y + 50 : y + height + 50, x + 50 : x + width + 50] = True
    metres = ground[50:450, 50:450].reshape(4, 100, 4, 100).sum(axis=(1, 3)).ravel()
    assert covers(found, "x") == {tile: n / 10_000 for tile, n in enumerate(metres.tolist()) if n}
    assert where(found, "x") == {tile for tile, n in enumerate(metres.tolist()) if n and n >= least * 10_000}


def test_large_geometries_are_cut_as_small_ones(raster, tmp_path):
    """A shore of many corners is first cut to the strip, which must change nothing."""
    angles = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    wavy = 150 + 20 * np.sin(angles * 60)
    file = written(
        tmp_path, [shapely.Polygon(np.column_stack([200 + wavy * np.cos(angles), 200 + wavy * np.sin(angles)]))]
    )
    together = label(raster, [file], {"layer": "things", "word": "lake"})
    apart = [label(raster, [file], {"layer": "things", "word": "lake"}, regions=TILES[n : n + 1])[0] for n in (0, 5, 7)]
    for tile, alone in zip((0, 5, 7), apart, strict=True):
        assert alone.cover.get("lake", 0) == pytest.approx(together[tile].cover.get("lake", 0), abs=1e-9)
    assert sum(covers(together, "lake").values()) == pytest.approx(np.pi * (150**2 + 200) / 10_000, rel=1e-3)


def test_so_many_tiles_without_a_label_are_kept_as_asked():
    labelled = [True] * 8 + [False] * 92
    assert kept(labelled, None).all()
    some = kept(labelled, BackgroundRules(share=0.2, seed=1))
    assert some[:8].all() and some.sum() == 10
    assert kept(labelled, BackgroundRules(share=0)).sum() == 8
    assert kept(labelled, BackgroundRules(share=0.99)).all()
    assert (kept(labelled, BackgroundRules(share=0.2, seed=1)) == some).all()
    assert (kept(labelled, BackgroundRules(share=0.2, seed=2)) != some).any()
