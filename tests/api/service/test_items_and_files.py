"""Items over HTTP: told, sent while they are what was indexed, inside the roots alone, removed."""

import io
import os

import pytest
from PIL import Image

from mindseye.api.client import Client
from mindseye.api.service.service import Service
from mindseye.indexer import thumbnails
from tests.api.service.conftest import SAYS, run_in_thread
from tests.api.service.test_searching import refused

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def item_named(client: Client, name: str, modality: str = "image"):
    found = client.items(path=name, modality=modality).items
    assert len(found) == 1
    return found[0]


def test_items_are_listed(client):
    listed = client.items(limit=5, order="name")
    assert listed.total == 13 and [each.uri for each in listed.items] == sorted(each.uri for each in listed.items)
    rest = client.items(limit=500, offset=5, order="name")
    assert len(rest.items) == 8 and not {each.id for each in rest.items} & {each.id for each in listed.items}
    assert client.collection("album", modality="document").total == 1
    assert refused(client.collection, "nowhere").status == 404


def test_an_item_is_told_by_its_id(client):
    cat = item_named(client, "cat.png")
    assert client.item(cat.id) == cat
    assert client.explain(cat.id).item.sha256 == cat.sha256
    assert client.explain(cat.id).run.command == "pytest"
    for unknown in (10**9, 2**52):
        assert refused(client.item, unknown).status == 404


def test_pictures_are_sent(client, photos):
    cat = item_named(client, "cat.png")
    assert client.original(cat.id) == (photos / "album" / "cat.png").read_bytes()
    with Image.open(io.BytesIO(client.thumbnail(cat.id))) as small:
        assert small.format == "JPEG" and max(small.size) <= thumbnails.SIDE


def test_an_unchanged_picture_is_not_sent_again(client):
    cat = item_named(client, "cat.png")
    first = client._http.get(f"/v1/items/{cat.id}/thumbnail")
    again = client._http.get(f"/v1/items/{cat.id}/thumbnail", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "private" in first.headers["cache-control"]


def test_a_text_is_sent_as_a_file_and_never_as_a_page(client):
    note = item_named(client, "notes.txt", "document")
    answer = client._http.get(f"/v1/items/{note.id}/original")
    assert answer.text == SAYS and answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert refused(client.thumbnail, note.id).status == 404


def test_a_changed_file_is_not_sent(own, photos):
    picture = own.root / "cat.png"
    picture.write_bytes((photos / "album" / "cat.png").read_bytes())
    with own.client() as client:
        assert client.wait(client.index(str(picture))).state == "done"
        cat = item_named(client, "cat.png")
        assert client.original(cat.id) == picture.read_bytes()
        picture.write_text("a secret that was never indexed")
        os.utime(picture, ns=(1, 1))
        assert refused(client.original, cat.id).status == 404
        picture.unlink()
        assert refused(client.original, cat.id).status == 404


def test_nothing_outside_of_the_roots_is_shown(served_eye, tmp_path):
    """The library holds pictures of a folder that this service is not to show, and one that links lead to it from."""
    for running in run_in_thread(Service(served_eye, [tmp_path]), tmp_path):
        with running.client() as client:
            cat = item_named(client, "cat.png")
            assert refused(client.original, cat.id).code == "outside_roots"
            assert refused(client.thumbnail, cat.id).status == 403


def test_a_folder_that_became_a_link_out_is_not_shown(own, tmp_path_factory, photos):
    outside = tmp_path_factory.mktemp("outside")
    (own.root / "album").mkdir()
    picture = own.root / "album" / "cat.png"
    picture.write_bytes((photos / "album" / "cat.png").read_bytes())
    with own.client() as client:
        client.wait(client.index(str(own.root / "album")))
        cat = item_named(client, "cat.png")
        (own.root / "album").rename(outside / "album")
        (own.root / "album").symlink_to(outside / "album")
        assert refused(client.original, cat.id).code == "outside_roots"


def test_items_and_collections_are_removed(own, photos):
    with own.client() as client:
        client.wait(client.index(str(photos / "album"), "first"))
        cat = item_named(client, "cat.png")
        assert client.remove(cat.id) == 1
        assert client.items(path="cat.png").total == 0 and (photos / "album" / "cat.png").exists()
        assert client.item(cat.id).state == "removed"
        assert refused(client.remove, 10**9).status == 404
        assert client.remove_collection("first") > 10
        assert client.items().total == 0
        assert [(each.name, each.items) for each in client.collections()] == [("first", 0)]
