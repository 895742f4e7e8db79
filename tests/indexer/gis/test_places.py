"""Filters by place, against every tile looked at by itself; footprints as GeoJSON and GeoPackage."""

import json
from dataclasses import dataclass
from math import nan
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from mindseye.engine.errors import UsageError
from mindseye.indexer.filters import EVERYTHING, Filter
from mindseye.indexer.gis.exporting import as_geojson, encoded, features
from mindseye.indexer.gis.geojson import geometry
from mindseye.indexer.gis.nearness import Circle, is_near
from mindseye.indexer.gis.placed import placed
from mindseye.indexer.gis.records import Rendering, Tile, Window
from mindseye.indexer.library import Library
from tests.indexer.gis.tiling import paint_raster, tiles_of, write_tileset
from tests.pictures import paint
from tests.tiny_space import TinySpace

GEOD = Geod(ellps="WGS84")
CORNERS = {  # west and north of rasters of 3 × 2 tiles, a tenth of a degree each
    "cape": (20.0, -34.0), "line": (179.8, -17.0), "greenwich": (-0.1, 51.5), "pole": (10.0, 89.95),
}  # fmt: skip


@pytest.fixture(scope="module")
def earth(tmp_path_factory) -> Library:
    """Tiles at four places, among them the date line and the pole, and a picture that lies nowhere."""
    folder = tmp_path_factory.mktemp("earth")
    tiles = []
    for seed, (name, (west, north)) in enumerate(CORNERS.items()):
        raster = paint_raster(folder / f"{name}.tif", 3, 2, seed, west, north)
        tiles += tiles_of(raster, {(0, 0): [name]})
    write_tileset(folder / "tiles", tiles)
    paint(folder / "photo.png", 1)
    with Library.open(folder / "library", TinySpace()) as library:
        library.index([folder / "tiles"], "aerial")
        library.index([folder / "photo.png"])
        yield library


def spans(tile) -> shapely.Polygon:
    """Return a tile's box with longitudes from 0 to 540, so that none crosses anything."""
    west, south, east, north = tile.box
    return shapely.box(west, south, east + 360 * (east < west), north)


def test_a_tile_across_the_date_line_has_a_narrow_box():
    def box(*longitudes):
        ring = tuple((x, y) for x, y in zip(longitudes, (-17, -18, -18, -17), strict=True))
        return Tile("t", Path("r.tif"), Window(0, 0, 1, 1), "EPSG:4326", Rendering((1,)), ring).box

    assert box(179.75, 179.75, 180.25, 180.25) == (179.75, -18, -179.75, -17)
    assert box(179.75, 179.75, 180, 180) == (179.75, -18, 180, -17)
    assert box(-180, -180, -179.5, -179.5) == (-180, -18, -179.5, -17)
    assert box(-135, -135, 135, 135) == (-135, -18, 135, -17)  # wide, and not across it
    assert box(10, 10, 190, 190) == (10, -18, -170, -17)
    assert box(-180, -180, 180, 180) == box(0, 0, 360, 360) == (-180, -18, 180, -17)


degrees = st.floats(-180, 180).map(lambda value: round(value, 2))
near_places = st.sampled_from([-180.0, 179.85, 179.95, -179.95, 20.05, 20.15, 20.3, 10.1, 0.05, -0.05, 180.0])
latitudes = st.one_of(st.sampled_from([-34.05, -34.15, -17.05, -17.3, 51.45, 89.8, 89.93, 90.0]), st.floats(-90, 90))


@settings(max_examples=60, deadline=None)
@given(near_places | degrees, near_places | degrees, latitudes, latitudes)
def test_boxes_let_through_what_shares_an_area_with_them(earth, west, east, one, other):
    south, north = sorted((round(one, 2), round(other, 2)))
    if south == north or west - east in (0, 360):
        with pytest.raises(UsageError, match="no box"):
            Filter(box=(west, south, east, north))
        return
    asked = shapely.box(west, south, east + 360 * (east < west), north)
    expected = set()
    for tile in placed(earth):
        apart = (shapely.affinity.translate(spans(tile), turn) for turn in (-360, 0, 360))
        if any(asked.intersection(each).area > 1e-6 for each in apart):
            expected.add(tile.item_id)
    assert {tile.item_id for tile in placed(earth, Filter(box=(west, south, east, north)))} == expected


@settings(max_examples=60, deadline=None)
@given(near_places | degrees, latitudes, st.sampled_from([0.5, 5, 20, 300, 5000, 15000]))
def test_circles_let_through_what_comes_near(earth, longitude, latitude, kilometres):
    """The oracle: many points of a tile's box, each one's distance on the ellipsoid."""
    found = {tile.item_id for tile in placed(earth, Filter(near=Circle(latitude, longitude, kilometres)))}
    for tile in placed(earth):
        nearest = min(
            GEOD.inv(longitude, latitude, point[0], point[1])[2] / 1000
            for point in shapely.get_coordinates(shapely.segmentize(spans(tile), 0.004))
        )
        inside = any(spans(tile).covers(shapely.Point(longitude + turn, latitude)) for turn in (0, 360))
        if inside or nearest < kilometres:
            assert tile.item_id in found
        elif nearest > kilometres + 0.5:
            assert tile.item_id not in found


def test_nearness_is_geodesic():
    ring = 0.0, 0.0, 1.0, 1.0
    east = GEOD.inv(1, 0.5, 1.5, 0.5)[2] / 1000
    assert is_near(*ring, 0.5, 1.5, east + 0.01) and not is_near(*ring, 0.5, 1.5, east - 0.01)
    north = GEOD.inv(0.5, 1, 0.5, 2)[2] / 1000
    assert is_near(*ring, 2, 0.5, north + 0.01) and not is_near(*ring, 2, 0.5, north - 0.01)


@settings(max_examples=300, deadline=None)
@given(*[st.floats(-90, 89), st.floats(0.01, 5), st.floats(-180, 180), st.floats(0.01, 10), latitudes, degrees])
def test_no_box_is_missed_over_either_pole(south, high, west, wide, latitude, longitude):
    """The oracle: many points of the box. An edge half around the Earth is nearest over one pole or the other."""
    north, east = min(south + high, 90), (west + wide + 180) % 360 - 180
    x, y = np.meshgrid(west + np.linspace(0, wide, 30), np.linspace(south, north, 30))
    metres = GEOD.inv(np.full(x.size, longitude), np.full(x.size, latitude), x.ravel(), y.ravel())[2].min()
    assert is_near(west, south, east, north, latitude, longitude, metres / 1000 * 1.001 + 3)


def test_an_edge_beyond_the_far_pole_is_near_over_the_nearer_one():
    assert is_near(-32, 86.41, -31.97, 89.44, -6.59, 141.12, 11_120)
    assert not is_near(-32, 86.41, -31.97, 89.44, -6.59, 141.12, 10_700)


@pytest.mark.parametrize(
    "circle", [(91, 0, 1), (0, 181, 1), (0, 0, 0), (0, 0, -1), (0, 0, 30_000), (float("nan"), 0, 1)]
)
def test_what_is_no_circle_is_refused(circle):
    with pytest.raises(UsageError):
        Circle(*circle)


@pytest.mark.parametrize("box", [(0, 1, 1, 0), (-181, 0, 1, 1), (0, 0, 0, 1), (0, -91, 1, 1), (0, 0, nan, 1)])
def test_what_is_no_box_is_refused(box):
    with pytest.raises(UsageError, match="west,south,east,north"):
        Filter(box=box)


def test_what_lies_nowhere_is_in_no_place(earth):
    assert len(earth.select(Filter(box=(-180, -90, 180, 90)))) == 24 == len(placed(earth))
    assert len(earth.select(EVERYTHING)) == 25
    assert len(earth.select(Filter(near=Circle(0, 0, 20_000)))) == 24


@dataclass(frozen=True)
class Found:
    rank: int
    item_id: int
    score: float = 0.5
    probability: float | None = None


def test_footprints_are_geojson():
    """RFC 7946: counterclockwise, closed, cut at the date line."""
    clockwise = (20.0, -34.0), (20.1, -34.0), (20.1, -34.1), (20.0, -34.1)
    for ring in (clockwise, clockwise[::-1]):
        told = shapely.geometry.shape(geometry(ring))
        assert told.exterior.is_ccw and told.equals(shapely.box(20, -34.1, 20.1, -34))
    across = (179.9, 1.0), (180.2, 1.0), (180.2, 0.0), (179.9, 0.0)
    told = geometry(across)
    assert told["type"] == "MultiPolygon"
    west, east = shapely.geometry.shape(told).geoms
    assert west.equals_exact(shapely.box(179.9, 0, 180, 1), 1e-6, normalize=True)
    assert east.equals_exact(shapely.box(-180, 0, -179.8, 1), 1e-6, normalize=True)
    assert west.exterior.is_ccw and east.exterior.is_ccw


def test_hits_are_features_and_what_lies_nowhere_is_left_out(earth):
    tiles = placed(earth)
    nowhere = earth.item("photo.png").id
    hits = [Found(1, tiles[3].item_id, probability=0.25), Found(2, nowhere), Found(3, tiles[0].item_id)]
    found = features(earth, hits, EVERYTHING)
    told = json.loads(encoded(found, ".geojson"))
    assert "crs" not in told and [each["id"] for each in told["features"]] == [tiles[3].item_id, tiles[0].item_id]
    one = told["features"][1]["properties"]
    assert (one["rank"], one["labels"], one["raster"], one["place"]) == (3, ["cape"], "cape.tif", "xywh=0,0,32,32")
    assert told["features"][0]["properties"]["probability"] == 0.25
    assert shapely.geometry.shape(told["features"][1]["geometry"]).is_valid
    assert told["features"][1]["bbox"] == [20.0, -34.1, 20.1, -34.0]


def test_a_geopackage_says_the_same(earth, tmp_path):
    found = features(earth, [Found(rank, each.item_id) for rank, each in enumerate(placed(earth), 1)], EVERYTHING)
    (tmp_path / "hits.gpkg").write_bytes(encoded(found, ".gpkg"))
    table = geopandas.read_file(tmp_path / "hits.gpkg")
    expected = as_geojson(found)["features"]
    assert len(table) == 24 and table.crs.equals("OGC:CRS84", ignore_axis_order=True)
    for row, feature in zip(table.itertuples(), expected, strict=True):
        assert row.item_id == feature["id"] and row.labels == ", ".join(feature["properties"]["labels"])
        assert row.geometry.equals_exact(shapely.MultiPolygon(_polygons(feature["geometry"])), 1e-6, normalize=True)
    (tmp_path / "none.gpkg").write_bytes(encoded([], ".gpkg"))
    assert len(geopandas.read_file(tmp_path / "none.gpkg")) == 0


def _polygons(told: dict) -> list[shapely.Polygon]:
    shape = shapely.geometry.shape(told)
    return list(getattr(shape, "geoms", [shape]))


def test_identical_tiles_are_several_features_of_one_hit(library, tmp_path):
    raster = paint_raster(tmp_path / "sea.tif", 2, 2)
    with rasterio.open(raster, "r+") as opened:
        opened.write(np.zeros((3, 64, 64), np.uint8))
    library.index([write_tileset(tmp_path / "tiles", tiles_of(raster))], "aerial")
    (hit,) = library.select(EVERYTHING).everything()
    found = features(library, [Found(1, hit.item_id)], EVERYTHING)
    assert [each.tile.window.place for each in found] == [
        Window(32 * column, 32 * row, 32, 32).place for row in range(2) for column in range(2)
    ]
    west = Filter(box=(20.0, -34.2, 20.1, -34.0))
    assert len(features(library, [Found(1, hit.item_id)], west)) == 2, "only what passes the filter"
