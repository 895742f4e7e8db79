"""`kill -9` while texts are taken, words indexed, texts encoded anew: nothing is lost or doubled or encoded twice."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mindseye.indexer import doctor
from mindseye.indexer.filters import EVERYTHING
from mindseye.indexer.library import Library
from mindseye.indexer.models import SCHEMA
from tests.indexer.backups import forget_texts
from tests.indexer.child import words
from tests.indexer.processes import ask, killed_at, mostly_slow
from tests.indexer.test_doctor_texts import said
from tests.indexer.test_texts import OtherTexts
from tests.tiny_space import TinySpace

DOCUMENTS, PARTS = 40, 30  # 1,200 paragraphs: nine documents a batch, and the batch encoded in two
ITEMS = DOCUMENTS * (PARTS + 1)
ENCODED = ("encode texts", "")
COMMIT = ("commit", "")


def rows(root: Path) -> list[tuple]:
    """Return everything of texts that must be the same whatever happened on the way."""
    return ask(
        root,
        "SELECT item.uri, item.place, item.modality, item.state, parent.place, content.sha256, window, title, body,"
        " encoder, embedding.modality, vector, crc32 FROM item JOIN content ON content.id = item.content_id"
        " LEFT JOIN item AS parent ON parent.id = item.parent_id JOIN passage ON passage.content_id = content.id"
        " JOIN embedding ON embedding.content_id = content.id ORDER BY item.uri, item.place, encoder",
    )


def assert_same(library: Library, undisturbed: Library) -> None:
    assert rows(library.root) == rows(undisturbed.root) != []
    for table in ("content", "item", "passage", "source", "embedding"):
        count = f"SELECT count(*) FROM {table}"
        assert ask(library.root, count) == ask(undisturbed.root, count), table
    mine, theirs = said(library), said(undisturbed)
    assert {name: [sorted(hits) for hits in found] for name, found in mine.items()} == {
        name: [sorted(hits) for hits in found] for name, found in theirs.items()
    }
    assert doctor.examine(library.root, library.space) == []


def encoded(root: Path, modality: str) -> int:
    try:
        return ask(root, "SELECT count(*) FROM embedding WHERE modality = ?", modality)[0][0]
    except sqlite3.OperationalError:
        return 0


@pytest.fixture(scope="module")
def texts(tmp_path_factory) -> Path:
    """A file of many records; every fourth one's first paragraph is the same."""
    file = tmp_path_factory.mktemp("texts") / "many.jsonl"
    with file.open("w") as lines:
        for n in range(DOCUMENTS):
            parts = ["the same" if n % 4 == m == 0 else f"word{n} part{m}" for m in range(PARTS)]
            lines.write(json.dumps({"title": f"t{n}", "paragraphs": parts}) + "\n")
    return file


@pytest.fixture(scope="module")
def undisturbed_texts(texts, tmp_path_factory):
    with Library.open(tmp_path_factory.mktemp("undisturbed") / "library", TinySpace()) as library:
        library.index([texts])
        yield library


MOMENTS = {
    "between two pieces of a batch": ([ENCODED] * 2, 0),
    "in the middle of the items": ([("sql", "INSERT INTO item")] * 2, 0),
    "between two batches": ([("sql", "INSERT INTO item"), COMMIT, ENCODED], 1),
    "items written, not committed": ([("sql", "INSERT INTO item"), ("sql", "INSERT INTO change"), COMMIT], 0),
    "paragraphs written, not committed": ([("sql", "INSERT INTO passage"), COMMIT], 0),
    "between items and the word that the file is whole": (
        [("sql", "INSERT INTO item"), COMMIT] * 5 + [("sql", "INSERT INTO source")],
        5,
    ),
    "all but the end of the run": ([("sql", "UPDATE run SET ended")], 5),
}


@pytest.mark.parametrize("moment", mostly_slow(list(MOMENTS)))
def test_while_a_file_of_texts_is_taken(moment, texts, undisturbed_texts, tmp_path):
    hold, batches = MOMENTS[moment]
    root = tmp_path / "library"
    killed_at(tmp_path / "mark", hold, root, "index", texts)
    there = ask(root, "SELECT count(*) FROM item")[0][0]
    assert (there > 0) == (batches > 0) and (there == ITEMS) == (batches == 5)
    paragraphs, documents = encoded(root, "paragraph"), encoded(root, "document")
    space = TinySpace()
    with Library.open(root, space) as library:
        assert doctor.examine(root, space) == [] or there == 0
        library.index([texts])
        distinct = DOCUMENTS * PARTS - (DOCUMENTS // 4 - 1)
        assert space.texts == distinct - paragraphs + DOCUMENTS - documents, "what was not written, and titles"
        assert_same(library, undisturbed_texts)
        assert library.index([texts]).unchanged == 1


def test_a_file_half_taken_is_not_whole_though_it_is_put_back_as_it_was(tmp_path, texts, undisturbed_texts):
    """Its size and time are those of when it was last taken whole; its items are half of what came between."""
    file, kept = tmp_path / "many.jsonl", tmp_path / "kept"
    file.write_bytes(texts.read_bytes())
    with Library.open(tmp_path / "library", TinySpace()) as library:
        library.index([file])
        before = said(library)
    file.rename(kept)
    file.write_text(json.dumps({"title": "new", "paragraphs": [f"new {n}" for n in range(300)]}) + "\n" + "{}\n")
    killed_at(tmp_path / "mark", [("sql", "INSERT INTO source")], tmp_path / "library", "index", file)
    kept.rename(file)
    space = TinySpace()
    with Library.open(tmp_path / "library", space) as library:
        library.index([file])
        assert space.texts == 0
        assert said(library) == before


@pytest.mark.parametrize(
    "hold",
    mostly_slow([[("sql", "INSERT INTO item"), COMMIT], [("sql", "INSERT INTO passage")], [("sql", "UPDATE run SET")]]),
)
def test_while_words_are_indexed(hold, tmp_path):
    killed_at(tmp_path / "mark", hold, tmp_path / "library", "words", 300)
    with Library.open(tmp_path / "library", TinySpace()) as library:
        library.index_words(words(library.space, 300))
        assert len(library.select(EVERYTHING, "word")) == 300
        assert ask(library.root, "SELECT count(*), count(distinct uri) FROM item") == [(300, 300)]
        assert ask(library.root, "SELECT count(*) FROM embedding") == [(300,)]
        assert doctor.examine(library.root, library.space) == []


@pytest.mark.parametrize(
    ("hold", "batches"),
    mostly_slow(
        [
            ([ENCODED, ENCODED, COMMIT], 1),  # the second batch is written and not committed
            ([ENCODED] * 5, 4),
            ([("sql", "INSERT INTO meta"), COMMIT], 5),
            ([("sql", "INSERT INTO meta")], 5),
        ]
    ),
)
def test_while_texts_are_moved_to_another_encoder(hold, batches, texts, tmp_path):
    root = tmp_path / "library"
    with Library.open(root, TinySpace()) as library:
        library.index([texts])
        before = said(library)
    killed_at(tmp_path / "mark", hold, root, "reembed-texts")
    mine = ask(root, "SELECT count(*) FROM embedding WHERE encoder = 'tiny-words-2' AND modality = 'paragraph'")[0][0]
    with Library.open(root, TinySpace()) as library:
        assert said(library) == before, "the old space stands until the switch"
    space = OtherTexts()
    Library.reembed(root, space)
    done = ask(root, "SELECT count(*) FROM embedding WHERE encoder = 'tiny-words-2'")[0][0]
    assert mine == min(batches * 256, done - DOCUMENTS)
    assert space.texts <= done - mine, "what was written is not encoded again"
    with Library.open(root, OtherTexts()) as library, Library.open(tmp_path / "new", OtherTexts()) as new:
        new.index([texts])
        assert said(library) == said(new)
        assert doctor.examine(root, OtherTexts()) == []


def test_in_the_migration_that_brings_texts(tmp_path, photos):
    """Old tables are made by taking the new ones back; each writing statement of the way forth is a moment."""
    root = tmp_path / "library"
    with Library.open(root, TinySpace()) as library:
        library.index([photos], labels=["mine"])
    forget_texts(root)
    with closing(sqlite3.connect(root / "library.db")) as connection, connection:
        connection.executescript(
            "PRAGMA foreign_keys = OFF; DROP TABLE tile;"
            "DROP TABLE judgment; DROP TABLE rater; DROP TABLE trial; DROP TABLE study;"
            "DROP TABLE passage; DROP TABLE source; DROP INDEX ix_item_parent_id;"
            "ALTER TABLE embedding DROP COLUMN modality; UPDATE alembic_version SET version_num = '0002';"
            "CREATE TABLE old (id INTEGER NOT NULL CONSTRAINT pk_item PRIMARY KEY AUTOINCREMENT,"
            " content_id INTEGER NOT NULL, collection_id INTEGER NOT NULL, uri VARCHAR NOT NULL,"
            " modality VARCHAR NOT NULL, origin VARCHAR NOT NULL, state VARCHAR NOT NULL, modified BIGINT NOT NULL,"
            " created VARCHAR NOT NULL, updated VARCHAR NOT NULL, run_id INTEGER NOT NULL,"
            " CONSTRAINT fk_item_content_id_content FOREIGN KEY(content_id) REFERENCES content (id),"
            " CONSTRAINT fk_item_collection_id_collection FOREIGN KEY(collection_id) REFERENCES collection (id),"
            " CONSTRAINT fk_item_run_id_run FOREIGN KEY(run_id) REFERENCES run (id),"
            " CONSTRAINT uq_item_collection_id_uri UNIQUE (collection_id, uri));"
            "INSERT INTO old SELECT id, content_id, collection_id, uri, modality, origin, state, modified, created,"
            " updated, run_id FROM item; DROP TABLE item; ALTER TABLE old RENAME TO item;"
            "CREATE INDEX ix_item_uri ON item (uri); CREATE INDEX ix_item_content_id ON item (content_id);"
        )
    before = ask(root, "SELECT id, uri, state, modified FROM item ORDER BY id")
    labels = ask(root, "SELECT * FROM label ORDER BY item_id")
    for hold in ([("sql", "DROP TABLE item")], [("sql", "ALTER TABLE embedding")], [("sql", "CREATE TABLE source")]):
        killed_at(tmp_path / "mark", hold, root, "open")
        assert ask(root, "SELECT version_num FROM alembic_version") == [("0002",)]
        assert ask(root, "SELECT id, uri, state, modified FROM item ORDER BY id") == before
    with Library.open(root, TinySpace()) as library:
        assert ask(root, "SELECT version_num FROM alembic_version") == [(SCHEMA,)]
        assert ask(root, "SELECT id, uri, state, modified FROM item WHERE place = '' ORDER BY id") == before
        assert ask(root, "SELECT * FROM label ORDER BY item_id") == labels != []
        assert library.index([photos]).unchanged == 5 and library.space.encoded == 0
        assert doctor.examine(root, library.space) == []
