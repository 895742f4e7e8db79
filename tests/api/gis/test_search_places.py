"""Tiles on the command line and over HTTP: searched by place, exported, told and sent."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mindseye.api.client import Client
from mindseye.api.mindseye import Mindseye
from mindseye.api.service.service import Service
from mindseye.indexer.gis.pixels import read_tile
from mindseye.indexer.gis.placed import placed
from tests.api.service.conftest import run_in_thread
from tests.indexer.gis.tiling import paint_raster, tiles_of, write_tileset
from tests.pictures import paint

DATE = "2010-11-24"


@pytest.fixture(scope="module")
def aerial(tmp_path_factory) -> Path:
    """A tile set near Swellendam, its raster, and a photograph."""
    folder = tmp_path_factory.mktemp("aerial")
    raster = paint_raster(folder / "town.tif")
    write_tileset(folder / "tiles", tiles_of(raster, {(0, 0): ["road"]}, DATE))
    paint(folder / "photos" / "photo.png", 3)
    return folder


def asked(run, *arguments: object) -> tuple[dict, str]:
    code, out, err = run(*arguments, "--json")
    assert code in (0, 1), err
    return json.loads(out), err


def test_the_whole_way_on_the_command_line(run, aerial, tmp_path):
    code, out, _ = run("index", aerial / "tiles", "--collection", "aerial")
    assert code == 0 and out.startswith("0 files and 12 tiles seen: 12 added")
    run("index", aerial / "photos")
    told, err = asked(run, "search", "road", "--imagine", "never", "-n", 20, "-o", tmp_path / "hits.geojson")
    assert len(told["hits"]) == 13 and "1 of 13 hits lie nowhere" in err
    hits = {hit.get("place"): hit for hit in told["hits"]}
    assert set(hits[None]) == {"rank", "item_id", "modality", "uri", "score", "probability", "also", "near"}
    one = hits["xywh=0,0,32,32"]
    assert one["date"] == DATE and one["box"] == pytest.approx([20, -34.1, 20.1, -34])
    features = json.loads((tmp_path / "hits.geojson").read_text())["features"]
    assert [each["properties"]["rank"] for each in features] == [h["rank"] for h in told["hits"] if "place" in h]
    box, _ = asked(run, "search", "road", "--imagine", "never", "--box", "20,-34.1,20.2,-34")
    assert {hit["place"] for hit in box["hits"]} == {"xywh=0,0,32,32", "xywh=32,0,32,32"}
    near, _ = asked(run, "search", "road", "--imagine", "never", "--near", "-34.05,20.05", "--radius", "1km")
    assert [hit["place"] for hit in near["hits"]] == ["xywh=0,0,32,32"]
    town, _ = asked(run, "search", "road", "--imagine", "never", "--near", "Swellendam", "-n", 20)
    assert 0 < len(town["hits"]) < 12
    dated, _ = asked(run, "search", "road", "--imagine", "never", "--date", "2010-11", "--label", "road")
    assert [hit["place"] for hit in dated["hits"]] == ["xywh=0,0,32,32"]
    ref = f"{aerial / 'town.tif'}#xywh=0,0,32,32"
    like, _ = asked(run, "similar", ref, "-n", 3, "--collection", "aerial", "-o", tmp_path / "like.gpkg")
    assert one["item_id"] not in {hit["item_id"] for hit in like["hits"]} and (tmp_path / "like.gpkg").is_file()
    assert run("search", "road", "-o", tmp_path / "hits.shp")[0] == 2
    assert run("search", "road", "--box", "1,2")[0] == 2
    code, out, _ = run("explain", ref)
    assert code == 0 and "layer roads, word road" in out
    assert run("duplicates", "--near", "-34.05,20.05")[0] == 0


@pytest.fixture(scope="module")
def eye_of_tiles(pocket, aerial, tmp_path_factory) -> Iterator[Mindseye]:
    with Mindseye(tmp_path_factory.mktemp("served") / "library", pocket, "pytest") as eye:
        eye.index([aerial / "tiles"], "aerial")
        yield eye


@pytest.fixture(scope="module")
def client(eye_of_tiles, aerial) -> Iterator[Client]:
    with contextmanager(run_in_thread)(Service(eye_of_tiles, [aerial]), aerial) as running, running.client() as client:
        yield client


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_tiles_over_http(client, eye_of_tiles):
    found = client.search("road", box="20,-34.1,20.2,-34")
    assert {hit.place for hit in found.hits} == {"xywh=0,0,32,32", "xywh=32,0,32,32"} and found.hits[0].date == DATE
    assert len(client.search("road", near="-34.05,20.05", radius="1km").hits) == 1
    for tile in placed(eye_of_tiles.library())[:3]:
        sent = client.original(tile.item_id)
        with Image.open(io.BytesIO(sent)) as picture:
            assert picture.format == "PNG"
            shown = read_tile(tile.raster, tile.window, tile.rendering)
            assert np.array_equal(np.asarray(picture), np.asarray(shown))
        assert client.thumbnail(tile.item_id)[:2] == b"\xff\xd8"
        told = client.explain(tile.item_id)
        assert told.tile.window == tile.place and told.tile.made["command"] == "mindseye gis label"
        assert client.item(tile.item_id).taken == DATE
