"""Each way in which labelling goes wrong for people is made here, and told in words with the way out."""

import json
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pyproj
import pytest
import shapely

from mindseye.engine.errors import UsageError
from mindseye.indexer.gis.labelling import Labeller
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.placing import Ground
from mindseye.indexer.gis.preparing import offset_step
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.rules import OffsetRules, Rules
from tests.indexer.gis.painting import UTM, noise, write_raster

BOX = shapely.box(300_000, 6_199_600, 300_400, 6_200_000)  # of the raster, in UTM 33S
POND = shapely.box(300_010, 6_199_900, 300_060, 6_199_990)


@dataclass
class Strip:
    regions: np.ndarray


@pytest.fixture
def raster(tmp_path) -> Raster:
    return Raster.open(write_raster(tmp_path / "photo.tif", noise(3, 40, 40)))


def layer(
    folder: Path, *geometries: shapely.Geometry, crs: str | None = UTM, suffix: str = "gpkg", **columns: list
) -> Path:
    path = folder / f"ponds.{suffix}"
    geopandas.GeoDataFrame(columns, geometry=list(geometries), crs=crs).to_file(path)
    return path


def diagnosed(raster: Raster, file: Path, said: dict | None = None, **rule: object) -> tuple[list[str], int]:
    """Return what is told, and how many of the one tile, which is the whole raster, have the word."""
    label = {"layer": "ponds", "word": "pond", **rule}
    labeller = Labeller(Layers([file]), Rules.model_validate({"labels": [label], **(said or {})}), raster)
    labels = labeller.label(Strip(np.array([BOX])))[0].labels
    return labeller.diagnoses, len(labels)


def test_where_all_is_well_nothing_is_told(raster, tmp_path):
    assert diagnosed(raster, layer(tmp_path, POND)) == ([], 1)


def test_swapped_axes_are_told_and_can_be_mended(raster, tmp_path):
    """A peer answers latitude and longitude exchanged with a silent "0 tiles"."""
    there = geopandas.GeoSeries([POND], crs=UTM).to_crs(4326)[0]
    file = layer(tmp_path, shapely.transform(there, lambda xy: xy[:, ::-1]), crs="EPSG:4326", suffix="geojson")
    told, tiles = diagnosed(raster, file)
    assert tiles == 0 and "its axes are swapped" in told[0] and "`layers: {ponds: {swap_axes: true}}`" in told[0]
    assert told[1].startswith("0 of 1 tiles have a label")
    assert diagnosed(raster, file, {"layers": {"ponds": {"swap_axes": True}}}) == ([], 1)


def test_axes_swapped_without_need_are_told(raster, tmp_path):
    told, tiles = diagnosed(raster, layer(tmp_path, POND), {"layers": {"ponds": {"swap_axes": True}}})
    assert tiles == 0 and "`layers: {ponds: {swap_axes: false}}`" in told[0]


def test_a_layer_without_a_crs_is_refused_with_what_to_write(raster, tmp_path):
    file = layer(tmp_path, POND, suffix="shp")
    file.with_suffix(".prj").unlink()
    with pytest.raises(UsageError, match=r"does not say its coordinate.*layers: \{ponds: \{crs: EPSG:32733\}\}.*guess"):
        diagnosed(raster, file)
    assert diagnosed(raster, file, {"layers": {"ponds": {"crs": "EPSG:32733"}}}) == ([], 1)


def test_no_overlap_tells_both_places_and_how_far_apart(raster, tmp_path):
    told, tiles = diagnosed(raster, layer(tmp_path, shapely.box(5, 50, 6, 51), crs="EPSG:4326"))
    assert tiles == 0
    assert "layer ponds and the raster do not overlap: the layer has longitude 5 to 6, latitude 50 to 51" in told[0]
    assert "the raster longitude 12.8" in told[0] and "latitude -34.3" in told[0]
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(6, 50, 12.826, -34.317)
    apart = float(told[0].split("they are ")[1].split(" km")[0].replace(",", ""))
    assert apart == pytest.approx(metres / 1000, rel=0.01)


def test_a_layer_around_the_raster_with_nothing_in_it_is_told(raster, tmp_path):
    beside = [shapely.box(*np.array(POND.bounds) + step) for step in (-900, 900)]
    told, _ = diagnosed(raster, layer(tmp_path, *beside))
    assert told[0] == "none of the 2 features of layer ponds lies in the raster; some lie beside it"


def test_invalid_geometries_are_repaired_and_counted(raster, tmp_path):
    bow = shapely.Polygon([(300_000, 6_199_900), (300_100, 6_200_000), (300_100, 6_199_900), (300_000, 6_200_000)])
    file = layer(tmp_path, bow, POND)
    rules = Rules.model_validate({"labels": [{"layer": "ponds", "word": "pond"}]})
    labeller = Labeller(Layers([file]), rules, raster)
    cover = labeller.label(Strip(np.array([shapely.box(300_000, 6_199_900, 300_100, 6_200_000)])))[0].cover["pond"]
    assert cover == pytest.approx(shapely.union(shapely.make_valid(bow), POND).area / 10_000)
    assert len(labeller.diagnoses) == 1
    assert labeller.diagnoses[0].startswith("layer ponds: 1 of 2 geometries around the raster were invalid")


def test_geojson_of_another_crs_is_read_as_it_says(raster, tmp_path):
    """A peer fails silently at GeoJSON that is not of WGS 84."""
    file = layer(tmp_path, POND, suffix="geojson")
    assert "crs" in json.loads(file.read_text())
    told, tiles = diagnosed(raster, file)
    assert tiles == 1 and told[0].startswith("layer ponds is GeoJSON in EPSG:32733 by its `crs` member")


def test_geojson_of_metres_that_says_nothing_is_told(raster, tmp_path):
    file = layer(tmp_path, POND, suffix="geojson")
    content = json.loads(file.read_text())
    del content["crs"]
    file.write_text(json.dumps(content))
    told, tiles = diagnosed(raster, file)
    assert tiles == 0 and "are no degrees" in told[0] and "`layers: {ponds: {crs: EPSG:32733}}`" in told[0]
    told, tiles = diagnosed(raster, file, {"layers": {"ponds": {"crs": "EPSG:32733"}}})
    assert tiles == 1 and told == ["layer ponds says it is in EPSG:4326; EPSG:32733, as the rules say, was used"]


def test_a_crs_without_a_code_is_used_as_it_is_defined(tmp_path):
    """A peer crashes where a CRS has no EPSG code."""
    here = pyproj.CRS.from_proj4("+proj=tmerc +lat_0=-34 +lon_0=20 +k=1 +x_0=1234 +y_0=99 +ellps=bessel +units=m")
    frame = geopandas.GeoSeries([POND], crs=UTM).to_crs(here)
    frame.to_file(tmp_path / "ponds.gpkg")
    opened = Raster.open(write_raster(tmp_path / "photo.tif", noise(3, 40, 40)))
    told, tiles = diagnosed(opened, tmp_path / "ponds.gpkg")
    assert tiles == 1 and len(told) == 1 and "has no EPSG code; its definition is used" in told[0]


def test_the_park_of_zion_has_a_crs_without_a_code(unpacked):
    folder = unpacked.folder("gis_layers") / "zion/data"
    opened = Raster.open(folder / "srtm.tif")
    rules = Rules.model_validate({"labels": [{"layer": "zion", "word": "park", "min_cover": 0.5}]})
    labeller = Labeller(Layers([folder / "zion.gpkg"]), rules, opened)
    middle, corner = shapely.box(-113.05, 37.25, -113.0, 37.3), shapely.box(-112.9, 37.4, -112.87, 37.45)
    assert [tile.labels for tile in labeller.label(Strip(np.array([middle, corner])))] == [("park",), ()]
    assert any("UTM Zone 12" in told and "has no EPSG code" in told for told in labeller.diagnoses)


def test_an_empty_layer_is_told(raster, tmp_path):
    layer(tmp_path, POND)
    empty = geopandas.GeoDataFrame({"a": []}, geometry=[], crs=UTM)
    empty.to_file(tmp_path / "ponds.gpkg", layer="ponds", mode="w")
    assert diagnosed(raster, tmp_path / "ponds.gpkg")[0][0] == f"layer ponds of {tmp_path / 'ponds.gpkg'} is empty"


def test_a_condition_that_matches_nothing_tells_the_values(raster, tmp_path):
    told, tiles = diagnosed(raster, layer(tmp_path, POND, POND, kind=["lake", "dam"]), where="kind = 'pond'")
    assert tiles == 0 and told[0] == (
        "labels[0] (pond, from ponds): where \"kind = 'pond'\" matches none of the 2 features around the raster; "
        "kind is 'lake' (1), 'dam' (1)"
    )


def test_conditions_of_a_draft_that_match_nothing_are_told_in_one_line(raster, tmp_path):
    file = layer(tmp_path, POND, kind=["lake"], other=["x"])
    labels = [{"layer": "ponds", "word": kind, "where": f"kind = '{kind}'"} for kind in ("lake", "dam", "pool", "well")]
    labeller = Labeller(Layers([file]), Rules.model_validate({"labels": labels}), raster)
    assert labeller.label(Strip(np.array([BOX])))[0].labels == ("lake",)
    assert labeller.diagnoses == [
        "3 conditions on ponds match none of the 1 features around the raster: of dam, pool, well"
    ]


def test_a_condition_on_no_column_lists_them(raster, tmp_path):
    with pytest.raises(UsageError, match=r"names none of the layer's columns; its columns are kind"):
        diagnosed(raster, layer(tmp_path, POND, kind=["lake"]), where="colour = 'blue'")


def test_an_unknown_layer_lists_those_there_are(raster, tmp_path):
    with pytest.raises(UsageError, match=r"no layer 'pond'; did you mean ponds\? there are ponds"):
        diagnosed(raster, layer(tmp_path, POND), layer="pond")
    with pytest.raises(UsageError, match="no layer 'lake'"):
        diagnosed(raster, layer(tmp_path, POND), {"layers": {"lake": {"swap_axes": True}}})


LINE = shapely.LineString([(300_050, 6_199_900), (300_050, 6_199_950)])


@pytest.mark.parametrize(
    ("geometry", "rule", "told"),
    [
        (POND, {"min_cover": 0.9}, "the most that is covered of one is 0.0281, below min_cover 0.9"),
        (LINE, {"min_length": 80}, "the longest in one is 50 m, below min_length 80"),
        (
            LINE,
            {"min_cover": 0.1},
            "lines and points cover nothing of a tile; give a buffer in metres, or min_length for lines",
        ),
        (POND, {"min_length": 5}, "min_length is of lines, and there are none; use min_cover"),
    ],
)
def test_rules_that_match_no_tile_say_why(raster, tmp_path, geometry, rule, told):
    found, tiles = diagnosed(raster, layer(tmp_path, geometry), **rule)
    assert tiles == 0 and found[0] == f"labels[0] (pond, from ponds) matched no tile: {told}"
    assert found[1] == "0 of 1 tiles have a label; why is said above"


def test_no_tile_at_all_is_told(raster, tmp_path):
    rules = Rules.model_validate({"labels": [{"layer": "ponds", "word": "pond"}]})
    labeller = Labeller(Layers([layer(tmp_path, POND)]), rules, raster)
    assert labeller.diagnoses == [
        "there were 0 tiles to label: the raster is smaller than a tile, or lacks data everywhere"
    ]


def test_many_layers_at_once(raster, tmp_path):
    """A peer takes one GeoJSON at a time."""
    files = []
    for number in range(5):
        files.append(tmp_path / f"layer{number}.geojson")
        geopandas.GeoSeries([POND], crs=UTM).to_crs(4326).to_file(files[-1])
    rules = Rules.model_validate({"labels": [{"layer": f"layer{n}", "word": f"word{n}"} for n in range(5)]})
    labels = Labeller(Layers(files), rules, raster).label(Strip(np.array([BOX])))[0].labels
    assert labels == tuple(f"word{n}" for n in range(5))


LOCAL = 'LOCAL_CS["yard",UNIT["metre",1]]'


def test_a_layer_in_a_local_crs_is_refused_with_what_to_write(raster, tmp_path):
    file = layer(tmp_path, POND, crs=LOCAL)
    told = r"layer ponds of .*ponds.gpkg is in 'yard', which says nothing of where on Earth.*ponds: \{crs: EPSG:32733\}"
    with pytest.raises(UsageError, match=told):
        diagnosed(raster, file)
    found, tiles = diagnosed(raster, file, {"layers": {"ponds": {"crs": "EPSG:32733"}}})
    assert tiles == 1 and found == ["layer ponds says it is in yard; EPSG:32733, as the rules say, was used"]


def test_heights_in_a_geojson_are_no_other_crs(raster, tmp_path):
    there = geopandas.GeoSeries([shapely.force_3d(POND, 7)], crs=UTM).to_crs(4979)
    there.to_file(tmp_path / "ponds.geojson")
    assert diagnosed(raster, tmp_path / "ponds.geojson") == ([], 1)


def test_an_empty_geojson_is_told(raster, tmp_path):
    file = layer(tmp_path, crs="EPSG:4326", suffix="geojson", a=[])
    assert diagnosed(raster, file)[0][0] == f"layer ponds of {file} is empty"


def test_a_damaged_feature_costs_itself_alone(raster, tmp_path):
    file = layer(tmp_path, POND, POND, crs=UTM, suffix="geojson")
    content = json.loads(file.read_text())
    content["features"][0]["geometry"]["coordinates"][0].pop()
    del content["crs"]
    file.write_text(json.dumps(content))
    told, tiles = diagnosed(raster, file, {"layers": {"ponds": {"crs": "EPSG:32733"}}})
    assert tiles == 1 and told[1] == "layer ponds: 1 features have no geometry or a damaged one, and were left out"


def test_an_offset_that_leads_off_the_map_is_refused(tmp_path):
    """The plane of a view from space ends at its horizon."""
    ground = Ground(pyproj.CRS.from_proj4("+proj=ortho +lat_0=0 +lon_0=0"), (6_370_000, 0, 6_370_400, 400), 10)
    raster = Raster.open(write_raster(tmp_path / "photo.tif", noise(3, 40, 40)))
    with pytest.raises(UsageError, match=r"an offset of 900000 m east, 0 m north leads off the map of photo.tif"):
        offset_step(OffsetRules(east=900_000), raster, ground)


def test_layers_moved_far_away_are_told(raster, tmp_path):
    told, tiles = diagnosed(raster, layer(tmp_path, POND), {"offset": {"north": -900_000}})
    assert tiles == 0 and told[-1].startswith("0 of 1 tiles have a label")
