"""Files whose names are no text: every route tells of them by names that can be printed, and sends them."""

import os
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

import pytest

from mindseye.api.service.shapes import JobTold
from mindseye.api.service.telling import as_json, tellable
from tests.api.service.conftest import SAYS

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
RAW = b"\xff\xfe"
NAME = os.fsdecode(RAW)
HALF = re.compile(r"(?<!\\)\\ud[89a-f]")  # half a character, escaped in JSON


@pytest.fixture
def odd(own, photos):
    """A service whose library holds a picture, a text and a broken file of such names."""
    folder = own.root / NAME
    folder.mkdir()
    said = {".jpg": (photos / "album" / "cat.png").read_bytes(), ".txt": SAYS.encode(), ".png": b"no picture"}
    for suffix, data in said.items():
        (folder / f"{NAME}{suffix}").write_bytes(data)
    with own.client() as client:
        job = client.wait(client.index(str(own.root)))
        assert (job.state, job.result["added"], len(job.result["skipped"])) == ("done", 2, 1)
    return own


def test_every_route_tells_of_them(odd):
    with odd.client() as client:
        http = client._http
        job = client.jobs()[0].id
        collection = client.collections()[0].name
        picture, note, part = (client.items(modality=each).items[0].id for each in ("image", "document", "paragraph"))
        items = [f"/v1/items/{each}{more}" for each in (picture, note, part)
                 for more in ("", "/explain", "/similar", "/words", "/original")]  # fmt: skip
        texts = [
            "/v1/search?q=cat", "/v1/search?q=okapi&in=paragraphs,documents", f"/v1/search?q=cat+%2B+@{picture}",
            "/v1/items", "/v1/items?modality=document", "/v1/jobs", f"/v1/jobs/{job}", f"/v1/jobs/{job}/events",
            "/v1/status", "/v1/runs", "/v1/skipped", "/v1/collections", f"/v1/collections/{collection}/items",
            "/v1/spaces", "/v1/doctor", "/v1/map", f"/v1/items/{picture}/thumbnail",
        ]  # fmt: skip
        for path in (*texts, *items):
            answer = http.get(path)
            assert answer.status_code == 200, path
            if "image" not in answer.headers["content-type"] and not path.endswith("/original"):
                assert not HALF.search(answer.text), path
        assert client.wait(JobTold(**http.post("/v1/map", json={}).json())).state == "done"
        assert http.get("/v1/map").status_code == 200 and not HALF.search(http.get("/v1/map").text)


def test_their_uris_lead_back_to_them(odd):
    with odd.client() as client:
        hit = client.search("cat", limit=1, among="images").hits[0]
        found = Path(os.fsdecode(unquote_to_bytes(urlsplit(hit.uri).path)))
        assert found == odd.root / NAME / f"{NAME}.jpg" and found.exists()
        assert client.similar(hit.item_id).query.endswith(r"\udcff\udcfe/\udcff\udcfe.jpg")
        note = client.items(modality="document").items[0]
        assert client.original(note.id) == SAYS.encode()
        found.rename(odd.root / "away.jpg")
        answer = client._http.get(f"/v1/items/{hit.item_id}/original")
        assert answer.status_code == 404 and r"\udcff" in answer.json()["error"]["message"]


def test_json_holds_what_it_held():
    told = {"é": ["\u2028", '"', 1.5, None, "\U0001f600"]}
    assert as_json(told).decode() == '{"é":["\u2028","\\"",1.5,null,"\U0001f600"]}'
    assert as_json(["a\udcffb"]) == rb'["a\\udcffb"]'
    assert tellable("a\udcff") == r"a\udcff"
