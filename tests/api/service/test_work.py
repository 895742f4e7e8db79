"""Imagining, indexing and repair over HTTP: followed as they go, stopped, and never waited for by a search."""

import base64
import io
import time
from threading import Event

import pytest
from PIL import Image

from mindseye.api.client import Client
from tests.api.service.test_searching import names, refused

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.mark.slow
def test_a_picture_emerges_while_searches_are_answered(own, photos):
    with own.client() as client, Client(own.address) as other:
        client.wait(client.index(str(photos / "album")))
        job = client.imagine("zebra", size=64)
        assert client.imagine("zebra", size=64).id == job.id  # the same wish is one job
        steps, pictures, slowest = [], [], 0.0
        for event in client.follow(job.id):
            if event.name == "progress":
                steps.append(event.data["done"])
                began = time.perf_counter()
                assert names(other.search("cat", limit=1, among="images")) == ["cat.png"]
                slowest = max(slowest, time.perf_counter() - began)
            elif event.name == "picture":
                pictures.append(event.data["src"])
        assert event.name == "end" and event.data["state"] == "done"
        assert steps == sorted(steps) and len(set(steps)) > 5 and slowest < 2
        head, _, data = pictures[0].partition(",")
        with Image.open(io.BytesIO(base64.b64decode(data))) as shown:
            assert head == "data:image/jpeg;base64" and shown.size == (64, 64)
        assert len(set(pictures)) > 1
        made = event.data["result"]
        assert client.explain(made["item_id"]).imagined.record.query == "zebra"
        with Image.open(io.BytesIO(client.original(made["item_id"]))) as whole:
            assert whole.text["mindseye:synthetic"] == "true"
        assert client.items(origin="imagined").total == 1


def test_what_no_picture_shows_begins_to_be_imagined(own):
    with own.client() as client:
        answer = client.search("zebra", imagine="auto")
        assert answer.job and answer.job.about["word"] == "zebra" and not answer.decision.matched
        assert client.cancel(answer.job.id).state in ("running", "stopped")
        assert client.wait(answer.job).state == "stopped"


def test_who_lets_go_does_not_stop_what_another_wants(own):
    gate = Event()
    own.service.jobs.start("imagine", lambda job: gate.wait(20), {})
    with own.client() as mine, own.client() as yours:
        job = mine.imagine("okapi")
        assert yours.imagine("okapi").id == job.id != yours.imagine("okapi", seed=1).id
        assert mine.cancel(job.id).state == "waiting"
        assert yours.cancel(job.id).state == "stopped"
        gate.set()


def test_imagining_is_stopped(own):
    with own.client() as client:
        job = client.imagine("okapi")
        for event in client.follow(job.id):
            if event.name == "progress" and event.data["done"] >= 2:
                client.cancel(job.id)
        assert event.name == "end" and event.data["state"] == "stopped" and event.data["result"] is None
        assert client.items(origin="imagined").total == 0
        assert client.runs(1)[0].counts == {"imagined": 0, "interrupted": True}


def test_what_cannot_be_imagined_is_told_at_once(client):
    assert refused(client.imagine, "asdfghjkl").code == "unknown_word"
    assert refused(client.imagine, "cat + @1").code == "usage"
    job = client.wait(client.imagine("cat", method="none of these"))
    assert job.state == "failed" and job.error.code == "usage" and "none of these" in job.error.message


def test_a_folder_is_indexed(own, photos):
    with own.client() as client:
        job = client.index(str(photos / "album"), "album", ["holiday"])
        ended = client.wait(job)
        assert (ended.state, ended.done, ended.total) == ("done", 15, 15)
        assert (ended.result["added"], len(ended.result["skipped"])) == (14, 1)
        assert [each.uri.rpartition("/")[2] for each in client.skipped()] == ["broken.jpg"]
        assert client.status().modalities == {"image": 13, "paragraph": 1, "document": 1}
        assert client.runs(1)[0].kind == "index"
        assert names(client.search("cat", label=["holiday"], limit=1, among="images")) == ["cat.png"]


def test_nothing_outside_of_the_roots_is_indexed(own, tmp_path_factory, photos):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "cat.png").write_bytes((photos / "album" / "cat.png").read_bytes())
    (own.root / "link").symlink_to(outside)
    (own.root / "real").mkdir()
    (own.root / "real" / "cat.png").symlink_to(outside / "cat.png")
    with own.client() as client:
        for path in (str(outside), "/etc", "/", "..", str(own.root / "link"), f"{own.root}/../outside0"):
            assert refused(client.index, path).code == "outside_roots", path
        assert refused(client.index, "nowhere").code == "usage"
        assert refused(client.index, None).code == "usage"
        report = client.wait(client.index("real")).result
        assert report["seen"] == 0 and "leads out" in report["skipped"][0]["reason"]
        assert client.items().total == 0


def test_a_library_is_examined_and_mended(own, photos):
    with own.client() as client:
        client.wait(client.index(str(photos / "album")))
        assert client.doctor().sound
        background = own.service.eye.root / "background.npz"
        client.search("cat")
        background.write_bytes(b"damaged")
        assert [each.code for each in client.doctor().findings] == ["background_unreadable"] or client.doctor().findings
        ended = client.wait(client.repair())
        assert ended.state == "done" and ended.result["sound"]
        assert client.doctor().sound


def test_spaces_are_told(client):
    (used,) = [space for space in client.spaces() if space.in_use]
    assert used.name == "pocket" and used.built_in
