"""A library written into one file and restored: the same rows, the same answers, the same ids to come."""

import json
import shutil
import sqlite3
import tracemalloc
import zipfile
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, LargeBinary, event, text

from mindseye.engine.errors import LibraryError, NotFoundError, UsageError
from mindseye.indexer import doctor
from mindseye.indexer.backup import export_library, exporting, import_library, importing, reader
from mindseye.indexer.database import Database, tables_at
from mindseye.indexer.files import path_of
from mindseye.indexer.library import Library
from mindseye.indexer.models import SCHEMA, Base
from tests.indexer.backups import (
    ODD,
    NarrowSpace,
    answers,
    edit_rows,
    exported,
    forget_texts,
    moved,
    plain,
    rewritten,
    tables,
)
from tests.indexer.test_imagined import imagine
from tests.pictures import names, paint
from tests.tiny_space import TinySpace


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder with `library`, `photos` and `export.zip`; tests leave it as it is."""
    return exported(tmp_path_factory.mktemp("home"))


def test_every_row_comes_back_and_only_imagined_pictures_move(home, tmp_path):
    import_library(home / "export.zip", tmp_path / "new")
    before, after = tables(home / "library"), tables(tmp_path / "new")
    assert all(before[name] for name in before), "a table is empty: nothing is shown of it"
    assert plain(after) == moved(before, home / "library" / "imagined", tmp_path / "new" / "imagined")
    assert {row[1] for row in after["item"]} and len({row[2] for row in after["embedding"]}) == 3
    assert len({len(row[3]) for row in after["embedding"]}) == 3


def test_every_question_has_the_same_answer(home, tmp_path):
    import_library(home / "export.zip", tmp_path / "new")
    with (
        Library.open(home / "library", NarrowSpace()) as old,
        Library.open(tmp_path / "new", NarrowSpace(), create=False) as new,
    ):
        expected = moved(answers(old), home / "library" / "imagined", tmp_path / "new" / "imagined")
        assert answers(new) == expected
        assert {path_of(f"file:///{name}").name for name in names(new)} >= set(ODD)
        assert new.imagined()[0].path.read_bytes() == old.imagined()[0].path.read_bytes()
        assert imagine(new).run_id == old.imagined()[0].run_id, "the stored picture, not one made again"


def test_ids_are_not_given_again(home, tmp_path):
    import_library(home / "export.zip", tmp_path / "new")
    with closing(sqlite3.connect(home / "library" / "library.db")) as connection:
        given = dict(connection.execute("SELECT name, seq FROM sqlite_sequence"))
        assert given["skip"] > connection.execute("SELECT max(id) FROM skip").fetchone()[0]
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "bad.jpg").write_text("no")
    paint(tmp_path / "more" / "fly.png", 70)
    with Library.open(tmp_path / "new", NarrowSpace()) as library:
        library.index([tmp_path / "more"])
        assert library.item("fly.png").id > given["item"]
    with closing(sqlite3.connect(tmp_path / "new" / "library.db")) as connection:
        assert connection.execute("SELECT max(id) FROM skip").fetchone()[0] == given["skip"] + 1


def test_an_empty_library_can_be_moved(open_library, tmp_path):
    library = open_library(TinySpace())
    report = export_library(library.root, tmp_path / "export.zip")
    assert (report.vectors, report.files, report.rows["item"]) == (0, 0, 0)
    import_library(tmp_path / "export.zip", tmp_path / "new")
    assert tables(tmp_path / "new") == tables(library.root)


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_an_export_of_older_tables_is_brought_up_to_date(revision, home, tmp_path):
    """The oracle: a library whose tables Alembic made at that revision, with the same rows, then upgraded."""
    pictures, old = tmp_path / "pictures", tmp_path / "old"
    shutil.copytree(home / "library", pictures)
    forget_texts(pictures)
    with closing(sqlite3.connect(pictures / "library.db")) as connection, connection:
        places = [(where / "imagined").as_uri() for where in (home / "library", pictures)]
        connection.execute("UPDATE item SET uri = replace(uri, ?, ?)", places)
    export_library(pictures, tmp_path / "export.zip")
    old.mkdir()
    with tables_at(old / "library.db", revision) as connection:
        shape = {name: _columns(connection, name) for name in tables(pictures) if name != "sqlite_sequence"}
        connection.execute(text(f"ATTACH '{pictures / 'library.db'}' AS new"))
        for name, columns in shape.items():
            if columns and name != "alembic_version":
                told = ", ".join(columns)
                connection.execute(text(f'INSERT INTO "{name}" ({told}) SELECT {told} FROM new."{name}"'))
        connection.execute(text("DELETE FROM sqlite_sequence"))
        connection.execute(text("INSERT INTO sqlite_sequence SELECT * FROM new.sqlite_sequence"))
    Database(old / "library.db").close()

    def age(members, manifest):
        for name, columns in shape.items():
            if columns and name != "alembic_version":
                edit_rows(members, name, lambda row, keep=columns: [row.pop(key) for key in row.keys() - set(keep)])
            elif not columns:
                members.pop(f"tables/{name}.jsonl"), manifest["members"].pop(f"tables/{name}.jsonl")
        manifest["revision"] = revision

    rewritten(tmp_path / "export.zip", tmp_path / "aged.zip", age)
    import_library(tmp_path / "aged.zip", tmp_path / "new")
    after = tables(tmp_path / "new")
    assert after["alembic_version"] == [(SCHEMA,)] and bool(after["label"]) == (revision > "0001")
    assert all(row[5] for row in after["embedding"]), "checksums were made by the upgrade"
    assert plain(after) == moved(tables(old), pictures / "imagined", tmp_path / "new" / "imagined")
    with Library.open(tmp_path / "new", NarrowSpace()) as library:
        assert library.modalities() == ["image"] and doctor.examine(tmp_path / "new", NarrowSpace()) == []


def _columns(connection, table: str) -> list[str]:
    return [
        row[1] for row in connection.execute(text(f'PRAGMA table_info("{table}")')) if row[5] == 0 or row[1] != "vector"
    ]


def test_the_export_is_of_one_moment_while_others_write(home, open_library, photos, tmp_path):
    library = open_library(TinySpace())
    library.index([photos])
    before, told = tables(library.root), []

    def write_meanwhile(done, total):
        told.append((done, total))
        paint(photos / f"{len(told)}.png", 100 + len(told))
        library.index([photos])

    export_library(library.root, tmp_path / "export.zip", progress=write_meanwhile)
    assert len(told) > 5 and told[-1][0] == told[-1][1] and told == sorted(told)
    assert tables(library.root) != before
    import_library(tmp_path / "export.zip", tmp_path / "new")
    assert tables(tmp_path / "new") == before


def test_a_file_that_is_there_is_kept_unless_forced(home, tmp_path):
    (tmp_path / "export.zip").write_text("mine")
    with pytest.raises(UsageError, match=r"there is a file .*--force"):
        export_library(home / "library", tmp_path / "export.zip")
    assert (tmp_path / "export.zip").read_text() == "mine"
    export_library(home / "library", tmp_path / "export.zip", force=True)
    import_library(tmp_path / "export.zip", tmp_path / "new")
    with pytest.raises(UsageError, match="is a folder"):
        export_library(home / "library", tmp_path, force=True)
    with pytest.raises(UsageError, match="no folder"):
        export_library(home / "library", tmp_path / "none" / "export.zip")
    with pytest.raises(NotFoundError, match="no library"):
        export_library(tmp_path, tmp_path / "other.zip")


def test_a_folder_that_is_taken_is_refused(home, tmp_path):
    with pytest.raises(UsageError, match=r"there is a library in .*choose a new --library folder"):
        import_library(home / "export.zip", home / "library")
    (tmp_path / "mine").write_text("x")
    for taken in (tmp_path, tmp_path / "mine"):
        with pytest.raises(UsageError, match="not an empty folder"):
            import_library(home / "export.zip", taken)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    with pytest.raises(LibraryError, match="cannot be written"):
        import_library(home / "export.zip", tmp_path / ("a" * 300))  # too long a name for any disk
    with pytest.raises(UsageError, match="there is no file"):
        import_library(tmp_path / ("a" * 300), tmp_path / "new")
    (tmp_path / "empty").mkdir()
    import_library(home / "export.zip", tmp_path / "empty")
    assert (tmp_path / "empty" / "library.db").is_file()


def test_others_can_read_an_export_without_mindseye(home):
    with zipfile.ZipFile(home / "export.zip") as archive:
        assert archive.namelist()[-1] == "manifest.json"
        manifest = json.loads(archive.read("manifest.json"))
        rows = [json.loads(line) for line in archive.read("tables/embedding.jsonl").splitlines()]
        vectors = {}
        for encoder in manifest["encoders"]:
            with archive.open(f"features/{encoder['number']}-000001.npz") as file:
                arrays = np.load(file, allow_pickle=False)
                assert arrays["vectors"].shape == (encoder["vectors"], encoder["width"])
                vectors |= dict(zip(arrays["ids"].tolist(), arrays["vectors"], strict=True))
    with Library.open(home / "library", NarrowSpace()) as library:
        item = library.item("cat.jpg")
        mine = next(r for r in rows if (r["content_id"], r["encoder"]) == (item.content_id, library.space.encoder))
        assert (vectors[mine["id"]] == library.features(item.id)[0]).all()


def test_vectors_are_the_only_bytes_in_the_tables():
    """Others would be left out of the lines: a new one needs a place in the format."""
    binary = [
        column for table in Base.metadata.sorted_tables for column in table.c if isinstance(column.type, LargeBinary)
    ]
    assert [str(column) for column in binary] == ["embedding.vector"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("UPDATE embedding SET vector = x'0000' WHERE id = 1", "vectors of encoder tiny-histogram-1 differ in width"),
        ("UPDATE embedding SET crc32 = 1 WHERE id = 2", "vector 2 is damaged"),
        ("UPDATE item SET content_id = 99 WHERE id = 3", "row 3 of table item refers to one of content"),
    ],
)
def test_a_damaged_library_is_told_when_it_is_exported_not_when_it_is_needed(damage, message, home, tmp_path):
    shutil.copytree(home / "library", tmp_path / "library")
    with closing(sqlite3.connect(tmp_path / "library" / "library.db")) as connection, connection:
        connection.execute(damage)
    with pytest.raises(LibraryError, match=rf"{message}.*mindseye doctor --repair"):
        export_library(tmp_path / "library", tmp_path / "export.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["library"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_library(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 200)
    for module in (exporting, importing):
        monkeypatch.setattr(module, "BATCH", 200)
    monkeypatch.setattr(reader, "PIECE", 1 << 16)
    peaks = []
    for number in (1_000, 4_000):
        root = tmp_path / str(number)
        _fill(root, number)
        tracemalloc.start()
        export_library(root, tmp_path / f"{number}.zip")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.reset_peak()
        assert import_library(tmp_path / f"{number}.zip", tmp_path / f"new{number}").vectors == number
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.5 * peaks[0] and peaks[3] < 1.5 * peaks[1], peaks


def test_each_damaged_vector_set_aside_costs_no_reading_of_them_all(tmp_path):
    """Each has an encoder of its own."""
    few, many = (_steps_of_an_export(tmp_path / str(number), number) for number in (3, 300))
    assert 0 < many < 3 * few


def _steps_of_an_export(root: Path, damaged: int) -> int:
    """Return how many hundreds of its own steps SQLite takes for 2,000 vectors, so many of them set aside."""
    _fill(root, 2_000)
    with closing(sqlite3.connect(root / "library.db")) as connection, connection:
        some = f"id % 6 = 0 AND id <= {6 * damaged}"
        connection.execute(f"UPDATE embedding SET encoder = 'damaged ' || id WHERE {some}")
    steps: list[None] = []

    def count(connection, record):
        connection.set_progress_handler(lambda: steps.append(None), 100)

    event.listen(Engine, "connect", count)
    try:
        assert export_library(root, root.with_suffix(".zip")).vectors == 2_000
    finally:
        event.remove(Engine, "connect", count)
    return len(steps)


def _fill(root: Path, number: int) -> None:
    """Make a library of so many contents with vectors."""
    with Library.open(root, TinySpace()):
        pass
    with closing(sqlite3.connect(root / "library.db")) as connection, connection:
        contents = ((i, f"{i:064x}", "", 1, "image/png", 1, 1) for i in range(1, number + 1))
        told = "id, sha256, window, size, media_type, width, height"
        connection.executemany(f"INSERT INTO content ({told}) VALUES (?, ?, ?, ?, ?, ?, ?)", contents)
        blob = bytes(128)
        vectors = ((i, i, "tiny-histogram-1", blob, zlib.crc32(blob)) for i in range(1, number + 1))
        connection.executemany(
            "INSERT INTO embedding (id, content_id, encoder, vector, crc32) VALUES (?, ?, ?, ?, ?)", vectors
        )
