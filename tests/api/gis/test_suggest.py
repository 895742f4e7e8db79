"""Rules drawn up from layers: words that are known, conditions that hold, files that `gis label` takes as they are."""

import json
from pathlib import Path

import geopandas
import osmium
import pytest
import shapely
import yaml
from osmium.osm.mutable import Node, Way
from rasterio import Affine

from mindseye.api.gis.osm_words import tag_words, word_of_name, words_of_tag
from mindseye.engine.text.lexicon import Lexicon
from mindseye.indexer.gis.grid import make_grid
from mindseye.indexer.gis.labelling import Labeller
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.rules import Rules
from mindseye.indexer.gis.strips import strips
from tests.indexer.gis.painting import noise, write_raster

LEXICON = Lexicon()


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("roads_33S", "road"), ("training_data/buildings", "building"), ("colorado-glaciers", "glacier"),
        ("colorado-counties", "county"), ("world_cities", "city"), ("RiverLines", "river"), ("lakes_EPSG4326", "lake"),
        ("points", None), ("rmnp", None), ("layer1", None), ("xyzzy", None),
    ],
)  # fmt: skip
def test_words_of_layers_names(name, word):
    assert word_of_name(name, LEXICON) == word


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("highway", "residential", ("street", "road")), ("waterway", "river", ("river",)),
        ("landuse", "farmland", ("farmland",)), ("natural", "wetland", ("marsh", "wetland")),
        ("amenity", "parking", ("parking lot",)), ("leisure", "playground", ("playground",)),
        ("highway", "bus_stop", ()), ("building", "yes", ()), ("landuse", "user defined", ()),
    ],
)  # fmt: skip
def test_words_of_tags(key, value, words):
    assert words_of_tag(key, value, LEXICON) == words


def test_every_listed_word_is_known_to_the_dictionary():
    listed = {word for table in tag_words().values() for words in table.values() for word in words}
    assert len(listed) > 100
    assert [word for word in sorted(listed) if LEXICON.head(word) is None] == []


@pytest.fixture
def town(tmp_path) -> Path:
    """A town as OpenStreetMap has it: a school's node, a street, a house and a marsh."""
    path = tmp_path / "town.osm.pbf"
    corners = [(20.5, -34.0), (20.502, -34.0), (20.502, -34.002), (20.5, -34.002)]
    with osmium.SimpleWriter(str(path)) as writer:
        for number, place in enumerate(corners + [(x + 0.007, y) for x, y in corners], 1):
            writer.add_node(Node(id=number, location=place, tags={"amenity": "school"} if number == 1 else {}))
        writer.add_way(Way(id=1, nodes=[1, 2, 3, 4, 1], tags={"building": "yes"}))
        writer.add_way(Way(id=2, nodes=[5, 6, 7, 8, 5], tags={"natural": "wetland"}))
        writer.add_way(Way(id=3, nodes=[1, 2, 3], tags={"highway": "residential"}))
    return path


def test_a_town_of_open_street_map_is_labelled_by_what_was_suggested(run, town, tmp_path):
    code, out, err = run("gis", "suggest", town, "-o", tmp_path / "rules.yaml")
    assert (code, err) == (0, "") and "-> building, marsh, wetland" in out
    rules = Rules.read(tmp_path / "rules.yaml")
    given = {(rule.layer, str(rule.where).replace('"natural"', "natural")): rule.gives for rule in rules.labels}
    assert given == {  # whether "natural" needs quotes depends on the version of SQLite
        ("points", 'other_tags LIKE \'%"amenity"=>"school"%\''): ("school",),
        ("lines", "highway = 'residential'"): ("street", "road"),
        ("multipolygons", "building NOT IN ('', 'no')"): ("building",),
        ("multipolygons", "natural = 'wetland'"): ("marsh", "wetland"),
    }
    place = Affine(1e-4, 0, 20.498, 0, -1e-4, -33.998)
    path = write_raster(tmp_path / "photo.tif", noise(3, 64, 256), "EPSG:4326", place)
    raster = Raster.open(path)
    tiles = rules.tiles.model_copy(update={"size": 64.0})
    labeller = Labeller(Layers([town]), rules, raster)
    labels = [tile.labels for strip in strips(raster, make_grid(raster, tiles)) for tile in labeller.label(strip)]
    assert set(labels[0]) == {"school", "street", "road", "building"} and set(labels[1]) == {"marsh", "wetland"}
    assert set(labels[2]) == set(labels[3]) == set()


def test_all_layers_of_the_evaluation_data_can_be_used_at_once(run, unpacked, tmp_path):
    folder = unpacked.folder("gis_layers")
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".shp", ".gpkg", ".geojson"))
    code, out, _ = run("gis", "suggest", *files, "-o", tmp_path / "rules.yaml")
    assert code == 0
    rules = Rules.read(tmp_path / "rules.yaml")
    layers = Layers(files)
    given = {(layers.find(rule.layer).name, word) for rule in rules.labels for word in rule.gives}
    assert given >= {
        ("roads_33S", "road"), ("roads_33S", "street"), ("farms_33S", "farm"), ("water_33S", "water"),
        ("rivers", "river"), ("buildings", "building"), ("buildings", "greenhouse"), ("roads", "dirt road"),
        ("schools", "school"), ("protected_areas", "nature reserve"), ("colorado-glaciers", "glacier"),
        ("continental-div-trail", "trail"), ("world_cities", "city"), ("places", "hamlet"), ("us_states", "state"),
    }  # fmt: skip
    assert "without a geometry" not in out
    raster = Raster.open(folder / "swellendam/raster/3420B_2010_328_RGB_LATLNG.tif")
    labeller = Labeller(layers, rules, raster)
    words = {
        word
        for strip in strips(raster, make_grid(raster, rules.tiles))
        for tile in labeller.label(strip)
        for word in tile.labels
    }
    assert words >= {"road", "farm", "building"} and "glacier" not in words


def test_what_is_told_to_machines(run, tmp_path):
    frame = geopandas.GeoDataFrame({"natural": ["water", "water", "sand"], "note": ["a", "", None]},
                                   geometry=[shapely.box(0, 0, 1, 1)] * 3, crs=4326)  # fmt: skip
    frame.to_file(tmp_path / "shores.gpkg")
    (tmp_path / "bad.gpkg").write_bytes(b"nothing")
    code, out, err = run("gis", "suggest", tmp_path / "shores.gpkg", tmp_path / "bad.gpkg", "--json")
    told = json.loads(out)
    assert code == 3 and "skipped: " in err and len(told["unreadable"]) == 1
    (layer,) = told["layers"]
    assert (layer["name"], layer["features"], layer["kinds"]) == ("shores", 3, {"polygons": 3})
    assert (layer["crs"], layer["box"]) == ("EPSG:4326", [0, 0, 1, 1])
    assert {a["name"]: a["values"] for a in layer["attributes"]} == {
        "natural": {"water": 2, "sand": 1}, "note": {"a": 1},
    }  # fmt: skip
    assert [rule["word"] for rule in layer["labels"]] == ["water", "sand"]


def test_without_a_file_the_rules_are_printed(run, tmp_path):
    geopandas.GeoSeries([shapely.Point(0, 0)], crs=4326).to_file(tmp_path / "wells.geojson")
    code, out, _ = run("gis", "suggest", tmp_path / "wells.geojson")
    told = yaml.safe_load(out)
    assert code == 0 and told["labels"] == [{"layer": "wells", "word": "well"}]
    assert "# wells (" in out and "1 point, EPSG:4326" in out


def test_swapped_axes_and_a_missing_crs_are_in_the_rules(run, tmp_path):
    geopandas.GeoSeries([shapely.Point(-34, 150)], crs=4326).to_file(tmp_path / "lakes.gpkg")
    geopandas.GeoSeries([shapely.Point(5, 5)], crs=4326).to_file(tmp_path / "wells.shp")
    (tmp_path / "wells.prj").unlink()
    _, out, _ = run("gis", "suggest", tmp_path / "lakes.gpkg", tmp_path / "wells.shp")
    assert yaml.safe_load(out)["layers"] == {"lakes": {"swap_axes": True}}
    assert "# Layer wells does not say its CRS" in out and "# layers: {wells: {crs: EPSG:4326}}" in out


def test_odd_names_and_values_can_be_used(run, tmp_path):
    """Colons and quotes in names, and whatever a value may hold, must neither break YAML nor the conditions."""
    columns = {"shop": ["x"] * 3, "amenity": ["o'school: #1", "school", "bank"], "a\nb": ["-", "{", "%"]}
    frame = geopandas.GeoDataFrame(columns, geometry=[shapely.Point(x, 0) for x in range(3)], crs=4326)
    frame.to_file(tmp_path / "it's: a {town} #1.geojson")
    code, _, _ = run("gis", "suggest", tmp_path / "it's: a {town} #1.geojson", "-o", tmp_path / "rules.yaml")
    rules = Rules.read(tmp_path / "rules.yaml")
    assert code == 0 and [rule.gives for rule in rules.labels] == [("school",), ("bank",)]


def test_nothing_known_and_nothing_there(run, tmp_path):
    geopandas.GeoSeries([shapely.Point(0, 0)], crs=4326).to_file(tmp_path / "xyzzy.geojson")
    code, out, _ = run("gis", "suggest", tmp_path / "xyzzy.geojson")
    assert code == 1 and "No word is known for it: - {layer: xyzzy, word: WORD}" in out
    code, _, err = run("gis", "suggest", tmp_path / "absent.gpkg")
    assert code == 4 and "absent.gpkg" in err


def test_an_empty_file_and_a_local_crs_do_not_keep_others_from_being_surveyed(tmp_path, run):
    geopandas.GeoDataFrame({"a": []}, geometry=[], crs=4326).to_file(tmp_path / "empty.geojson")
    yard = geopandas.GeoDataFrame(geometry=[shapely.box(0, 0, 5, 5)], crs='LOCAL_CS["yard",UNIT["metre",1]]')
    yard.to_file(tmp_path / "yard.gpkg")
    geopandas.GeoDataFrame(geometry=[shapely.box(0, 0, 5, 5)], crs=4326).to_file(tmp_path / "lakes.gpkg")
    code, out, _ = run("gis", "suggest", *sorted(tmp_path.iterdir()), "-o", tmp_path / "rules.yaml")
    assert code == 0 and "no geometries" in out and "yard" in out
    assert "lake" in {word for rule in Rules.read(tmp_path / "rules.yaml").labels for word in rule.gives}
