"""Pages as they are sent: names that are no text, what may not be shown, what went meanwhile, bounds, runs."""

import os
import re
import shutil
import time
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from mindseye.api import imagining
from mindseye.api.mindseye import Mindseye
from mindseye.api.service.app import create_app
from mindseye.api.service.imagining import start_imagining
from mindseye.api.service.service import Service
from mindseye.api.service.wish import Wish
from mindseye.api.web import results
from mindseye.api.web.pages.library import folded
from mindseye.engine.synthesis import EnsembleInversion, InversionSettings
from mindseye.indexer.browsing import browse
from mindseye.indexer.records import Run
from tests.pictures import painting

ODD = os.fsdecode(b"\xff\xfe")
ADDRESSES = ("/", "/?q=cat", "/?q=cat&sort=name", "/?like=1", "/more?q=cat", "/library", "/status", "/map", "/studies")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, demo_manifest):
    """A served folder with photographs, a text, a picture and a folder whose names are no UTF-8; and one beside it."""
    home = tmp_path_factory.mktemp("pages")
    root, beside = home / "root", home / "beside"
    (root / f"{ODD}folder").mkdir(parents=True)
    beside.mkdir()
    for picture in demo_manifest.pictures[:4]:
        shutil.copy(picture.path, root)
    painting(1, 64).save(root / f"{ODD}.jpg", "JPEG")
    painting(2, 64).save(root / f"{ODD}folder" / "deep.png")
    (root / f"{ODD}folder" / "broken.png").write_bytes(b"\x89PNG no picture")
    painting(3, 64).save(beside / "hidden.png")
    (beside / "secret.md").write_text("# A password\n\nThe cat knows the password, it is swordfish and nothing else.\n")
    return root


@pytest.fixture(scope="module")
def service(pocket, folder, tmp_path_factory):
    with Mindseye(tmp_path_factory.mktemp("pages-library") / "library", pocket, "pytest") as eye:
        eye.index([folder], "root")
        eye.index([folder.parent / "beside"], "beside")
        yield Service(eye, [folder])


@pytest.fixture(scope="module")
def client(service):
    return TestClient(create_app(service), base_url="http://127.0.0.1", headers={"Accept": "text/html"})


@pytest.mark.parametrize("address", ADDRESSES)
def test_names_that_are_no_text_are_written_as_escapes(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    if address in ("/", "/?q=cat", "/more?q=cat"):
        assert r"\udcff\udcfe.jpg" in answer.text


def test_an_item_of_such_a_name_has_a_page(client, service):
    item = next(each for each in _items(service) if ODD in each.path.name)
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.get(f"/items/{item.id}", headers=headers)
        assert answer.status_code == 200 and r"\udcff\udcfe.jpg" in answer.text
    assert client.get(f"/?like={item.id}").status_code == 200


def test_a_folder_of_such_a_name_is_chosen_and_indexed(client, service, folder):
    listed = client.get("/library/folders", params={"path": str(folder)})
    assert r"\udcff\udcfefolder" in listed.text
    link = re.search(r'href="(/library/folders\?path=[^"]*%25FF%25FEfolder)"', listed.text)
    assert link, listed.text
    inside = client.get(link[1])
    chosen = re.search(r'name="path" value="(file://[^"]*)"', inside.text)
    assert inside.status_code == 200 and "2 files to take here" in inside.text and chosen
    begun = client.post("/library/index", data={"path": chosen[1]})
    assert begun.status_code == 200
    job = service.jobs.all()[0]
    job_ended(service)
    assert job.state == "done" and job.result["seen"] == 2
    for address in ("/library", f"/jobs/{job.id}"):
        assert client.get(address).status_code == 200
    assert r"\udcff\udcfefolder" in client.get(f"/jobs/{job.id}").text


def job_ended(service):
    for _ in range(600):
        if all(each.has_ended for each in service.jobs.all()):
            return
        time.sleep(0.05)


def _items(service):
    return [*browse(service.library, limit=500)[0], *browse(service.library, modality="document", limit=500)[0]]


def test_what_lies_outside_of_the_roots_is_not_asked_for(client, service):
    hidden, secret = (
        next(each for each in _items(service) if each.path.name == name) for name in ("hidden.png", "secret.md")
    )
    cards = client.get("/?collection=beside").text
    assert f"/v1/items/{hidden.id}/" not in cards and "hidden.png: its folder is not served" in cards
    item = client.get(f"/items/{hidden.id}").text
    assert f"/v1/items/{hidden.id}/" not in item and "Its folder is not served" in item
    assert f"/v1/items/{hidden.id}/" not in client.get(f"/?like={hidden.id}").text
    for address in (
        "/?q=password",
        "/?q=password&in=paragraphs",
        "/?in=documents",
        f"/items/{secret.id}",
        f"/?like={secret.id}",
    ):
        answer = client.get(address).text
        assert "swordfish" not in answer and "A password" not in answer, address
    assert "secret.md" in client.get("/?in=documents").text


@pytest.mark.parametrize(
    ("query", "told"),
    [("path=" + "*a" * 9, "more than 8 stars"), ("label=" + "a" * 400, "label"), ("collection=a%00b", "collection")],
)
def test_filters_have_the_bounds_of_the_service(client, query, told):
    answer = client.get(f"/?{query}")
    assert answer.status_code == 400 and told in answer.text


def test_no_page_begins_after_the_last_that_the_service_has(client):
    assert client.get("/?q=cat&offset=10001").status_code == 400
    assert client.get("/?q=cat&offset=10000").status_code == 200


def test_a_twin_that_went_meanwhile_is_left_out(service, monkeypatch):
    eye = service.eye
    search = eye.search

    def with_a_twin(*args, **options):
        answer = search(*args, **options)
        return replace(answer, hits=tuple(replace(each, near=("file:///gone.png",)) for each in answer.hits))

    monkeypatch.setattr(eye, "search", with_a_twin)
    found = results.find(eye, results.Asked(q="cat", kinds=("images",)))
    assert found.cards and all(card.near == () for card in found.cards)


def test_hits_that_went_meanwhile_do_not_end_the_paging(service, monkeypatch):
    monkeypatch.setattr(results, "PAGE", 3)
    gone = []

    def without_one(library, wanted):
        gone.append(wanted[0])
        return {each: item for each, item in items_by_id(library, wanted).items() if each != wanted[0]}

    items_by_id = results.items_by_id
    monkeypatch.setattr(results, "items_by_id", without_one)
    found = results.find(service.eye, results.Asked(q="cat", kinds=("images",)))
    assert (len(found.cards), found.shown, found.is_last) == (2, 3, False) and gone


def test_pictures_that_are_dropped_belong_to_one_app(client, service, folder):
    dropped = {"picture": ("cat.png", next(folder.glob("*.png")).read_bytes(), "image/png")}
    address = client.post("/pictures", files=dropped, follow_redirects=False).headers["location"]
    key = address.partition("picture=")[2]
    assert client.get(f"/pictures/{key}").headers["content-type"] == "image/jpeg"
    other = TestClient(create_app(service), base_url="http://127.0.0.1")
    assert other.get(f"/pictures/{key}").status_code == 404


def test_runs_that_did_the_same_are_one_line_that_names_the_word():
    def run(number, word, counts):
        return Run(
            number, "imagine", "", {"words": [word]}, {}, "", "2026-01-01T10:00:00", "2026-01-01T10:01:00", counts
        )

    stopped = {"imagined": 0, "interrupted": True}
    told = folded(
        [run(4, "okapi", stopped), run(3, "okapi", stopped), run(2, "okapi", {"imagined": 1}), run(1, "lute", stopped)]
    )
    assert [(each.run.id, each.about, each.times) for each in told] == [
        (4, "okapi", 2),
        (2, "okapi", 1),
        (1, "lute", 1),
    ]


def test_a_hit_that_is_hardly_it_is_called_nearest(client):
    answer = client.get("/?q=okapi&in=images&imagine=never").text
    gallery = answer.partition("data-gallery")[2]
    assert "No picture here shows" in answer
    assert "Nearest" in gallery and "badge found" not in gallery
    assert re.search(r'unlikely (under )?\d+ %</span> <span class="score[^>]*>· -?\d\.\d\d<', gallery)


def test_what_is_imagined_is_shown_with_where_it_came_from(client, service, monkeypatch):
    quick = EnsembleInversion(InversionSettings(size=32, steps=4))
    monkeypatch.setattr(imagining, "load_method", lambda *args, **options: quick)
    job = start_imagining(service, Wish("okapi", size=32))
    job_ended(service)
    made = job.result["item_id"]
    told = client.get(f"/jobs/{job.id}").text
    assert "Imagined, not found" in told and f'src="/v1/items/{made}/original"' in told
    chain = client.get(f"/items/{made}").text
    assert "Asked for “okapi”" in chain and "Begun from" in chain and "synthetic" in chain
    card = client.get("/?origin=imagined").text
    assert 'alt="imagined picture of okapi"' in card and "badge imagined" in card
    assert "badge imagined" not in client.get("/?q=okapi&in=images&imagine=never").text.partition("data-gallery")[2]
