"""A library made of an export: built aside, checked while it is built, and there all at once."""

import os
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, MetaData, Table, insert, text
from sqlalchemy.exc import IntegrityError

from mindseye.engine.errors import LibraryError, UsageError
from mindseye.indexer.backup.features import unpacked
from mindseye.indexer.backup.manifest import LARGEST_CHUNK, table_member
from mindseye.indexer.backup.moves import Move, Moves
from mindseye.indexer.backup.reader import ArchiveReader
from mindseye.indexer.backup.rows import columns, contradiction, from_line
from mindseye.indexer.batches import Progress, batches
from mindseye.indexer.database import FILE, Database, tables_at
from mindseye.indexer.files import TEMPORARY, sync

BATCH = 1000  # rows written at once


@dataclass(frozen=True)
class ImportReport:
    """What was restored into the folder `root`: rows by table, vectors, files; bytes of the zip."""

    root: Path
    rows: dict[str, int]
    vectors: int
    files: int
    bytes: int
    seconds: float


def import_library(
    path: Path, root: Path, moves: Sequence[Move] = (), progress: Progress | None = None
) -> ImportReport:
    """Restore the export at `path` into the folder `root`, which must be new or empty; no space is needed.

    moves: where the photos' folders are now; imagined pictures are moved to the new folder by themselves.
    progress(done, total) counts rows and files. Raises UsageError for a folder that is taken and for a missing file,
    LibraryError for a file that is damaged, foreign or of a newer Mindseye and when the folder cannot be written;
    then it is as it was.
    """
    started = time.monotonic()
    root = Path(os.path.realpath(root))
    with ArchiveReader(path) as archive:
        try:
            _check_target(root)
            with _appearing(root, archive) as home:
                _Import(archive, home, root, moves, progress).run()
        except OSError as error:
            what = f"the library {root} cannot be written ({error.strerror or error})"
            raise LibraryError(what, "make room, check permissions, or choose another --library folder") from error
        manifest = archive.manifest
    vectors = sum(encoder.vectors for encoder in manifest.encoders)
    counts = (manifest.rows(), vectors, len(manifest.files()), path.stat().st_size)
    return ImportReport(root, *counts, time.monotonic() - started)


def _check_target(root: Path) -> None:
    hint = "choose a new --library folder, or move that one away"
    if (root / FILE).exists():
        raise UsageError(f"there is a library in {root} already", hint)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(f"{root} is not an empty folder", hint)


@contextmanager
def _appearing(root: Path, archive: ArchiveReader) -> Iterator[Path]:
    """Yield a temporary folder beside `root` that takes its place when the block ends well, otherwise vanishes."""
    root.parent.mkdir(parents=True, exist_ok=True)
    needed = sum(member.bytes for member in archive.manifest.members.values())
    free = shutil.disk_usage(root.parent).free
    if needed > free:
        what = f"{archive.path} holds {needed / 1e9:.1f} GB, {root.parent} has room for {free / 1e9:.1f} GB"
        raise LibraryError(what, "make room, or choose another --library folder")
    temporary = root.with_name(f".{root.name}.{secrets.token_hex(4)}.import{TEMPORARY}")
    try:
        temporary.mkdir()
        yield temporary
        if root.exists():
            root.rmdir()  # it is empty; not every system replaces it
        sync(temporary)
        temporary.rename(root)
        sync(root.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


class _Import:
    """One import: tables as of the export's revision, rows, files, then the newest tables."""

    def __init__(
        self, archive: ArchiveReader, home: Path, root: Path, moves: Sequence[Move], progress: Progress | None
    ) -> None:
        self._archive = archive
        self._manifest = archive.manifest
        self._home = home
        imagined = Move(f"{self._manifest.root}/imagined", (root / "imagined").as_uri())
        self._moves = Moves([*moves, imagined])
        self._progress = progress or (lambda done, total: None)
        self._done, self._total = 0, self._manifest.work()

    def run(self) -> None:
        with tables_at(self._home / FILE, self._manifest.revision) as connection:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))  # a paragraph may stand before its document
            self._tables(connection)
            self._check_references(connection)
            self._sequences(connection)
        for name in self._manifest.files():
            self._file(name)
            self._tell(1)
        with closing(Database(self._home / FILE)) as database, database.read() as session:  # with the newest tables
            if trouble := contradiction(session):
                raise self._archive.damaged(trouble)

    def _tables(self, connection: Connection) -> None:
        known = MetaData()
        known.reflect(connection)
        tables = [table for table in known.sorted_tables if table.name != "alembic_version"]
        if {table.name for table in tables} != self._manifest.rows().keys():
            raise self._archive.damaged(f"its tables are not those of revision {self._manifest.revision}")
        for table in tables:
            for batch in batches(self._rows(table), BATCH):
                self._insert(connection, table, batch)
                self._tell(len(batch))

    def _rows(self, table: Table) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table, moved, with their vectors."""
        name, expected = table_member(table.name), columns(table)
        vectors = self._vectors() if len(expected) < len(table.columns) else None
        rows = 0
        for rows, line in enumerate(self._archive.lines(name), 1):
            try:
                row = self._moves.row(table.name, from_line(line, expected))
            except (ValueError, TypeError, AttributeError) as error:
                raise self._archive.damaged(f"line {rows} of {name}: {error}") from error
            yield row if vectors is None else self._joined(table, row, vectors)
        if rows != self._manifest.members[name].rows or (vectors and next(vectors, None)):
            raise self._archive.damaged(f"{name} has another number of rows")

    def _vectors(self) -> Iterator[tuple[str, int, bytes]]:
        """Yield encoder, id and vector of every embedding, in the order of their rows."""
        for encoder in self._manifest.encoders:
            count = 0
            for name in self._manifest.chunks(encoder):
                data = self._archive.data(name, LARGEST_CHUNK)
                try:
                    ids, blobs = unpacked(data, encoder.width)
                except ValueError as error:
                    raise self._archive.damaged(f"{name} holds {error}") from error
                yield from ((encoder.fingerprint, number, blob) for number, blob in zip(ids, blobs, strict=True))
                count += len(ids)
            if count != encoder.vectors:
                raise self._archive.damaged(f"encoder {encoder.number} has another number of vectors")

    def _joined(self, table: Table, row: dict[str, Any], vectors: Iterator[tuple[str, int, bytes]]) -> dict[str, Any]:
        encoder, number, blob = next(vectors, ("", 0, b""))
        if (encoder, number) != (row["encoder"], row["id"]):
            raise self._archive.damaged(f"embedding {row['id']} has no vector")
        column = next(column.name for column in table.columns if isinstance(column.type, LargeBinary))
        return row | {column: blob}

    def _insert(self, connection: Connection, table: Table, batch: list[dict[str, Any]]) -> None:
        try:
            connection.execute(insert(table), batch)
        except IntegrityError as error:
            raise self._contradictory(table.name, str(error.orig)) from error
        except (ValueError, OverflowError) as error:
            raise self._archive.damaged(f"a row of table {table.name}: {error}") from error

    def _check_references(self, connection: Connection) -> None:
        for table, row, referred, _ in connection.execute(text("PRAGMA foreign_key_check")):
            raise self._contradictory(table, f"row {row} refers to one of {referred} that is not there")

    def _contradictory(self, table: str, why: str) -> LibraryError:
        what = f"{self._archive.path}: rows of table {table} contradict each other ({why})"
        hint = "if two --move lead to one folder, give one of them another; else take another copy of the file"
        return LibraryError(what, hint)

    def _sequences(self, connection: Connection) -> None:
        """Let the next ids be higher than any that was ever given."""
        here: dict[str, int] = dict(connection.execute(text("SELECT name, seq FROM sqlite_sequence")).all())
        connection.execute(text("DELETE FROM sqlite_sequence"))
        for name, seq in self._manifest.sequences.items():
            values = {"name": name, "seq": max(seq, here.get(name, 0))}
            connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :seq)"), values)

    def _file(self, name: str) -> None:
        path = self._home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            for piece in self._archive.pieces(name):
                file.write(piece)
        sync(path)
        modified = self._manifest.members[name].modified
        if modified is not None:
            os.utime(path, ns=(modified, modified))

    def _tell(self, done: int) -> None:
        self._done += done
        self._progress(self._done, self._total)
