"""What queries mean: each is put into several texts, and every text has its say in what is imagined."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.vectors import FloatArray


@dataclass(frozen=True)
class Meanings:
    """The embeddings of n queries, and of the t texts that say what they mean.

    semantic (n, ds): unit, the mean of all texts of a query; texts (t, ds): unit, of those that say more than the bare
    word; owners (t,): which query each belongs to, in order.
    """

    semantic: FloatArray
    texts: FloatArray
    owners: NDArray[np.int64]

    @classmethod
    def plain(cls, semantic: FloatArray) -> Self:
        """Return queries (n, ds) that are one text each."""
        return cls(semantic, semantic, np.arange(len(semantic)))

    @classmethod
    def joined(cls, parts: "Sequence[Meanings]") -> "Meanings":
        """Return all parts as one, numbered on."""
        starts = np.cumsum([0, *(len(part) for part in parts)])[:-1]
        owners = [part.owners + start for part, start in zip(parts, starts, strict=True)]
        return cls(
            np.vstack([part.semantic for part in parts]),
            np.vstack([part.texts for part in parts]),
            np.concatenate(owners).astype(np.int64),
        )

    @property
    def is_plain(self) -> bool:
        """Whether each query is one text."""
        return self.texts is self.semantic

    @property
    def digest(self) -> str:
        """SHA-256 of all numbers, for fingerprints."""
        arrays = (np.ascontiguousarray(array) for array in (self.semantic, self.texts, self.owners))
        return sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()

    def __len__(self) -> int:
        return len(self.semantic)

    def __getitem__(self, chosen: NDArray[np.int64] | NDArray[np.bool_] | slice) -> "Meanings":
        """Return some of the queries, in the order asked for; one may be asked for twice."""
        numbers = np.arange(len(self))[chosen]
        if self.is_plain:
            return Meanings.plain(self.semantic[numbers])
        first, last = np.searchsorted(self.owners, [numbers, numbers + 1])
        places = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)] or [np.arange(0)])
        owners = np.repeat(np.arange(len(numbers)), last - first)
        return Meanings(self.semantic[numbers], self.texts[places], owners)

    def averaged(self, values: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the weighted mean (n, d) of each query's values (t, d); weights (t,), not all zero for any query."""
        starts = np.searchsorted(self.owners, np.arange(len(self)))
        total = np.add.reduceat(weights, starts)[:, None]
        return np.asarray(np.add.reduceat(values * weights[:, None], starts, axis=0) / np.maximum(total, 1e-9))
