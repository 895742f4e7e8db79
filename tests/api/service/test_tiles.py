"""Tiles over HTTP: no pixel of a file outside of the roots, and which town of several is looked around."""

import io
import json
from collections.abc import Iterator

import httpx
import pytest
from PIL import Image

from mindseye.api.mindseye import Mindseye
from mindseye.api.service.service import Service
from tests.api.service.conftest import run_in_thread
from tests.indexer.gis.tiling import paint_raster, tiles_of, vrt_of, write_tileset

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1"])


@pytest.fixture
def vrt(pocket, tmp_path) -> Iterator[Mindseye]:
    """A library of the tiles of a VRT in `inside` whose pixels lie in `outside`."""
    outside, inside = paint_raster(tmp_path / "outside" / "a.tif"), tmp_path / "inside"
    inside.mkdir()
    write_tileset(inside / "tiles", tiles_of(vrt_of(inside / "a.vrt", outside)))
    with Mindseye(tmp_path / "library", pocket, "pytest") as eye:
        assert eye.index([inside / "tiles"]).tiles == 12
        yield eye


@pytest.mark.parametrize(("roots", "status"), [(["inside"], 403), (["inside", "outside"], 200), ([], 200)])
@pytest.mark.parametrize("kind", ["thumbnail", "original"])
def test_tiles_of_a_vrt_are_sent_only_where_all_that_it_names_may_be_shown(vrt, tmp_path, roots, status, kind):
    for own in run_in_thread(Service(vrt, [tmp_path / each for each in roots]), tmp_path):
        answer = httpx.get(f"{own.address}/v1/items/1/{kind}")
        assert answer.status_code == status and (status == 200) == answer.headers["content-type"].startswith("image/")


def test_the_map_shows_no_tile_of_what_may_not_be_shown(vrt, tmp_path):
    drawn = []
    for roots in ([tmp_path / "inside"], []):
        served = Service(vrt, roots).map
        served.draw(False, lambda done, total: None)
        sheet = served.sheet(json.loads(served.told())["version"], 0)
        with Image.open(io.BytesIO(sheet)) as picture:
            drawn.append(len(picture.convert("RGB").getcolors(2**20)))
    assert drawn[0] == 1 < 50 < drawn[1]


def test_a_tile_of_a_raster_that_is_gone_is_not_found(vrt, tmp_path):
    (tmp_path / "inside" / "a.vrt").unlink()
    for own in run_in_thread(Service(vrt, [tmp_path]), tmp_path):
        for kind in ("thumbnail", "original"):
            assert httpx.get(f"{own.address}/v1/items/1/{kind}").status_code == 404


def test_an_answer_tells_which_town_of_several_it_looked_around(vrt, tmp_path):
    for own in run_in_thread(Service(vrt, []), tmp_path):
        told = httpx.get(f"{own.address}/v1/search?q=river&near=springfield&radius=5km", timeout=30).json()
        assert told["near"]["of"] > 10 and told["near"] == told["near"] | {
            "name": "Springfield", "region": "MO", "country": "US", "latitude": 37.21533, "longitude": -93.29824,
        }  # fmt: skip
        assert "near" not in httpx.get(f"{own.address}/v1/search?q=river&near=37.2,-93.3").json()
        like = httpx.get(f"{own.address}/v1/items/1/similar?near=Swellendam").json()
        assert (like["near"]["name"], like["near"]["of"]) == ("Swellendam", 1)
