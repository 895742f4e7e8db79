"""The map over HTTP: drawn by a job, told as columns, its pictures on sheets; items gathered."""

import io
import json
import time

import numpy as np
import pytest
from PIL import Image

from mindseye.api.maps.sprites import sheets_of
from mindseye.api.service import mapping
from mindseye.api.service.mapping import ServedMap
from mindseye.engine.errors import NotFoundError
from tests.pictures import painting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1"])


def ended(http, job: dict) -> dict:
    for _ in range(600):
        told = http.get(f"/v1/jobs/{job['id']}").json()
        if told["state"] in ("done", "stopped", "failed"):
            return told
        time.sleep(0.05)
    raise AssertionError("the job does not end")


@pytest.fixture
def http(own):
    import httpx

    with httpx.Client(base_url=own.address, timeout=30) as client:
        yield client


@pytest.fixture
def filled(own, tmp_path):
    folder = tmp_path / "paintings"
    folder.mkdir()
    for seed in range(7):
        painting(seed, 64).save(folder / f"{seed}.png")
    own.service.eye.index([folder], "paintings")
    return own


def test_it_is_none_until_a_job_has_drawn_it(filled, http):
    assert http.get("/v1/map").json() == {"state": "none", "count": 0, "waiting": 0}
    answer = http.post("/v1/map", json={})
    assert answer.status_code == 202
    assert ended(http, answer.json())["result"] == {"count": 7, "added": 0}
    told = http.get("/v1/map").json()
    assert told["state"] == "ready" and told["count"] == 7 and told["waiting"] == 0
    assert sorted(told["pictures"]) == list(range(7)) and np.isfinite(told["x"]).all()
    sheet = http.get(told["sheets"]["addresses"][0])
    assert sheet.headers["content-type"] == "image/webp" and "immutable" in sheet.headers["cache-control"]
    with Image.open(io.BytesIO(sheet.content)) as picture:
        assert picture.width == told["sheets"]["side"] * told["sheets"]["across"]
    assert http.get("/v1/map/atlas/0?v=0000000000000000").status_code == 404
    assert http.get(f"/v1/map/atlas/9?v={told['version']}").status_code == 404


def test_what_is_new_waits_and_is_placed(filled, http, tmp_path):
    ended(http, http.post("/v1/map", json={}).json())
    before = http.get("/v1/map").json()
    painting(30, 64).save(tmp_path / "paintings" / "new.png")
    filled.service.eye.index([tmp_path / "paintings"], "paintings")
    assert http.get("/v1/map").json()["waiting"] == 1
    ended(http, http.post("/v1/map", json={}).json())
    after = http.get("/v1/map").json()
    assert after["count"] == 8 and after["added"] == 1 and after["version"] != before["version"]
    assert after["x"][:7] == before["x"] and after["y"][:7] == before["y"]
    ended(http, http.post("/v1/map", json={"refit": True}).json())
    assert http.get("/v1/map").json()["added"] == 0


def test_items_are_gathered_into_a_collection(filled, http):
    ids = [each["id"] for each in http.get("/v1/collections/paintings/items").json()["items"]][:3]
    told = http.post("/v1/collections/my%20choice/items", json={"items": ids}).json()
    assert (told["collection"], told["added"], told["unchanged"]) == ("my choice", 3, 0)
    held = http.get("/v1/collections/my%20choice/items").json()
    assert held["total"] == 3
    run = http.get(f"/v1/items/{held['items'][0]['id']}/explain")
    assert run.status_code == 404 or run.json()["run"]["kind"] == "gather"


@pytest.mark.parametrize("body", [{}, {"items": []}, {"items": [0]}, {"items": ["a"]}, {"items": [1], "more": 1}])
def test_what_is_no_list_of_items_is_refused(client, body):
    answer = client._http.post("/v1/collections/mine/items", json=body)
    assert 400 <= answer.status_code < 500 and answer.json()["error"]["message"]


def test_an_unknown_item_is_not_gathered(client):
    answer = client._http.post("/v1/collections/mine/items", json={"items": [999_999]})
    assert answer.status_code == 404 and "999999" in answer.json()["error"]["message"]


def test_a_sheet_is_of_the_map_that_was_asked_for(filled, tmp_path, monkeypatch):
    """The map is brought up to date between the look at its version and the drawing."""
    served = filled.service.map
    served.draw(False, lambda done, total: None)
    version = json.loads(served.told())["version"]
    expected = served.sheet(version, 0)
    other = ServedMap(filled.service.eye, filled.service.roots)
    other.told()

    def overtaken(chart):
        painting(31, 64).save(tmp_path / "paintings" / "late.png")
        filled.service.eye.index([tmp_path / "paintings"], "paintings")
        other.draw(False, lambda done, total: None)
        assert json.loads(other.told())["version"] != version
        return sheets_of(chart)

    monkeypatch.setattr(mapping, "sheets_of", lambda chart: (monkeypatch.undo(), overtaken(chart))[1])
    assert other.sheet(version, 0) == expected
    with pytest.raises(NotFoundError):
        other.sheet(version, 0)
