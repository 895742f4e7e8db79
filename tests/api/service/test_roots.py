"""The folders that may be indexed and shown: paths that can be none, and what is withheld of files outside."""

import pytest

from mindseye.api.service.roots import OutsideError, Roots
from mindseye.api.service.service import Service
from mindseye.engine.errors import UsageError
from tests.api.service.conftest import SAYS, run_in_thread

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
IMPOSSIBLE = ["\0", "a\0b", "a" * 300, "a/" * 5000, "\ud800"]


@pytest.mark.parametrize("path", IMPOSSIBLE)
def test_what_can_be_no_path_is_refused(tmp_path, path):
    with pytest.raises(UsageError, match="cannot be looked for"):
        Roots([tmp_path], tmp_path / "library").to_index(path)


@pytest.mark.parametrize("path", ["%00", "a%00b", "a" * 300, "%ff" * 300])
def test_such_paths_are_refused_by_every_route(running, path):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with running.client() as client:
        http = client._http
        assert http.get(f"/library/folders?path={path}").status_code == 400
        assert http.post("/library/index", content=f"path={path}&collection=c", headers=form).status_code == 400
        if path.isalpha():
            assert http.post("/v1/index", json={"path": path}).json()["error"]["code"] == "usage"


def test_what_may_be_shown(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    for each in (inside, outside):
        each.mkdir()
        (each / "a.txt").write_text(SAYS)
    (inside / "link.txt").symlink_to(outside / "a.txt")
    roots = Roots([inside], tmp_path / "library")
    shown = {
        (inside / "a.txt").as_uri(): True, (inside / "link.txt").as_uri(): False, (outside / "a.txt").as_uri(): False,
        "word:cat": True, (tmp_path / "library" / "imagined" / "a.png").as_uri(): True,
    }  # fmt: skip
    assert {uri: roots.may_show(uri) for uri in shown} == shown
    assert all(Roots([], tmp_path / "library").may_show(uri) for uri in shown)
    with pytest.raises(OutsideError):
        roots.to_show(inside / "link.txt")


def test_texts_outside_of_the_roots_are_withheld(served_eye, photos, tmp_path):
    """The hit stays, its title and text do not; a service of the folder shows them."""
    for root, seen in ((tmp_path, False), (photos, True)):
        for running in run_in_thread(Service(served_eye, [root]), root):
            with running.client() as client:
                (hit,) = client.search("okapi", among="paragraphs", limit=1).hits
                note = client.items(modality="document", path="notes.txt").items[0]
                told = [
                    client._http.get(path).text
                    for path in (
                        "/v1/search?q=okapi&in=paragraphs,documents", "/v1/items?modality=paragraph",
                        "/v1/collections/album/items?modality=document", f"/v1/items/{note.id}",
                        f"/v1/items/{hit.item_id}", f"/v1/items/{hit.item_id}/explain", f"/v1/items/{note.id}/explain",
                        f"/v1/items/{hit.item_id}/similar", f"/v1/search?q=okapi+%2B+@{hit.item_id}&in=documents",
                    )
                ]  # fmt: skip
                assert hit.uri == note.uri and hit.uri.endswith("notes.txt")
                assert (hit.text in SAYS and bool(hit.text)) == seen
                assert [("shy relative" in each) for each in told] == [seen] * 9, told
