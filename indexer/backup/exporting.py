"""A library written into one file, as it is at one moment, while others may go on writing to it."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, func, select, text
from sqlalchemy.orm import Session

from mindseye.engine.errors import LibraryError, UsageError
from mindseye.indexer.backup.features import CHUNK, packed
from mindseye.indexer.backup.files import files
from mindseye.indexer.backup.manifest import (
    FORMAT,
    VERSION,
    Encoder,
    Manifest,
    chunk_member,
    is_member_name,
    table_member,
)
from mindseye.indexer.backup.rows import TABLES, columns, contradiction, order, to_line
from mindseye.indexer.backup.writer import ArchiveWriter
from mindseye.indexer.batches import Progress
from mindseye.indexer.database import open_folder
from mindseye.indexer.embeddings import STORED
from mindseye.indexer.files import replacing
from mindseye.indexer.meta import VERSION as MINDSEYE
from mindseye.indexer.meta import fact
from mindseye.indexer.models import SCHEMA, Embedding, Item, now
from mindseye.indexer.records import Skip

BATCH = 1000  # rows held at once
_FACTS = {"library": "id", "encoder": "encoder", "mapping": "mapping"}  # of the library, by their keys


@dataclass(frozen=True)
class ExportReport:
    """What an export holds: rows by table, vectors, files; what had to be left out; bytes of the zip."""

    path: Path
    rows: dict[str, int]
    vectors: int
    files: int
    bytes: int
    skipped: tuple[Skip, ...]
    seconds: float


def export_library(root: Path, path: Path, *, force: bool = False, progress: Progress | None = None) -> ExportReport:
    """Write the library in the folder `root` into a new zip at `path`; no space is needed.

    All rows are of one moment. Held in memory: a batch of rows or a chunk of vectors, whatever the size.
    progress(done, total) counts rows and files. Raises NotFoundError without a library, UsageError when the file
    is there already and `force` is false, LibraryError when it cannot be written; then nothing is left.
    """
    started = time.monotonic()
    _check_output(path, force)
    with closing(open_folder(root, create=False)) as database, database.read() as session:
        try:
            with replacing(path) as temporary, ArchiveWriter(temporary) as archive:
                export = _Export(session, database.path.parent, archive, progress)
                manifest = export.run()
            size = path.stat().st_size
        except OSError as error:
            what = f"the export {path} cannot be written ({error.strerror or error})"
            raise LibraryError(what, "make room, or choose another place") from error
    vectors = sum(encoder.vectors for encoder in manifest.encoders)
    counts = (manifest.rows(), vectors, len(manifest.files()), size)
    return ExportReport(path.absolute(), *counts, tuple(export.skipped), time.monotonic() - started)


def _check_output(path: Path, force: bool) -> None:
    if os.path.isdir(path):  # noqa: PTH112 - never raises, nor do the next two
        raise UsageError(f"{path} is a folder", "name a file to write")
    if os.path.exists(path) and not force:  # noqa: PTH110
        raise UsageError(f"there is a file {path} already", "choose another name, or --force to write over it")
    if not os.path.isdir(path.absolute().parent):  # noqa: PTH112
        raise UsageError(f"there is no folder {path.absolute().parent}", "make it first")


class _Export:
    """One export, table by table, then vectors, then files, then the manifest."""

    def __init__(self, session: Session, root: Path, archive: ArchiveWriter, progress: Progress | None) -> None:
        self.skipped: list[Skip] = []
        self._session = session
        self._root = root
        self._archive = archive
        self._progress = progress or (lambda done, total: None)
        self._ends: dict[str, tuple[int, int]] = {}  # the first and the last id of each encoder's vectors
        self._done = self._total = 0

    def run(self) -> Manifest:
        self._check_references()
        encoders = self._encoders()
        found = files(self._session, self._root)
        for path, reason in found.lost.items():
            self._skip(path, reason)
        rows = sum(self._session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES)
        self._total = rows + sum(encoder.vectors for encoder in encoders) + len(found.paths)
        for table in TABLES:
            query = select(*columns(table)).order_by(*order(table))
            moved = found.moved if table is Item.__table__ else {}
            lines = (_lines(batch, moved) for batch in self._batches(query, BATCH))
            self._archive.lines(table_member(table.name), lines)
        for encoder in encoders:
            self._vectors(encoder)
        for path in found.paths:
            self._file(path)
        manifest = self._manifest(encoders)
        self._archive.manifest(manifest)
        return manifest

    def _check_references(self) -> None:
        """Refuse rows that no import would take: better now than when they are needed."""
        for table, row, referred, _ in self._session.execute(text("PRAGMA foreign_key_check")):
            raise self._damaged(f"row {row} of table {table} refers to one of {referred} that is not there")
        if trouble := contradiction(self._session):
            raise self._damaged(trouble)

    def _batches(self, query: Executable, size: int) -> Iterator[Sequence[Any]]:
        for batch in self._session.execute(query, execution_options={"yield_per": size}).partitions():
            yield batch
            self._tell(len(batch))

    def _encoders(self) -> list[Encoder]:
        """Return the encoders that there are vectors of, in the order of their fingerprints."""
        length, ids = func.length(Embedding.vector), Embedding.id
        ranges = func.min(length), func.max(length), func.min(ids), func.max(ids)
        query = select(Embedding.encoder, func.count(), *ranges)
        found = self._session.execute(query.group_by(Embedding.encoder).order_by(Embedding.encoder)).all()
        for name, _, shortest, longest, first, last in found:
            self._ends[name] = first, last
            if shortest != longest or not shortest or shortest % STORED.itemsize:
                raise self._damaged(f"vectors of encoder {name} differ in width ({shortest} to {longest} bytes)")
        return [
            Encoder(number=number, fingerprint=name, width=length // STORED.itemsize, vectors=count)
            for number, (name, count, length, *_) in enumerate(found, 1)
        ]

    def _vectors(self, encoder: Encoder) -> None:
        # Between its ends: a damaged vector set aside has an encoder of its own, for which no table is to be read.
        first, last = self._ends[encoder.fingerprint]
        mine = Embedding.encoder == encoder.fingerprint, Embedding.id.between(first, last)
        query = select(Embedding.id, Embedding.vector, Embedding.crc32).where(*mine).order_by(Embedding.id)
        for number, batch in enumerate(self._batches(query, CHUNK), 1):
            ids, blobs, checksums = zip(*batch, strict=True)
            try:
                data = packed(ids, blobs, checksums)
            except ValueError as error:
                raise self._damaged(str(error)) from error
            self._archive.data(chunk_member(encoder.number, number), data, len(ids))

    def _file(self, path: Path) -> None:
        name = path.relative_to(self._root).as_posix()
        if not is_member_name(name):
            self._skip(path, "has a name that no zip can hold for every system")
        else:
            try:
                source = path.open("rb")
            except OSError as error:
                self._skip(path, f"cannot be read ({error.strerror})")
            else:
                with source:
                    self._archive.file(name, source)
        self._tell(1)

    def _manifest(self, encoders: list[Encoder]) -> Manifest:
        sequences = self._session.execute(text("SELECT name, seq FROM sqlite_sequence ORDER BY name"))
        facts = {name: fact(self._session, key) for name, key in _FACTS.items()}
        return Manifest(
            format=FORMAT,
            version=VERSION,
            mindseye=MINDSEYE,
            created=now(),
            revision=SCHEMA,
            root=self._root.as_uri(),
            sequences=dict(sequences.all()),
            encoders=encoders,
            members=self._archive.members,
            **facts,
        )

    def _damaged(self, why: str) -> LibraryError:
        what = f"the library {self._root} is damaged: {why}"
        return LibraryError(what, "mend it with `mindseye doctor --repair`, then export")

    def _skip(self, path: Path, reason: str) -> None:
        self.skipped.append(Skip(path.as_uri(), reason, "unreadable_file"))

    def _tell(self, done: int) -> None:
        self._done += done
        self._progress(self._done, self._total)


def _lines(batch: Sequence[Any], moved: Mapping[int, str]) -> list[bytes]:
    """Return the lines of rows; those in `moved`, by id, name the place where their picture lies now."""
    rows = (row._asdict() for row in batch)
    return [to_line(row | {"uri": moved[row["id"]]} if moved and row["id"] in moved else row) for row in rows]
