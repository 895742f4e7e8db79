"""From rasters at a pole and at the date line to maps: labelled, indexed, searched, exported, told to the page."""

import json

import pytest
import shapely
from rasterio import Affine

from mindseye.indexer.filters import EVERYTHING, Filter
from mindseye.indexer.gis.coverage import box_around, rasters
from mindseye.indexer.gis.exporting import as_geojson, encoded, features
from mindseye.indexer.gis.making import make_tiles
from mindseye.indexer.gis.placed import placed
from mindseye.indexer.gis.rules import Rules
from mindseye.indexer.gis.tileset import TileSet
from tests.indexer.gis.painting import noise, write_boxes, write_raster
from tests.indexer.gis.test_places import Found
from tests.tiny_space import TinySpace

PLACES = {  # of rasters of 3 × 2 tiles: CRS, pixel, left and top
    "pole": ("EPSG:3995", 1000, -30_000, 40_000), "sea": ("EPSG:3413", 1000, -90_000, -200_000),
    "fiji": ("EPSG:32660", 100, 826_000, 1_106_000), "line": ("EPSG:4326", 0.005, 179.85, 10.1),
    "beside": ("EPSG:4326", 0.005, 179.8, 50.1),
}  # fmt: skip
RULES = Rules.model_validate({"tiles": {"size": 20}, "labels": [{"layer": "ice", "word": "ice"}]})


@pytest.fixture
def library(open_library, tmp_path):
    """Tiles of all these places, as `gis label` makes them."""
    paths = []
    for seed, (name, (crs, pixel, left, top)) in enumerate(PLACES.items()):
        place = Affine(pixel, 0, left, 0, -pixel, top)
        paths.append(write_raster(tmp_path / f"{name}.tif", noise(3, 40, 60, seed=seed), crs=crs, transform=place))
    ice = write_boxes(tmp_path / "ice.gpkg", [(-180, 60, 180, 90)], "EPSG:4326")
    report = make_tiles(paths, [ice], RULES, tmp_path / "tiles")
    assert report.version.tiles == 29 and not report.skipped
    assert any("pole.tif: 1 of 6 tiles were left out, as they lie around a pole" in note for note in report.notes)
    with open_library(TinySpace()) as opened:
        opened.index([tmp_path / "tiles"], "aerial")
        yield opened


def test_boxes_exports_and_the_page_agree(library, tmp_path):
    tiles = placed(library)
    assert len(tiles) == 29
    hits = [Found(rank, tile.item_id) for rank, tile in enumerate(tiles, 1)]
    found = features(library, hits, EVERYTHING)
    for tile, told in zip(tiles, as_geojson(found)["features"], strict=True):
        west, south, east, north = tile.box
        assert -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south < north <= 90
        assert (east - west) % 360 < 180
        shape = shapely.geometry.shape(told["geometry"])
        assert shape.is_valid and (shape.geom_type == "MultiPolygon") == (west > east)
        parts = [(-180, south, east, north), (west, south, 180, north)] if west > east else [tile.box]
        assert shapely.union_all([shapely.box(*part) for part in parts]).buffer(1e-6).covers(shape)
        assert shape.bounds[1] == pytest.approx(south, abs=1e-6) and shape.bounds[3] == pytest.approx(north, abs=1e-6)
        assert tile.item_id in {each.item_id for each in placed(library, Filter(box=tile.box))}
    (tmp_path / "hits.gpkg").write_bytes(encoded(found, ".gpkg"))
    assert json.loads(encoded(found, ".geojson"))["features"][0]["id"] == tiles[0].item_id


def test_rasters_across_the_date_line_are_narrow(library):
    boxes = {each.path.stem: each.box for each in rasters(library)}
    assert boxes["line"] == pytest.approx((179.85, 9.9, -179.85, 10.1))
    assert boxes["beside"] == pytest.approx((179.8, 49.9, -179.9, 50.1))
    west, _, east, _ = boxes["fiji"]
    assert west > 179.9 and east < -179.9
    assert boxes["pole"][0::2] == pytest.approx((90, -90)) and boxes["pole"][3] > 89.8  # the half beyond the pole
    assert box_around([boxes["line"], boxes["beside"]]) == pytest.approx((179.8, 9.9, -179.85, 50.1))
    assert box_around([(-10, 0, 10, 5), (20, -5, 30, 1)]) == (-10, -5, 30, 5) and box_around([]) is None


def test_around_a_pole_every_tile_has_its_words(library, tmp_path):
    words = {tile.id.split("_")[0] for tile in TileSet.read(tmp_path / "tiles").tiles() if tile.labels}
    assert {"pole", "sea"} <= words and not {"line", "fiji", "beside"} & words
