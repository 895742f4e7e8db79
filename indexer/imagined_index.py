"""Imagined pictures as rows, for those who ask for them alone: few, so derived when asked."""

import numpy as np
from sqlalchemy.orm import Session

from mindseye.indexer import embeddings
from mindseye.indexer.database import Database
from mindseye.indexer.encoding import encode
from mindseye.indexer.filters import Filter, condition
from mindseye.indexer.index import VectorIndex
from mindseye.indexer.index.faiss import FaissIndex
from mindseye.indexer.space import Space
from mindseye.indexer.stored import not_encoded

_IMAGINED = Filter(origin="imagined")


class ImaginedIndex:
    """An index of the imagined pictures alone; the other index never holds them."""

    def __init__(self, database: Database, space: Space) -> None:
        self._database = database
        self._space = space
        self._index: VectorIndex = FaissIndex(space.width)

    def fresh(self) -> VectorIndex:
        """Return the index, up to date: what was never encoded is encoded now, what is lost is left out."""
        with self._database.read() as session:
            missing = not_encoded(session, self._space.encoder, condition(session, _IMAGINED))
        for _ in encode(self._database, self._space, missing):
            pass  # each batch is stored; what its files no longer hold is left out
        with self._database.read() as session:
            return self._derived(session)

    def _derived(self, session: Session) -> VectorIndex:
        ids = embeddings.ids_where(session, self._space.encoder, "image", condition(session, _IMAGINED))
        if not np.array_equal(ids, self._index.ids):
            index = FaissIndex(self._space.width)
            raw = embeddings.features(session, ids, self._space.raw_width)
            index.add(ids, self._space.image_rows(raw))
            self._index = index
        return self._index
