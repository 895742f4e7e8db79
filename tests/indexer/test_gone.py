"""Files that are gone, or may be: what a run takes out of the answers, of all collections, and what it leaves."""

import os
import subprocess
import sys
from shutil import which

import pytest

from mindseye.indexer import models
from mindseye.indexer.filters import Filter
from mindseye.indexer.library import Library
from tests.indexer.test_imagined import OKAPI, imagine
from tests.indexer.test_sources import forbid
from tests.pictures import names, nearest, paint, query_of

ALL = ["ape.png", "bat.png", "cat.jpg", "dog.png", "eel.png"]
BOUND = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
WALK = """
import sys
from pathlib import Path
from mindseye.indexer.files import is_gone, is_there
from mindseye.indexer.sources import find_sources
sources = find_sources([Path(sys.argv[1])])
print([each.path.name for each in sources.files], [each.name for each in sources.unread])
print([(is_there(each), is_gone(each)) for each in map(Path, sys.argv[2:])])
"""


def states(library: Library, name: str) -> set[tuple[str, str]]:
    """The collection and state of every item of that file name."""
    with library.database.read() as session:
        items = session.query(models.Item).where(models.Item.uri.endswith(f"/{name}"))
        return {(library.item(str(each.id)).collection, each.state) for each in items}


@pytest.fixture
def twice(library, photos) -> Library:
    """The photos in two collections."""
    library.index([photos])
    library.index([photos], collection="other")
    return library


@pytest.mark.parametrize("inside_only", [True, False])
def test_what_cannot_be_looked_at_is_not_lost(library, photos, monkeypatch, inside_only):
    library.index([photos])
    forbid(monkeypatch, photos / "more", inside_only)
    report = library.index([photos])
    assert (report.unchanged, report.missing) == (4, 0)
    assert [skip.path.name for skip in report.skipped] == ["more"]
    assert names(library) == ALL


def test_a_file_that_cannot_be_looked_at_is_not_lost(library, photos, monkeypatch):
    library.index([photos])
    forbid(monkeypatch, photos / "ape.png")
    report = library.index([photos])
    assert (report.unchanged, report.missing) == (4, 0)
    assert [skip.path.name for skip in report.skipped] == ["ape.png"]
    assert names(library) == ALL


def test_files_are_chosen_past_those_that_cannot_be_looked_at(library, photos, monkeypatch):
    (photos / "twin.png").write_bytes((photos / "ape.png").read_bytes())
    library.index([photos])
    kept = imagine(library)
    forbid(monkeypatch, photos / "ape.png")
    forbid(monkeypatch, kept.path)
    assert "twin.png" in [each.source.path.name for each in library.stored()]
    assert library.imagined_by_key(library.imagined_key("ab12", "inversion", OKAPI.parameters, 7)) is None


def test_folders_closed_for_real(tmp_path):
    """The same by real permissions, which bind the superuser only without its capabilities."""
    bound = BOUND if os.geteuid() == 0 else []
    if bound and (not which(bound[0]) or subprocess.run([*bound, "true"], capture_output=True, check=False).returncode):
        pytest.skip("the superuser's capabilities cannot be dropped here")
    paint(tmp_path / "photos" / "listed" / "a.png", 1)
    paint(tmp_path / "photos" / "open" / "b.png", 2)
    (tmp_path / "photos" / "listed").chmod(0o444)
    asked = [tmp_path / "photos" / name for name in ("listed/a.png", "open/b.png", "open/c.png", "listed/d.png")]
    command = [*bound, sys.executable, "-c", WALK, tmp_path / "photos", *asked]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    (tmp_path / "photos" / "listed").chmod(0o755)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "['b.png'] ['listed']",
        "[(False, False), (True, False), (False, True), (False, False)]",
    ]


def test_a_file_that_is_gone_is_gone_from_every_collection(twice, photos):
    (photos / "ape.png").unlink()
    assert twice.index([photos]).missing == 1, "one file"
    assert states(twice, "ape.png") == {("default", "missing"), ("other", "missing")}
    assert names(twice) == ALL[1:]


def test_a_file_that_changes_changes_in_every_collection(twice, photos):
    old = query_of(twice, photos / "ape.png")
    paint(photos / "ape.png", 51)
    assert twice.index([photos]).updated == 1
    for collection in ("default", "other"):
        found = twice.select(Filter(collection=collection))
        assert found.search(query_of(twice, photos / "ape.png"), 1)[0][0].path.name == "ape.png"
        assert found.search(old, 1)[0][0].score < 1.99  # a picture scores 2 against itself
    again = twice.index([photos], collection="other")
    assert (again.unchanged, again.updated) == (5, 0)


def test_a_file_that_breaks_is_gone_from_every_collection(twice, photos):
    (photos / "ape.png").write_text("no picture")
    assert twice.index([photos]).missing == 1
    assert states(twice, "ape.png") == {("default", "missing"), ("other", "missing")}
    paint(photos / "ape.png", 0)
    assert twice.index([photos]).added == 1
    assert states(twice, "ape.png") == {("default", "present"), ("other", "missing")}


def test_what_was_removed_stays_removed_when_its_file_changes(twice, photos):
    twice.remove(collection="other")
    paint(photos / "ape.png", 51)
    twice.index([photos])
    assert states(twice, "ape.png") == {("default", "present"), ("other", "removed")}


def test_what_links_led_to_and_is_gone_is_missing(library, photos, tmp_path):
    one, away = paint(tmp_path / "far" / "one.png", 81), paint(tmp_path / "away" / "two.png", 82)
    (photos / "one.png").symlink_to(one)
    (photos / "away").symlink_to(away.parent)
    library.index([photos])
    assert names(library) == sorted([*ALL, "one.png", "two.png"])
    one.unlink()
    away.unlink()
    away.parent.rmdir()
    assert library.index([photos]).missing == 2
    assert names(library) == ALL


def test_a_folder_that_moved_behind_a_link_is_known_by_its_new_name_alone(library, photos, tmp_path):
    library.index([photos])
    (photos / "more").rename(tmp_path / "moved")
    (photos / "more").symlink_to(tmp_path / "moved")
    report = library.index([photos])
    assert (report.added, report.moved, report.missing) == (1, 1, 1)
    paint(tmp_path / "moved" / "eel.png", 83)
    library.index([photos])
    assert nearest(library, tmp_path / "moved" / "eel.png") == "eel.png"
    assert len(library.search(query_of(library, photos / "ape.png"), 9)[0]) == 5
