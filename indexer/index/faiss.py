"""The default index: exact inner products by FAISS."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Self

import faiss
import numpy as np

from mindseye.engine.errors import LibraryError, VectorError
from mindseye.engine.vectors import FloatArray, rows
from mindseye.indexer.index import IdArray, Neighbours

_PIECE = 1 << 20  # bytes read or written at once
_FEW = 4  # queries of one search: other searches run beside it
_SearchParameters: Any = faiss.SearchParameters  # its wrapper takes keywords, its types know none


class FaissIndex:
    """A flat FAISS index with ids of our own: every answer is exact."""

    def __init__(self, width: int) -> None:
        """Make an empty index of rows of that width."""
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(width))

    @property
    def width(self) -> int:
        """The width of every row."""
        return int(self._index.d)

    @property
    def ids(self) -> IdArray:
        """The ids held, ascending."""
        return np.sort(faiss.vector_to_array(self._index.id_map))

    def __len__(self) -> int:
        """The number of rows held."""
        return int(self._index.ntotal)

    def add(self, ids: IdArray, rows: FloatArray) -> None:
        """Add rows (n, width) under ids (n,); see VectorIndex."""
        ids, rows = _ids(ids), self._rows(rows)
        if len(ids) != len(rows):
            raise VectorError(f"{len(ids)} ids cannot name {len(rows)} rows")
        unique, counts = np.unique(ids, return_counts=True)
        double = np.concatenate([unique[counts > 1], np.intersect1d(unique, self.ids)])
        if double.size:
            raise VectorError(f"the index would hold id {double[0]} twice ({double.size} such ids)")
        self._index.add_with_ids(rows, ids)

    def reserve(self, number: int) -> None:
        """Make room for that many rows more; see VectorIndex."""
        flat: Any = faiss.downcast_index(self._index.index)
        codes = flat.codes
        held = codes.size()
        codes.resize(held + number * self.width * np.dtype(np.float32).itemsize)
        codes.resize(held)  # the room stays

    def remove(self, ids: IdArray) -> int:
        """Remove the ids that are held and return how many were."""
        return int(self._index.remove_ids(faiss.IDSelectorBatch(_ids(ids))))

    def search(self, queries: FloatArray, k: int, allowed: IdArray | None = None) -> list[Neighbours]:
        """Return the k nearest rows of each query (n, width); see VectorIndex."""
        queries = self._rows(queries)
        if k < 1:
            raise VectorError(f"a search for the {k} nearest rows has no answer", "ask for at least 1")
        among = len(self) if allowed is None else len(allowed)
        with _threads(1 if len(queries) <= _FEW else None):
            fetch = k + 1  # one more shows whether a tie is cut
            found = self._fetch(queries, min(fetch, among), allowed)
            while fetch < among and any(_cuts_tie(each, k) for each in found):
                fetch *= 2
                found = self._fetch(queries, min(fetch, among), allowed)
        return [Neighbours(scores[:k], ids[:k]) for scores, ids in found]

    def rows(self, ids: IdArray) -> FloatArray:
        """Return the rows (n, width) of ids (n,). Raises VectorError for an id that is not held."""
        ids = _ids(ids)
        if not ids.size:
            return np.empty((0, self.width), np.float32)
        try:
            return np.asarray(self._index.reconstruct_batch(ids), np.float32)
        except RuntimeError as error:
            unknown = np.setdiff1d(ids, self.ids)
            raise VectorError(f"the index holds no row of id {unknown[0]} ({unknown.size} such ids)") from error

    def save(self, path: Path) -> None:
        """Write the index to `path` in FAISS's own format, without a copy in memory. Raises OSError when that fails."""
        with path.open("wb") as file:
            writing = _Writing(file)
            try:
                faiss.write_index(self._index, _callback("Writer")(writing.write, _PIECE))
            except RuntimeError as error:
                raise writing.error or OSError(errno.EIO, str(error)) from error

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an index. Raises LibraryError when the file is missing, damaged or of another kind."""
        try:
            with path.open("rb") as file:
                index = faiss.read_index(_callback("Reader")(file.read, _PIECE))
        except (OSError, RuntimeError, MemoryError) as error:
            raise LibraryError(f"the index file {path} cannot be read ({error})") from error
        if not isinstance(index, faiss.IndexIDMap2):
            raise LibraryError(f"the index file {path} holds another kind of index: {type(index).__name__}")
        loaded = cls(index.d)
        loaded._index = index
        return loaded

    def _rows(self, values: FloatArray) -> FloatArray:
        return rows(values, self.width)

    def _fetch(self, queries: FloatArray, k: int, allowed: IdArray | None) -> list[Neighbours]:
        if k < 1:
            return [Neighbours(np.empty(0, np.float32), np.empty(0, np.int64)) for _ in queries]
        only = None if allowed is None else _SearchParameters(sel=faiss.IDSelectorBatch(_ids(allowed)))
        scores, ids = self._index.search(queries, k, params=only)
        return [_ordered(*each) for each in zip(scores, ids, strict=True)]


def _callback(kind: str) -> Any:
    return getattr(faiss, f"PyCallbackIO{kind}")  # its types know nothing of it


class _Writing:
    """Writes for FAISS, which passes no exception on, and keeps the one that stopped it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            raise


def _ids(values: IdArray) -> IdArray:
    return np.ascontiguousarray(values, dtype=np.int64)


def _ordered(scores: FloatArray, ids: IdArray) -> Neighbours:
    """Sort by score, then id, without the −1 that pads short answers."""
    scores, ids = scores[ids >= 0], ids[ids >= 0]
    order = np.lexsort((ids, -scores))
    return Neighbours(scores[order], ids[order])


def _cuts_tie(found: Neighbours, k: int) -> bool:
    return len(found.ids) > k and bool(found.scores[k - 1] == found.scores[-1])


@contextmanager
def _threads(number: int | None) -> Iterator[None]:
    """Use that many FAISS threads, all when None: a few queries are faster without a team of threads."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(number or before)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
