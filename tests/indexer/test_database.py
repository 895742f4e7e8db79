import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import Engine, create_engine, event, text

from mindseye.engine.errors import LibraryError, NotFoundError, SpaceMismatchError
from mindseye.indexer.database import Database, open_folder
from mindseye.indexer.library import Library
from mindseye.indexer.models import SCHEMA, Base
from tests.tiny_space import TinySpace


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with closing(Database(tmp_path / "library.db")):
        return tmp_path / "library.db"


def test_the_migrations_make_the_tables_of_the_models(file):
    with create_engine(f"sqlite:///{file}").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    connection.engine.dispose()


def test_the_newest_revision_is_the_one_that_the_models_name():
    config = Config()
    config.set_main_option("script_location", "mindseye.indexer:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA]


def test_every_id_is_never_reused(file):
    with closing(sqlite3.connect(file)) as connection:
        tables = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    counted = {name for name, sql in tables.items() if "AUTOINCREMENT" in (sql or "")}
    assert counted == {
        "run", "skip", "collection", "content", "item", "embedding", "change", "study", "trial", "rater", "judgment",
    }  # fmt: skip


def test_the_file_is_in_wal_mode_and_foreign_keys_hold(file):
    with closing(Database(file)) as database, database.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_tables_are_made_by_one_process_at_a_time(tmp_path):
    with ThreadPoolExecutor(1) as pool:
        with FileLock(tmp_path / "library.lock"):  # another process is at it
            opening = pool.submit(Database, tmp_path / "library.db")
            with pytest.raises(TimeoutError):
                opening.result(0.3)
        opening.result(30).close()


def test_a_write_that_fails_leaves_nothing(file):
    with closing(Database(file)) as database:
        with pytest.raises(RuntimeError), database.write() as session:
            session.execute(text("INSERT INTO meta VALUES ('a', 'b')"))
            raise RuntimeError
        with database.read() as session:
            assert session.scalar(text("SELECT count(*) FROM meta")) == 0


def test_a_write_locks_before_it_reads(file):
    with closing(Database(file)) as database, closing(sqlite3.connect(file, timeout=0)) as other:
        with database.write() as session:
            session.execute(text("SELECT * FROM meta"))
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")


def test_a_migration_that_fails_half_way_leaves_nothing(tmp_path):
    def fail(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if "CREATE TABLE embedding" in statement:
            raise RuntimeError

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(RuntimeError):
            Database(tmp_path / "library.db")
    finally:
        event.remove(Engine, "before_cursor_execute", fail)
    with closing(sqlite3.connect(tmp_path / "library.db")) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    with closing(Database(tmp_path / "library.db")) as database, database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM item")) == 0


def test_a_newer_library_is_refused(file):
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(LibraryError, match=r"newer Mindseye.*0999"):
        Database(file)


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path):
    file = tmp_path / "library.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE recipes (name)")
    with pytest.raises(LibraryError, match="not a library"):
        Database(file)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]


def test_a_damaged_database_is_a_clear_error(file):
    file.write_bytes(b"this was a database once" * 400)
    with pytest.raises(LibraryError, match=r"damaged.*not a database"):
        Database(file)


@pytest.mark.parametrize("where", ["file", "file/below"])
def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path, where):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LibraryError, match=r"cannot be opened or written .*choose another --library"):
        open_folder(tmp_path / where, create=True)


def test_a_database_that_cannot_be_opened_is_a_clear_error(tmp_path):
    (tmp_path / "library.db").mkdir()
    with pytest.raises(LibraryError, match=r"cannot be opened or written \(unable to open database file\)"):
        open_folder(tmp_path, create=True)


def test_a_disk_that_is_full_is_a_clear_error(file):
    full = pytest.raises(LibraryError, match="disk is full")
    with closing(Database(file)) as database, full, database.write() as session:
        session.execute(text("PRAGMA max_page_count = 1"))
        session.execute(text("INSERT INTO meta VALUES ('big', hex(zeroblob(1000000)))"))


def test_a_read_only_database_is_a_clear_error(file):
    refused = pytest.raises(LibraryError, match="readonly database")
    with closing(Database(file)) as database, refused, database.write() as session:
        session.execute(text("PRAGMA query_only = ON"))
        session.execute(text("INSERT INTO meta VALUES ('a', 'b')"))


def test_a_library_that_is_not_there_is_not_made_unasked(tmp_path):
    with pytest.raises(NotFoundError, match=r"no library in .*mindseye index PATH"):
        Library.open(tmp_path / "none", TinySpace(), create=False)
    assert not (tmp_path / "none").exists()


def test_another_encoder_is_refused_naming_both(tmp_path, open_library):
    open_library(TinySpace())
    with pytest.raises(SpaceMismatchError, match=r"tiny-histogram-1.*another-encoder.*mindseye reembed"):
        Library.open(tmp_path / "library", TinySpace(encoder="another-encoder"))


@pytest.mark.parametrize("name", ["with space", "Käse ♥ %41 ?mode=ro #x", "100% & more"])
def test_odd_folder_names_are_only_names(tmp_path, open_library, photos, name):
    library = open_library(TinySpace(), tmp_path / name)
    assert library.index([photos]).added == 5
    assert sorted(path.name for path in (tmp_path / name).iterdir() if path.suffix == ".db") == ["library.db"]


def test_importing_the_memory_does_not_import_torch():
    code = "import sys, mindseye.indexer.library; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_version_stays_until_anybody_commits(file):
    with closing(Database(file)) as database, closing(Database(file)) as other:
        before = database.version
        with database.read() as session:
            session.execute(text("SELECT count(*) FROM item"))
        assert database.version == before
        seen = [before]
        for one in (other, database):  # another process, or another connection of this one
            with one.write() as session:
                session.execute(text("INSERT INTO collection (name, created) VALUES (:name, '')"), {"name": str(one)})
            assert database.version not in seen
            seen.append(database.version)
        with pytest.raises(ZeroDivisionError), other.write() as session:
            session.execute(text("DELETE FROM collection"))
            raise ZeroDivisionError
        assert database.version == seen[-1], "what is rolled back is no change"
        database.close()
        assert database.version not in seen, "another connection counts anew"


def test_the_version_of_a_file_that_cannot_be_read_is_explained(file):
    with closing(Database(file)) as database:
        database.close()
        file.write_bytes(b"nonsense" * 1000)
        with pytest.raises(LibraryError, match="damaged"):
            _ = database.version
