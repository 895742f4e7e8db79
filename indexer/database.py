"""The SQLite file of a library: opened, brought up to date, read and written in short transactions."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from filelock import FileLock
from sqlalchemy import ColumnElement, Connection, Engine, and_, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from mindseye.engine.errors import LibraryError, NotFoundError
from mindseye.indexer.files import path_fits
from mindseye.indexer.gis.nearness import is_near
from mindseye.indexer.models import SCHEMA

T = TypeVar("T")

FILE = "library.db"
BUSY_SECONDS = 30.0
IN_CHUNK = 500  # values in one IN (…): well below SQLite's limit


class Database:
    """Short transactions on one file: `read` sees a snapshot, `write` locks from its first statement on."""

    def __init__(self, path: Path) -> None:
        """Open or create the file at `path`, its folder being there, with the newest tables.

        Raises LibraryError when it cannot be written, is damaged, is no library, or is of a newer Mindseye.
        """
        self.path = path
        self._engine = _engine(path)
        self._writer = self._engine.execution_options(begin="IMMEDIATE")
        self._watching = Lock()
        self._watch: sqlite3.Connection | None = None
        self._watches = 0  # connections that have watched
        try:
            self._bring_up_to_date()
        except (DatabaseError, sqlite3.Error, OSError) as error:
            raise _explanation(path, error) from error

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session on a snapshot. Raises LibraryError when the file cannot be read."""
        with _explained(self.path), Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session that commits at the end or not at all. Raises LibraryError, as on a full disk."""
        with _explained(self.path), Session(self._writer) as session, session.begin():
            yield session

    @property
    def version(self) -> tuple[int, int]:
        """What stays the same for as long as no process commits anything; a thousandth of a millisecond to ask.

        Raises LibraryError when the file cannot be read.
        """
        try:
            with self._watching:
                if self._watch is None:  # its numbers compare with one another only
                    self._watch, self._watches = _connected(self.path), self._watches + 1
                (number,) = self._watch.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as error:
            raise _explanation(self.path, error) from error
        return self._watches, number

    def close(self) -> None:
        """Close every connection."""
        with self._watching:
            if self._watch is not None:
                self._watch.close()
                self._watch = None
        self._engine.dispose()

    def _bring_up_to_date(self) -> None:
        with closing(self):  # the next use connects again
            with self._engine.connect() as connection:
                if _schema(connection) == SCHEMA:
                    return
            # Turning to WAL is the one step that busy_timeout does not cover.
            with FileLock(self.path.with_suffix(".lock")):
                with self._engine.connect() as connection:
                    _outside_transactions(connection, "journal_mode = WAL")  # kept by the file
                with self._writer.connect() as connection:
                    # A table that others refer to can only be replaced unchecked; its rows keep their ids.
                    _outside_transactions(connection, "foreign_keys = OFF")
                    with connection.begin():
                        self._upgrade(connection)

    def _upgrade(self, connection: Connection) -> None:
        found = _schema(connection)
        if found is None and inspect(connection).get_table_names():
            raise LibraryError(f"{self.path} is a database but not a library", "choose another --library folder")
        if found is not None and found > SCHEMA:
            raise LibraryError(
                f"the library {self.path.parent} is of a newer Mindseye (tables {found}, here {SCHEMA})",
                "install that version or a later one",
            )
        command.upgrade(_alembic(connection), "head")


def open_folder(root: Path, *, create: bool) -> Database:
    """Return the open database of the library in the folder `root`, by its real path.

    Raises NotFoundError when there is none and `create` is false, LibraryError as `Database` does.
    """
    root = Path(os.path.realpath(root))
    if not create and not os.path.exists(root / FILE):  # noqa: PTH110 - never raises
        raise NotFoundError(f"there is no library in {root}", "make one with `mindseye index PATH`")
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _explanation(root / FILE, error) from error
    return Database(root / FILE)


@contextmanager
def tables_at(path: Path, revision: str) -> Iterator[Connection]:
    """Yield a connection to a new file with the tables of a revision; the block is written whole or not at all.

    Raises LibraryError for a revision that never was, and as on a full disk.
    """
    engine = _engine(path)
    try:
        with _explained(path), engine.execution_options(begin="IMMEDIATE").begin() as connection:
            command.upgrade(_alembic(connection), revision)
            yield connection
        with _explained(path), engine.connect() as connection:
            _outside_transactions(connection, "journal_mode = WAL")
    except CommandError as error:
        raise LibraryError(f"there are no tables {revision}", "make the copy again with a newer Mindseye") from error
    finally:
        engine.dispose()


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield `values` in pieces that fit one IN (…)."""
    for start in range(0, len(values), IN_CHUNK):
        yield values[start : start + IN_CHUNK]


def below(uri: Any, folder_uri: str) -> ColumnElement[bool]:
    """Return the condition that a URI lies below a folder's."""
    start = folder_uri.rstrip("/") + "/"
    end = start[:-1] + "0"  # the character after "/": a range, because LIKE takes capitals for small letters
    return and_(uri >= start, uri < end)


def _engine(path: Path) -> Engine:
    # A URL would read some characters of the path as its own.
    engine = create_engine("sqlite://", creator=lambda: _connected(path), poolclass=QueuePool)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)


def _on_connect(connection: sqlite3.Connection, record: object) -> None:
    # sqlite3 would begin by itself, late and never before DDL: a killed migration would stay half done.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.create_function("path_fits", 2, path_fits, deterministic=True)
    connection.create_function("is_near", 7, is_near, deterministic=True)


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")


def _outside_transactions(connection: Connection, pragma: str) -> None:
    dbapi = connection.connection.dbapi_connection
    assert dbapi is not None
    dbapi.execute(f"PRAGMA {pragma}")


def _schema(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "mindseye.indexer:migrations")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise _explanation(path, error) from error
    except DatabaseError as error:
        if type(error) is DatabaseError:  # a damaged file; its children are faults of this program
            raise _explanation(path, error) from error
        raise


def _explanation(path: Path, error: Exception) -> LibraryError:
    reason = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error)
    library = f"the library {path.parent}"
    if "not a database" in reason or "malformed" in reason:
        return LibraryError(
            f"{library} is damaged ({path.name}: {reason})",
            "restore the file, or move it away and index again",
        )
    if "locked" in reason:
        return LibraryError(f"{library} is busy: another command keeps writing to it", "try again later")
    if "full" in reason:
        return LibraryError(f"{library} cannot be written: the disk is full", "make room and try again")
    return LibraryError(
        f"{library} cannot be opened or written ({reason})",
        "check its permissions or choose another --library folder",
    )
