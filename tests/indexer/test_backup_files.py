"""The files of an export: imagined pictures, the user's own spaces, and what cannot be taken."""

import shutil
import zipfile
from pathlib import Path

import pytest

from mindseye.indexer.backup import export_library, import_library
from mindseye.indexer.library import Library
from tests.indexer.backups import NarrowSpace, exported
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
    assert report.files == 5
    assert {path.name for path in (tmp_path / "new").iterdir()} - {"library.lock"} == {
        "library.db", "imagined", "spaces", "methods",
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


def test_a_library_that_was_moved_by_hand_has_left_its_imagined_pictures(home, tmp_path):
    shutil.copytree(home / "library", tmp_path / "library")
    report = export_library(tmp_path / "library", tmp_path / "export.zip")
    assert [skip.reason for skip in report.skipped] == [
        f"lies outside {tmp_path}/library/imagined; its rows are exported without it"
    ] * 2
    assert report.files == 2


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
