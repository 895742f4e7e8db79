"""Layers of all formats are met alike, by their names, and read no more than needed."""

import json

import geopandas
import numpy as np
import osmium
import pyogrio
import pytest
import shapely
from osmium.osm.mutable import Node, Way

from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.vectors import Summary, layers_in

BOXES = [shapely.box(x, y, x + 1, y + 1) for x in range(4) for y in range(3)]
FRAME = geopandas.GeoDataFrame({"kind": ["pond", "Pond"] * 6, "number": range(12)}, geometry=BOXES, crs="EPSG:4326")


def written(folder, suffix: str, name: str = "ponds", frame: geopandas.GeoDataFrame = FRAME):
    path = folder / f"{name}.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "fgb", "parquet", "geojsonl", "sqlite"])
def test_every_format_gives_the_same_features(tmp_path, suffix):
    (layer,) = layers_in(written(tmp_path, suffix))
    assert layer.name == "ponds" and layer.crs is not None and layer.crs.to_epsg() == 4326
    assert {"kind", "number"} <= set(layer.fields)
    near = layer.read((0.5, 0.5, 1.5, 0.9), ["number"])
    assert sorted(near.columns["number"].tolist()) == [0, 3]
    assert all(shapely.equals(near.geometries, np.array(BOXES)[near.columns["number"].astype(int)]))
    assert len(layer.read(None, []).geometries) == 12
    summary = layer.summary()
    assert summary.features == 12 and summary.extent == (0, 0, 4, 3)


def test_open_street_map(tmp_path):
    with osmium.SimpleWriter(str(tmp_path / "town.osm.pbf")) as writer:
        for number, place in enumerate([(20.5, -34.0), (20.501, -34.0), (20.501, -34.001)], 1):
            writer.add_node(Node(id=number, location=place, tags={"amenity": "school"} if number == 1 else {}))
        writer.add_way(Way(id=1, nodes=[1, 2, 3, 1], tags={"building": "yes"}))
        writer.add_way(Way(id=2, nodes=[1, 2, 3], tags={"highway": "residential"}))
    layers = Layers([tmp_path / "town.osm.pbf"])
    streets = layers.find("lines").read((20.4, -34.1, 20.6, -33.9), ["highway"])
    assert streets.columns["highway"].tolist() == ["residential"]
    houses = layers.find("multipolygons").read(None, ["building"])
    assert houses.columns["building"].tolist() == ["yes"] and shapely.area(houses.geometries)[0] == pytest.approx(5e-7)
    assert not len(layers.find("lines").read((0, 0, 1, 1), []).geometries)


def test_a_layer_is_named_by_its_file_or_its_name_in_it(tmp_path):
    FRAME.to_file(tmp_path / "town.gpkg", layer="houses")
    layers = Layers([written(tmp_path, "shp"), tmp_path / "town.gpkg"])
    assert layers.find("ponds").file.name == "ponds.shp"
    for name in ("town", "houses", "town/houses", "town.gpkg:houses"):
        assert (layers.find(name).file.name, layers.find(name).name) == ("town.gpkg", "houses")


def test_what_is_ambiguous_or_unknown_is_refused_with_the_names(tmp_path):
    for name in ("houses", "ponds"):
        FRAME.to_file(tmp_path / "town.gpkg", layer=name)
    layers = Layers([written(tmp_path, "shp"), tmp_path / "town.gpkg", tmp_path / "absent.gpkg"])
    with pytest.raises(UsageError, match=r"'ponds' names 2 layers; write one of ponds/ponds, town/ponds"):
        layers.find("ponds")
    with pytest.raises(UsageError, match="'town' names 2 layers; write one of houses, town/ponds"):
        layers.find("town")
    with pytest.raises(
        UsageError, match=r"no layer 'house'; there is no file .*absent.gpkg; did you mean houses\? there are"
    ):
        layers.find("house")
    assert [layers.find(layers.unambiguous(layer)) for layer in layers] == list(layers)


def test_geojson_is_read_once_for_many_rasters(tmp_path, monkeypatch):
    """GeoJSON would be parsed from its beginning for each box: a peer took minutes a sample."""
    side = 60
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    many = geopandas.GeoDataFrame(geometry=shapely.box(x, y, x + 0.5, y + 0.5).ravel(), crs=32733)
    pyogrio.write_dataframe(many, tmp_path / "many.geojson", layer_options={"WRITE_BBOX": "NO"})
    reads = []
    read = pyogrio.raw.read
    monkeypatch.setattr(pyogrio.raw, "read", lambda *args, **named: reads.append(1) or read(*args, **named))
    (layer,) = layers_in(tmp_path / "many.geojson")
    found = [len(layer.read((column, 0, column + 9.2, 9.2), []).geometries) for column in range(0, 50, 10)]
    assert found == [100] * 5 and len(reads) == 1


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "fgb"])
def test_files_that_can_are_asked_for_a_box_only(tmp_path, suffix, monkeypatch):
    boxes = []
    read = pyogrio.raw.read
    monkeypatch.setattr(pyogrio.raw, "read", lambda *args, **named: boxes.append(named["bbox"]) or read(*args, **named))
    (layer,) = layers_in(written(tmp_path, suffix))
    layer.read((0.5, 0.5, 1.5, 0.9), [])
    assert boxes == [(0.5, 0.5, 1.5, 0.9)]


def test_a_shapefile_is_read_whole_though_its_index_lags_behind(unpacked):
    """GDAL alone reads 12 of its 20 features: the index knows of 19, most of them where they no longer are."""
    (layer,) = layers_in(unpacked.folder("gis_layers") / "swellendam/shapefile/rivers.shp")
    found = layer.read((20.4, -34.1, 20.55, -34.0), ["name"])
    assert layer.summary().features == 20 and not found.without
    assert {"Breede River", "Buffeljagsrivier", "Koornlands"} <= set(found.columns["name"])
    assert shapely.intersects(found.geometries, shapely.box(20.4, -34.1, 20.55, -34.0)).all()


@pytest.mark.parametrize("harm", ["lost", "cut short", "of another"])
def test_a_shapefile_without_its_index_is_read_by_a_new_one(tmp_path, harm):
    file = written(tmp_path, "shp")
    whole = layers_in(file)[0].read(None, ["number"])
    index = file.with_suffix(".shx")
    if harm == "lost":
        index.unlink()
    else:
        index.write_bytes(index.read_bytes()[:-8] if harm == "cut short" else b"\0" * 100)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    (layer,) = layers_in(file)
    found = layer.read(None, ["number"])
    assert layer.file == file and list(found.columns["number"]) == list(whole.columns["number"])
    assert shapely.equals(found.geometries, whole.geometries).all()
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before, "nothing is written beside it"


def test_geoparquet_without_a_crs_is_longitude_and_latitude(tmp_path):
    import pyarrow.parquet as pq

    table = pq.read_table(written(tmp_path, "parquet"))
    told = json.loads(table.schema.metadata[b"geo"])
    del told["columns"]["geometry"]["crs"]
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(told)}), tmp_path / "bare.parquet")
    (layer,) = layers_in(tmp_path / "bare.parquet")
    assert layer.crs is not None and layer.crs.to_string() == "OGC:CRS84"


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "fgb", "parquet"])
def test_a_layer_without_features_is_empty_in_every_format(tmp_path, suffix):
    (layer,) = layers_in(written(tmp_path, suffix, frame=FRAME[:0]))
    assert layer.summary() == Summary(0, None)
    assert not len(layer.read((0, 0, 1, 1), []).geometries)


def test_a_layer_of_nothing_but_missing_geometries_lies_nowhere(tmp_path):
    (layer,) = layers_in(written(tmp_path, "geojson", frame=FRAME.set_geometry([None] * 12, crs=4326)))
    assert layer.summary() == Summary(12, None)


def test_a_ring_that_does_not_close_costs_its_feature_alone(tmp_path):
    """GDAL gives the ring as it is, shapely takes none that is open: once the whole layer was lost."""
    told = json.loads(written(tmp_path, "geojson").read_text())
    told["features"][3]["geometry"]["coordinates"][0].pop()
    (tmp_path / "open.geojson").write_text(json.dumps(told))
    (layer,) = layers_in(tmp_path / "open.geojson")
    found = layer.read(None, ["number"])
    assert found.without == 1 and shapely.is_missing(found.geometries).tolist() == [n == 3 for n in range(12)]
    assert layer.summary() == Summary(12, (0, 0, 4, 3))


def test_heights_are_left_out_of_geometries_and_of_their_crs(tmp_path):
    high = FRAME.set_geometry(shapely.force_3d(BOXES, 5)).to_crs(4979)
    for suffix in ("gpkg", "geojson", "parquet"):
        (layer,) = layers_in(written(tmp_path, suffix, frame=high))
        assert layer.crs is not None and layer.crs.to_epsg() == 4326
        assert not shapely.has_z(layer.read(None, []).geometries).any()


def test_a_table_that_is_no_geoparquet_is_refused_in_words(tmp_path):
    FRAME.drop(columns="geometry").to_parquet(tmp_path / "plain.parquet")
    with pytest.raises(UnreadableFileError, match=r"plain.parquet is no GeoParquet: .*; write it by geopandas"):
        layers_in(tmp_path / "plain.parquet")


def test_a_file_that_is_not_there_comes_before_the_names_that_are_missing_with_it(tmp_path):
    layers = Layers([written(tmp_path, "shp"), tmp_path / "gone.gpkg"])
    with pytest.raises(UsageError, match=r"there is no layer 'gone'; there is no file .*gone.gpkg; there are ponds"):
        layers.find("gone")
    with pytest.raises(UsageError, match=r"no layer 'gone'; there is no file .*gone.gpkg; no other file holds a layer"):
        Layers([tmp_path / "gone.gpkg"]).find("gone")
