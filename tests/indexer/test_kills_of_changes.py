"""`kill -9` while a library is migrated, moved to another encoder, thinned out or adds an imagined picture."""

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event

from mindseye.engine.errors import SpaceMismatchError
from mindseye.indexer.index.manifest import Manifest
from mindseye.indexer.library import Library
from mindseye.indexer.models import SCHEMA
from tests.indexer.conftest import PICTURES
from tests.indexer.processes import answers, ask, assert_same, killed_at, last_change, mostly_slow, rows
from tests.indexer.test_imagined import imagine
from tests.indexer.test_reembed import OtherSpace
from tests.pictures import names
from tests.tiny_space import TinySpace

WRITES = r"^\(.(\\n)*(ALTER|CREATE|INSERT|UPDATE|DELETE|DROP) "  # a statement that does, as events show it
ENCODED = [("encode", "")] * 7  # all batches
COMMIT = ("commit", "")
draw = np.random.default_rng(7)


@pytest.fixture
def copy(undisturbed, tmp_path) -> Path:
    """A copy of the undisturbed library's folder."""
    with closing(sqlite3.connect(undisturbed.root / "library.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copytree(undisturbed.root, tmp_path / "library"))


@pytest.fixture(scope="module")
def first_schema(undisturbed, tmp_path_factory) -> Path:
    """A folder with the undisturbed library's rows in the tables of revision 0001."""
    file = tmp_path_factory.mktemp("old") / "library.db"
    engine = create_engine(f"sqlite:///{file}")
    config = Config()
    config.set_main_option("script_location", "mindseye.indexer:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("ATTACH ? AS new", [str(undisturbed.root / "library.db")])
        tables = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE '%\\_%' ESCAPE '\\'"
        for (table,) in connection.execute(tables).fetchall():
            columns = ", ".join(f'"{row[1]}"' for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
    return file.parent


@pytest.fixture(scope="module")
def steps(first_schema, tmp_path_factory) -> int:
    """How many writing statements the upgrade of that library takes."""
    seen = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(bool(re.search(WRITES, repr((statement,)))))

    root = shutil.copytree(first_schema, tmp_path_factory.mktemp("upgraded") / "library")
    event.listen(Engine, "before_cursor_execute", note)
    try:
        Library.open(root, TinySpace()).close()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return sum(seen)


@pytest.mark.parametrize("share", mostly_slow([1.0, *draw.random(5).round(3).tolist()]))
def test_before_a_statement_of_a_migration(share, first_schema, steps, undisturbed, tmp_path):
    root = Path(shutil.copytree(first_schema, tmp_path / "library"))
    number = max(2, round(share * steps))  # one statement at least has been executed
    killed_at(tmp_path / "mark", [("sql", WRITES)] * number + [COMMIT] * (number == steps), root, "open")
    assert ask(root, "SELECT version_num FROM alembic_version") == [("0001",)]
    with Library.open(root, TinySpace()) as library:
        assert ask(root, "SELECT version_num FROM alembic_version") == [(SCHEMA,)]
        assert_same(library, undisturbed)
        assert library.space.encoded == 0


@pytest.mark.parametrize("batches", mostly_slow(draw.permutation(np.arange(1, 7))[:4].tolist()))
def test_during_a_move_to_another_encoder(batches, copy, undisturbed, tmp_path):
    killed_at(tmp_path / "mark", ENCODED[: batches + 1], copy, "reembed")
    assert moved(copy) == 32 * batches < PICTURES
    assert_old_space_stands(copy, undisturbed)
    assert_moved_like_an_undisturbed_one(copy, kept=32 * batches)


@pytest.mark.parametrize(
    "hold",
    mostly_slow(
        [
            [("sql", "INSERT INTO change"), COMMIT],  # the switch written, not committed
            [("sql", "INSERT INTO meta")],
            [("sql", "INSERT INTO change")],
        ]
    ),
    ids=["commit", "facts", "changes"],
)
def test_during_the_switch_to_another_encoder(hold, copy, undisturbed, tmp_path):
    killed_at(tmp_path / "mark", [*ENCODED, *hold], copy, "reembed")
    assert moved(copy) == PICTURES
    assert_old_space_stands(copy, undisturbed)
    assert_moved_like_an_undisturbed_one(copy, kept=PICTURES)


def test_after_the_switch_to_another_encoder(copy, tmp_path):
    killed_at(tmp_path / "mark", [*ENCODED, ("sql", "UPDATE run SET ended")], copy, "reembed")
    assert Manifest.read(copy / "index").encoder == TinySpace().encoder  # the index has not followed
    with pytest.raises(SpaceMismatchError):
        Library.open(copy, TinySpace())
    assert_moved_like_an_undisturbed_one(copy, kept=PICTURES)


def moved(root: Path) -> int:
    """Return how many contents the new encoder has encoded."""
    return ask(root, "SELECT count(*) FROM embedding WHERE encoder = ?", OtherSpace().encoder)[0][0]


def assert_old_space_stands(root: Path, undisturbed: Library) -> None:
    with Library.open(root, TinySpace()) as library:
        assert answers(library) == answers(undisturbed)
        assert library.status().vectors == PICTURES


def assert_moved_like_an_undisturbed_one(root: Path, kept: int) -> None:
    report = Library.reembed(root, OtherSpace())
    assert (report.kept, report.encoded, report.skipped) == (kept, PICTURES - kept, ())
    with Library.open(root, OtherSpace()) as library, Library.open(root.with_name("new"), OtherSpace()) as new:
        new.index([path_of_the_pictures(library)])
        assert answers(library) == answers(new)
        assert names(library) == names(new)
        assert [row for row in rows(root) if row[8] == OtherSpace().encoder] == rows(new.root)


def path_of_the_pictures(library: Library) -> Path:
    return library.item("0/0.png").path.parents[1]


@pytest.mark.parametrize(
    ("hold", "gone"),
    mostly_slow(
        [
            ([("sql", "INSERT INTO change"), COMMIT], 0),  # all written, nothing committed
            ([("sql", "INSERT INTO change")], 0),
            ([("sql", "UPDATE item")], 0),
            ([("sql", "INSERT INTO change"), COMMIT, ("sql", "max.change")], 3),  # committed, not in the index
        ]
    ),
)
def test_during_a_removal(hold, gone, copy, hundreds, tmp_path):
    thrown_out = [hundreds / str(seed % 3) / f"{seed}.png" for seed in (5, 70, 199)]
    before = Manifest.read(copy / "index")
    killed_at(tmp_path / "mark", hold, copy, "remove", *thrown_out)
    assert ask(copy, "SELECT count(*) FROM item WHERE state = 'removed'") == [(gone,)]
    assert Manifest.read(copy / "index") == before
    assert (last_change(copy) > before.seq) == (gone > 0)
    with Library.open(copy, TinySpace()) as library:
        assert len(names(library)) == PICTURES - gone
        assert library.remove([str(path) for path in thrown_out]) == 3 - gone
        assert sorted({f"{seed}.png" for seed in range(PICTURES)} - set(names(library))) == [
            "199.png",
            "5.png",
            "70.png",
        ]
        library.index([hundreds])
        assert len(names(library)) == len(set(names(library))) == PICTURES


@pytest.mark.parametrize(
    ("hold", "there"),
    mostly_slow(
        [
            ([("sql", "INSERT INTO imagined"), COMMIT], True),  # the file is there, its row is written
            ([("os.rename", "imagined")], False),  # the file has its temporary name
            ([("os.rename", "imagined"), ("sql", "")], True),
            ([("sql", "INSERT INTO imagined")], True),
        ]
    ),
)
def test_while_an_imagined_picture_is_stored(hold, there, copy, tmp_path):
    killed_at(tmp_path / "mark", hold, copy, "imagine")
    assert len(list((copy / "imagined").glob("*.png"))) == there
    assert ask(copy, "SELECT count(*) FROM imagined") == [(0,)]
    with Library.open(copy, TinySpace()) as library, Library.open(tmp_path / "new", TinySpace()) as new:
        assert library.imagined() == []
        stored, undisturbed = imagine(library), imagine(new)
        assert library.imagined() == [stored]
        assert (stored.id, stored.record) == (undisturbed.id, undisturbed.record)
        assert [path.read_bytes() for path in (copy / "imagined").glob("*.png")] == [undisturbed.path.read_bytes()]
        assert len(names(library)) == PICTURES
