"""What a filter lets through of a library, as of now: counted and searched."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np

from mindseye.engine.errors import UsageError
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.database import Database
from mindseye.indexer.filters import Filter
from mindseye.indexer.hits import hits
from mindseye.indexer.index import IdArray, Neighbours, Searchable
from mindseye.indexer.records import Hit

Watch = Callable[[str], AbstractContextManager[None]]  # takes the time of a block, by its name

_ROUNDS, _FURTHER = 4, 4  # how often a search asks again, and for how many times as many rows


def unwatched(name: str) -> AbstractContextManager[None]:
    """Take no time."""
    return nullcontext()


class Selection:
    """The contents of a modality whose items pass a filter; it is applied inside the vector search."""

    def __init__(
        self, within: Filter, ids: IdArray | None, index: Searchable, database: Database, watch: Watch = unwatched
    ) -> None:
        """Take the ids in `index` that pass, None for all of them; `Library.select` makes selections.

        watch: takes the time of blocks: "search" of what is spent among vectors, "read" among rows.
        """
        self.within = within
        self._ids = ids
        self._index = index
        self._database = database
        self._watch = watch

    def __len__(self) -> int:
        """How many contents pass: the total that pages of hits are cut from."""
        return len(self._index) if self._ids is None else len(self._ids)

    def search(self, rows: FloatArray, n: int) -> list[list[Hit]]:
        """Return, for each query row (m, width), its n best hits, best first, equal scores by id.

        Only present items, one hit a content: where a row found has none, further rows are asked for, up to 256 times
        as many. Raises VectorError for another width, UsageError for n < 1.
        """
        if n < 1:
            raise UsageError(f"{n} hits were asked for", "ask for at least 1")
        for asked in (n * _FURTHER**each for each in range(_ROUNDS + 1)):
            with self._watch("search"):
                found = self._index.search(rows, asked, self._ids)
            with self._watch("read"), self._database.read() as session:
                answers = [every[:n] for every in hits(session, found, self.within)]
            if all(len(told) == n or len(row.ids) < asked for told, row in zip(answers, found, strict=True)):
                break
        return answers

    def best(self, rows: FloatArray) -> FloatArray:
        """Return the best score of each query row (m,), −inf where nothing passes. Raises VectorError as `search`."""
        with self._watch("search"):
            found = self._index.search(rows, 1, self._ids)
        return np.array([each.scores[0] if len(each.scores) else -np.inf for each in found], np.float32)

    def rows(self, hits: Sequence[Hit]) -> FloatArray:
        """Return the joint rows (n, width) of hits of this selection."""
        return self._index.rows(np.array([hit.embedding_id for hit in hits], np.int64))

    def everything(self) -> list[Hit]:
        """Return all that passes, by id, as hits of score 0."""
        ids = self._index.ids if self._ids is None else self._ids
        with self._database.read() as session:
            return hits(session, [Neighbours(np.zeros(len(ids), np.float32), ids)], self.within)[0]
