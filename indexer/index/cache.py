"""The index of a library: read from its last published file, kept up to date from SQL, published anew."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from mindseye.engine.errors import LibraryError, VectorError
from mindseye.engine.vectors import FloatArray
from mindseye.indexer import embeddings
from mindseye.indexer.database import Database
from mindseye.indexer.files import TEMPORARY, replacing
from mindseye.indexer.index import IdArray, Neighbours, VectorIndex
from mindseye.indexer.index.faiss import FaissIndex
from mindseye.indexer.index.lock import SharedLock
from mindseye.indexer.index.manifest import Manifest, generations, index_file, publish_lock
from mindseye.indexer.meta import check_encoder
from mindseye.indexer.space import Space, known

COMPACT_ABOVE = 0.05  # changes since the published file, as a share of the index
CHUNK = 1024  # rows derived at once: each needs some 25 kB meanwhile, seven times what is kept of it

log = logging.getLogger(__name__)


class IndexCache:
    """The vectors of one modality of a library in one space, as of the newest change in its database."""

    def __init__(self, folder: Path, database: Database, library: str, space: Space, modality: str) -> None:
        """Load the index published in `folder`, or derive it from the stored features if it does not fit."""
        self._folder = folder
        self._database = database
        self._library = library
        self._space = space
        self._modality = modality
        self._known = known(space, modality)
        self._lock = SharedLock()
        self._version: tuple[int, int] | None = None  # of the database, as of which the index is up to date
        self._index: VectorIndex
        self._manifest: Manifest | None  # of the published file that is in use
        self.seq: int  # the last change in the index
        self._index, self._manifest, self.seq = self._load() or self._derive()
        self._tail = 0  # changes since that file
        if self._manifest is None:
            self.publish()
        else:
            self.compact()

    @property
    def _whose(self) -> tuple[str, str, str, int]:
        return self._library, self._known.encoder, self._space.mapping, self._space.width

    @property
    def generation(self) -> int:
        """The number of the published file in use, 0 when none could be written."""
        return self._manifest.generation if self._manifest else 0

    @property
    def width(self) -> int:
        """The width of every row."""
        return self._space.width

    @property
    def ids(self) -> IdArray:
        """The ids held, ascending, up to date."""
        with self.fresh() as index:
            return index.ids

    def __len__(self) -> int:
        """The number of rows, up to date."""
        with self.fresh() as index:
            return len(index)

    @contextmanager
    def fresh(self) -> Iterator[VectorIndex]:
        """Yield the index, up to date with what any process wrote; no other thread changes it meanwhile."""
        if self._version != self._database.version and not self._lock.is_mine:
            with self._lock.alone():
                self._follow()
        with self._lock.shared():
            yield self._index

    def search(self, queries: FloatArray, k: int, allowed: IdArray | None = None) -> list[Neighbours]:
        """Return the k nearest rows of each query, up to date; see VectorIndex.search."""
        with self.fresh() as index:
            return index.search(queries, k, allowed)

    def rows(self, ids: IdArray) -> FloatArray:
        """Return the rows (n, width) of ids (n,): those of the index, derived again when one has left it meanwhile."""
        with self.fresh() as index:
            try:
                return index.rows(ids)
            except VectorError:
                pass
        with self._database.read() as session:
            return self._known.rows(embeddings.features(session, ids, self._known.width))

    def compact(self) -> None:
        """Publish when the changes since the last file are more than a small share of the index."""
        with self.fresh() as index:
            due = self._tail > COMPACT_ABOVE * len(index)
        if due:
            self.publish()

    def publish(self) -> None:
        """Write the index as a new generation, unless another process has published as much.

        A cache that cannot be written is no reason to fail: it is logged, and derived again next time. Searches go on
        meanwhile, unless there is something new to follow.
        """
        with self._lock.shared():
            try:
                self._folder.mkdir(exist_ok=True)
                with publish_lock(self._folder):
                    self._publish()
            except OSError as error:
                log.warning("the index cannot be written to %s: %s", self._folder, error)

    def _load(self) -> tuple[VectorIndex, Manifest, int] | None:
        manifest = Manifest.read(self._folder)
        if manifest is None or not manifest.of(*self._whose):
            return None
        try:
            index = FaissIndex.load(manifest.file(self._folder))
        except LibraryError as error:
            if Manifest.read(self._folder) != manifest:  # another process has published meanwhile
                return self._load()
            log.warning("%s; it is derived again", error)
            return None
        return (index, manifest, manifest.seq) if self._fits(index, manifest) else None

    def _fits(self, index: VectorIndex, manifest: Manifest) -> bool:
        with self._database.read() as session:
            known = embeddings.last_change(session) >= manifest.seq
        return known and (index.width, len(index)) == (manifest.width, manifest.count)

    def _derive(self) -> tuple[VectorIndex, None, int]:
        index = FaissIndex(self._space.width)
        with self._database.read() as session:
            seq = embeddings.last_change(session)
            self._add(session, index, embeddings.searchable_ids(session, self._known.encoder, self._modality))
        return index, None, seq

    def _follow(self) -> None:
        version = self._database.version  # first: what is committed from now on is another one
        with self._database.read() as session:
            seq = embeddings.last_change(session)
            if seq != self.seq:
                check_encoder(session, self._space)
                net = embeddings.net_change(session, self.seq, seq, self._modality)
                self._index.remove(net.deleted)
                self._add(session, self._index, np.setdiff1d(net.added, self._index.ids))
                self._tail += len(net.added) + len(net.deleted)
        self.seq, self._version = seq, version

    def _add(self, session: Session, index: VectorIndex, ids: IdArray) -> None:
        index.reserve(len(ids))
        for start in range(0, len(ids), CHUNK):
            piece = ids[start : start + CHUNK]
            stored = embeddings.features(session, piece, self._known.width)
            index.add(piece, self._known.rows(stored))

    def _publish(self) -> None:
        there = Manifest.read(self._folder)
        if there and self._manifest and there.of(*self._whose) and there.seq > self.seq:
            self._manifest = there  # another process has published more
        else:
            files = generations(self._folder)
            newest = max([0, *files, there.generation if there else 0])
            self._manifest = self._write(newest + 1)
            for old in (*files.values(), *self._folder.glob(f".*{TEMPORARY}")):
                old.unlink(missing_ok=True)
        self._tail = 0

    def _write(self, generation: int) -> Manifest:
        index = self._index
        with replacing(index_file(self._folder, generation)) as path:
            index.save(path)
            with path.open("rb") as file:
                checksum = hashlib.file_digest(file, "sha256").hexdigest()
        manifest = Manifest(generation, self.seq, *self._whose, count=len(index), sha256=checksum)
        manifest.write(self._folder)
        return manifest
