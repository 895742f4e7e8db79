"""The database file itself: whether SQLite can read all of it, and whether its tables are a library's."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from filelock import FileLock

from mindseye.engine.errors import LibraryError
from mindseye.indexer.database import BUSY_SECONDS
from mindseye.indexer.doctor.finding import Finding
from mindseye.indexer.models import SCHEMA, Base

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FORMAT)
_BEAT = 1_000_000  # SQLite's own steps between two signs of life
_RESTORE = "restore a copy of the file or an export (`mindseye import`), or move it away and index again"


def examine(path: Path, alive: Callable[[], None]) -> list[Finding]:
    """Return what is wrong with the file at `path`; `alive` is called now and then.

    Raises LibraryError when it cannot be read for another reason than damage.
    """
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            connection.set_progress_handler(alive, _BEAT)
            return _tables(path, connection) or _rows(path, connection)
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF in _DAMAGE:
            return [_damaged(path, [str(error)])]
        raise LibraryError(
            f"{path} cannot be examined ({error})", "check its permissions or try again later"
        ) from error


def _tables(path: Path, connection: sqlite3.Connection) -> list[Finding]:
    with FileLock(path.with_suffix(".lock")):  # which is held while tables are made
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        known = "alembic_version" in names
        version = connection.execute("SELECT max(version_num) FROM alembic_version").fetchone()[0] if known else None
    if not names:
        return [Finding("database_empty", f"{path} is empty: every row is lost", _RESTORE)]
    if version is None:
        return [Finding("database_foreign", f"{path} is a database but not a library", "choose another --library")]
    if version > SCHEMA:
        what = f"the library is of a newer Mindseye (tables {version}, here {SCHEMA})"
        return [Finding("database_newer", what, "install that version or a later one")]
    lost = set(Base.metadata.tables) - names if version == SCHEMA else set()
    return [_damaged(path, [f"there is no table {name}" for name in sorted(lost)])] if lost else []


def _rows(path: Path, connection: sqlite3.Connection) -> list[Finding]:
    faults = [fault for (fault,) in connection.execute("PRAGMA integrity_check") if fault != "ok"]
    if faults and all(" index " in fault for fault in faults):
        what = f"the indexes of {path.name} do not fit its tables ({_some(faults)})"
        return [Finding("database_indexes", what, "`--repair` makes them anew", mend=partial(_reindex, path))]
    if faults:
        return [_damaged(path, faults)]
    dangling = connection.execute("PRAGMA foreign_key_check")
    broken = [f"{table} row {row}: no {parent}" for table, row, parent, _ in dangling]
    what = f"{len(broken)} rows refer to rows that are not there"
    return [Finding("database_references", what, _RESTORE, tuple(broken))] if broken else []


def _damaged(path: Path, faults: list[str]) -> Finding:
    return Finding("database_damaged", f"{path} is damaged ({_some(faults)})", _RESTORE)


def _some(faults: list[str]) -> str:
    more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
    return " ".join(faults[0].split()) + more


def _reindex(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            connection.execute("REINDEX")
    except sqlite3.Error as error:
        raise LibraryError(f"the indexes of {path} cannot be made anew ({error})", _RESTORE) from error
