"""The files of an export: imagined pictures, the user's own spaces, and what cannot be taken."""

import shutil
import zipfile
from pathlib import Path

import pytest

from mindseye.engine.errors import UsageError
from mindseye.indexer import doctor
from mindseye.indexer.backup import export_library, import_library
from mindseye.indexer.library import Library
from tests.indexer.backups import NarrowSpace, exported
from tests.indexer.damage import sql
from tests.indexer.studying import PICTURES
from tests.pictures import paint
from tests.tiny_space import TinySpace


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder with `library`, `photos` and `export.zip`; tests leave it as it is."""
    return exported(tmp_path_factory.mktemp("home"))


def test_files_that_cannot_be_made_again_come_along(home, tmp_path):
    report = import_library(home / "export.zip", tmp_path / "new")
    for name in ("spaces/mine/space.json", "methods/decoder.safetensors"):
        old, new = home / "library" / name, tmp_path / "new" / name
        assert new.read_bytes() == old.read_bytes() and new.stat().st_mtime_ns == old.stat().st_mtime_ns
    assert report.files == 5 + PICTURES
    assert {path.name for path in (tmp_path / "new").iterdir()} - {"library.lock"} == {
        "library.db", "imagined", "spaces", "methods", "studies",
    }  # fmt: skip


def test_what_cannot_be_taken_is_told(home, tmp_path):
    import_library(home / "export.zip", tmp_path / "library")
    with Library.open(tmp_path / "library", NarrowSpace()) as library:
        gone = library.imagined()[0]
        odd = paint(library.root / "imagined" / "a:b.png", 6)
        library.index([library.root / "imagined"])
        gone.path.unlink()
    report = export_library(tmp_path / "library", tmp_path / "export.zip")
    assert {(skip.path, skip.reason.split(" that ")[0]) for skip in report.skipped} == {
        (gone.path, "is gone; its rows are exported without it"),
        (odd, "has a name"),
    }
    import_library(tmp_path / "export.zip", tmp_path / "new")
    assert not (tmp_path / "new" / "imagined" / gone.path.name).exists()


@pytest.mark.parametrize("rename", [shutil.copytree, Path.rename], ids=["copied", "renamed"])
def test_a_library_whose_folder_has_moved_takes_its_imagined_pictures(rename, home, tmp_path):
    shutil.copytree(home / "library", tmp_path / "first")
    doctor.repair(tmp_path / "first", NarrowSpace())
    rename(tmp_path / "first", tmp_path / "library")
    report = export_library(tmp_path / "library", tmp_path / "export.zip")
    assert (report.skipped, report.files) == ((), 5 + PICTURES)
    import_library(tmp_path / "export.zip", tmp_path / "new")
    with Library.open(tmp_path / "new", NarrowSpace()) as library, Library.open(home / "library", NarrowSpace()) as old:
        pictures = library.imagined()
        assert {each.path.parent for each in pictures} == {tmp_path / "new" / "imagined"} and len(pictures) == 2
        assert [each.path.read_bytes() for each in pictures] == [each.path.read_bytes() for each in old.imagined()]
    assert doctor.examine(tmp_path / "new", NarrowSpace()) == []


def test_only_the_bytes_that_were_written_are_taken_for_a_picture_that_has_moved(home, tmp_path):
    shutil.copytree(home / "library", tmp_path / "library")
    for path in (tmp_path / "library" / "imagined").iterdir():
        paint(path, 8)
    report = export_library(tmp_path / "library", tmp_path / "export.zip")
    assert [skip.reason for skip in report.skipped] == [
        f"lies outside {tmp_path}/library/imagined; its rows are exported without it"
    ] * 2
    assert report.files == 2 + PICTURES


def test_a_moved_picture_that_is_indexed_at_its_new_place_too_is_taken_once(home, tmp_path):
    shutil.copytree(home / "library", tmp_path / "library")
    with Library.open(tmp_path / "library", NarrowSpace()) as library:
        library.index([tmp_path / "library" / "imagined"], "imagined")
    assert export_library(tmp_path / "library", tmp_path / "export.zip").files == 5 + PICTURES
    import_library(tmp_path / "export.zip", tmp_path / "new")
    assert len(list((tmp_path / "new" / "imagined").iterdir())) == 3


def test_a_picture_whose_place_cannot_even_be_asked_for_is_told(home, tmp_path):
    import_library(home / "export.zip", tmp_path / "library")
    uri = (tmp_path / "library" / "imagined" / f"{'a' * 300}.png").as_uri()  # too long a name for any disk
    sql(tmp_path / "library", f"UPDATE item SET uri = '{uri}' WHERE id = (SELECT max(item_id) FROM imagined)")
    sql(tmp_path / "library", "UPDATE item SET state = 'present'", "UPDATE imagined SET id = 'x' || id")
    report = export_library(tmp_path / "library", tmp_path / "export.zip")
    assert [skip.path.name for skip in report.skipped] == [f"{'a' * 300}.png"]
    with pytest.raises(UsageError, match="no folder"):
        export_library(tmp_path / "library", tmp_path / ("a" * 300) / "export.zip")


def test_files_that_are_being_written_are_left_out(open_library, tmp_path):
    root = open_library(TinySpace()).root
    for name in ("spaces/a/space.json", f"spaces/a/tmp{'0' * 32}.json", "spaces/.b/space.json", "methods/.x.tmp"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("{}")
    export_library(root, tmp_path / "export.zip")
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        assert [name for name in archive.namelist() if "/a/" in name or ".b" in name or ".x" in name] == [
            "spaces/a/space.json"
        ]
