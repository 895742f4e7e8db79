"""Words of real tiles, as counted by eye on prints of each tile with the geometries drawn over it by GeoPandas."""

from pathlib import Path

import pytest

from mindseye.indexer.gis.grid import make_grid
from mindseye.indexer.gis.labelling import Labeller
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.rules import Rules
from mindseye.indexer.gis.strips import strips

Place = tuple[int, int]  # column and row of a tile's first pixel


@pytest.fixture(scope="module")
def gis(unpacked) -> Path:
    return unpacked.folder("gis_layers")


def places_with(word: str, raster: Path, size: int, layers: list[Path], rule: dict) -> tuple[set[Place], set[Place]]:
    """Return the tiles that have a word, and all tiles."""
    rules = Rules.model_validate({"tiles": {"size": size, "max_nodata": 1}, "labels": [{"word": word, **rule}]})
    opened = Raster.open(raster)
    labeller = Labeller(Layers(layers), rules, opened)
    found = [
        ((window.column, window.row), tile.labels)
        for strip in strips(opened, make_grid(opened, rules.tiles))
        for window, tile in zip(strip.windows, labeller.label(strip), strict=True)
    ]
    return {place for place, labels in found if word in labels}, {place for place, _ in found}


PHOTO = "swellendam/raster/3420B_2010_328_RGB_LATLNG.tif"  # in degrees, as the buildings; roads and farms in UTM 33S
LOOKED_AT = {(column, row) for column in (0, 256, 512, 768) for row in range(1024, 2561, 256)}


def test_buildings_on_the_photograph_of_swellendam(gis):
    found, tiles = places_with(
        "building",
        gis / PHOTO,
        256,
        [gis / "swellendam/training_data.gpkg"],
        {"layer": "buildings"},
    )
    assert tiles >= LOOKED_AT
    assert found & LOOKED_AT == {(512, 1280), (768, 1280), (512, 1536), (768, 1536)}


def test_roads_in_utm_on_the_photograph_in_degrees(gis):
    found, _ = places_with(
        "road", gis / PHOTO, 256, [gis / "swellendam/projected_data/roads_33S.shp"], {"layer": "roads_33S"}
    )
    assert found & LOOKED_AT == {(0, 1280), (256, 1280), (512, 1280), (512, 1536), (768, 1536)}


def test_farms_in_utm_that_fill_half_of_a_tile(gis):
    found, _ = places_with(
        "farm",
        gis / PHOTO,
        256,
        [gis / "swellendam/projected_data/farms_33S.shp"],
        {"layer": "farms_33S", "min_cover": 0.5},
    )
    too_near_to_half = {(256, 1792), (512, 1792)}
    seen = {place for place in LOOKED_AT if place[1] >= 1536} - too_near_to_half
    park = {(0, 2048), (256, 2048), (0, 2304), (256, 2304), (0, 2560), (256, 2560), (512, 2560)}  # and a suburb
    assert found & seen == seen - park


def test_a_river_beside_the_photograph_is_in_it_by_its_banks_alone(gis):
    rivers = [gis / "swellendam/shapefile/rivers.shp"]
    found, _ = places_with("river", gis / PHOTO, 256, rivers, {"layer": "rivers"})
    assert not found
    found, _ = places_with("river", gis / PHOTO, 256, rivers, {"layer": "rivers", "buffer": 300})
    last = {row for column, row in found if column == 842}
    assert last == {768, 1024, 1280, 1536, 2560, 2783}


def test_rivers_on_the_heights_around_swellendam(gis):
    found, _ = places_with(
        "river",
        gis / "swellendam/raster/SRTM/srtm_41_19_4326.tif",
        128,
        [gis / "swellendam/shapefile/rivers.shp"],
        {"layer": "rivers", "min_length": 1000},  # a bend reaches 350 m into (128, 128)
    )
    seen = {(column, row) for column in range(0, 769, 128) for row in range(0, 385, 128)} - {(640, 128)}  # too near
    assert found & seen == {
        (0, 128), (0, 256), (128, 256), (256, 256), (384, 256), (512, 256), (640, 256), (256, 384), (384, 384),
        (512, 384),
    }  # fmt: skip


def test_glaciers_within_500_metres_in_the_rocky_mountains(gis):
    found, _ = places_with(
        "glacier",
        gis / "rmnp/example-data/rmnp-rgb.tif",
        64,
        [gis / "rmnp/example-data/colorado-glaciers.geojson"],
        {"layer": "colorado-glaciers", "buffer": 500},
    )
    seen = {(column, row) for column in range(0, 385, 64) for row in range(0, 257, 64)}
    assert found & seen == {
        (192, 0), (256, 0), (192, 64), (256, 64), (128, 128), (192, 128), (192, 192), (256, 192), (192, 256),
        (256, 256),
    }  # fmt: skip


@pytest.mark.parametrize("raster", ["hag", "dsm"])
def test_buildings_on_heights_of_alexandria_in_floats(gis, raster):
    found, _ = places_with(
        "building",
        gis / f"opengeos/elevation/{raster}.tif",
        32,
        [gis / "opengeos/elevation/buildings.geojson"],
        {"layer": "buildings"},
    )
    seen = {(column, row) for column in range(0, 225, 32) for row in range(0, 225, 32)} - {(224, 64)}  # too near
    none = {place for place in seen if place[0] == 0 or place[1] in (0, 224)}
    none |= {(32, 32), (96, 32), (128, 32), (224, 32), (224, 128), (224, 160), (224, 192)}
    assert found & seen == seen - none
