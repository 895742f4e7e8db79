"""Layers of all formats are met alike, by their names, and read no more than needed."""

import geopandas
import numpy as np
import osmium
import pyogrio
import pytest
import shapely
from osmium.osm.mutable import Node, Way

from mindseye.engine.errors import UsageError
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.vectors import layers_in

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
    with pytest.raises(UsageError, match=r"no layer 'house'; did you mean houses\? there are .*absent.gpkg cannot be"):
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
    import json

    import pyarrow.parquet as pq

    table = pq.read_table(written(tmp_path, "parquet"))
    told = json.loads(table.schema.metadata[b"geo"])
    del told["columns"]["geometry"]["crs"]
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(told)}), tmp_path / "bare.parquet")
    (layer,) = layers_in(tmp_path / "bare.parquet")
    assert layer.crs is not None and layer.crs.to_string() == "OGC:CRS84"
