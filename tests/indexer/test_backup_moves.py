"""Photographs that lie elsewhere than where they were when the library was exported."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from mindseye.engine.errors import LibraryError, UsageError
from mindseye.indexer import doctor
from mindseye.indexer.backup import Move, export_library, import_library
from mindseye.indexer.backup.moves import Moves
from mindseye.indexer.library import Library
from tests.indexer.backups import NarrowSpace, edit_rows, exported, rewritten
from tests.pictures import paint
from tests.tiny_space import TinySpace


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder with `library`, `photos` and `export.zip`; tests leave it as it is."""
    return exported(tmp_path_factory.mktemp("home"))


def test_photos_that_lie_elsewhere_are_not_encoded_again(home, tmp_path):
    shutil.copytree(home, tmp_path / "other")  # keeps the times of the files
    photos, space = tmp_path / "other" / "photos", NarrowSpace()
    import_library(home / "export.zip", tmp_path / "new", [Move.parse(f"{home / 'photos'}={photos}")])
    with Library.open(tmp_path / "new", space) as library:
        report = library.index([photos])
        assert (report.added, report.updated, report.missing, space.encoded) == (1, 0, 0, 0)  # the removed one is back
        assert report.unchanged == report.seen - 2
        assert library.item("eel.png").path == photos / "more" / "eel.png"
        recalled = library.imagined()[0].record.recalled
        assert [each.path.parent for each in recalled] == [photos, photos] or recalled[1].path.parents[1] == photos


def test_the_deeper_of_two_moves_counts(home, tmp_path):
    moves = [Move.parse(f"{home}=/a"), Move.parse(f"{home}/photos/more=/b"), Move.parse(f"{home}/photos/mo=/c")]
    import_library(home / "export.zip", tmp_path / "new", moves)
    with Library.open(tmp_path / "new", NarrowSpace()) as library:
        assert library.item("eel.png").uri == "file:///b/eel.png"
        assert library.item("cat.jpg").uri == "file:///a/photos/cat.jpg"
        assert library.imagined()[0].path.parent == tmp_path / "new" / "imagined"


@pytest.mark.parametrize(
    ("text", "message"),
    [("/a", "no move"), ("=/b", "no move"), ("/a=", "no move"), ("a=/b", "no absolute path")],
)
def test_a_move_must_be_one(text, message):
    with pytest.raises(UsageError, match=f"{message}.*--move OLD=NEW"):
        Move.parse(text)


@pytest.mark.parametrize(
    ("move", "before", "after"),
    [
        ("/=/mnt/x", "file:///photos/a.jpg", "file:///mnt/x/photos/a.jpg"),
        ("/mnt/disk=/", "file:///mnt/disk/photos/a.jpg", "file:///photos/a.jpg"),
        ("/=/", "file:///photos/a.jpg", "file:///photos/a.jpg"),
        ("/a b/=/c/", "file:///a%20b/1.png", "file:///c/1.png"),
        ("/mnt/disk=/", "file:///mnt/disks/a.jpg", "file:///mnt/disks/a.jpg"),
    ],
)
def test_a_whole_disk_can_be_moved(move, before, after):
    assert Moves([Move.parse(move)]).uri(before) == after


def test_of_two_moves_the_whole_disk_counts_last():
    moves = Moves(map(Move.parse, ["/=/mnt/x", "/home/me=/"]))
    assert [moves.uri(f"file://{path}") for path in ("/home/me/a", "/home/b")] == ["file:///a", "file:///mnt/x/home/b"]


def test_moves_that_disagree_are_refused(home, tmp_path):
    with pytest.raises(UsageError, match="two places"):
        import_library(home / "export.zip", tmp_path / "new", [Move("file:///a", "file:///b")] * 2)
    paint(tmp_path / "p" / "x" / "1.png", 1), paint(tmp_path / "p" / "y" / "1.png", 2)
    with Library.open(tmp_path / "library", TinySpace()) as library:
        library.index([tmp_path / "p"])
    export_library(tmp_path / "library", tmp_path / "two.zip")
    both = [Move.parse(f"{tmp_path / 'p' / name}=/a") for name in "xy"]
    with pytest.raises(LibraryError, match=r"contradict each other.*two --move lead to one folder"):
        import_library(tmp_path / "two.zip", tmp_path / "new", both)
    assert not (tmp_path / "new").exists()


def test_texts_that_lie_elsewhere_are_not_encoded_again_and_words_stay(home, tmp_path):
    shutil.copytree(home / "photos", tmp_path / "photos")  # keeps the times of the files
    space = NarrowSpace()
    import_library(home / "export.zip", tmp_path / "new", [Move.parse(f"{home / 'photos'}={tmp_path / 'photos'}")])
    with Library.open(tmp_path / "new", space) as library:
        report = library.index([tmp_path / "photos" / "pets.jsonl", tmp_path / "photos" / "crane.txt"])
        assert (report.unchanged, report.added, report.documents, space.texts) == (2, 0, 0, 0)
        assert len(report.skipped) == 1, "the line that is no record is told again"
        paragraph = library.item("pets.jsonl#line=2&paragraph=1")
        assert paragraph.path == tmp_path / "photos" / "pets.jsonl"
        assert library.item(str(paragraph.parent_id)).title == "Cats"
        assert library.item("word:crane").uri == "word:crane"


def test_a_paragraph_may_stand_before_its_document(home, tmp_path):
    def number(row):
        return row + 1000 if row in documents else row

    with sqlite3.connect(home / "library" / "library.db") as connection:
        documents = {row[0] for row in connection.execute("SELECT id FROM item WHERE modality = 'document'")}
    connection.close()

    def edit(members, manifest):
        edit_rows(members, "item", lambda row: row.update(id=number(row["id"]), parent_id=number(row["parent_id"])))
        edit_rows(members, "label", lambda row: row.update(item_id=number(row["item_id"])))

    import_library(rewritten(home / "export.zip", tmp_path / "late.zip", edit), tmp_path / "new")
    with Library.open(tmp_path / "new", NarrowSpace()) as library:
        paragraph = library.item("pets.jsonl#line=1&paragraph=2")
        assert paragraph.parent_id > 1000 > paragraph.id and library.item(str(paragraph.parent_id)).title == "Dogs"
    assert doctor.examine(tmp_path / "new", NarrowSpace()) == []
