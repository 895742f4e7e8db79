"""The vector index: a cache of joint rows that answers nearest neighbours."""

from pathlib import Path
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.vectors import FloatArray

IdArray = NDArray[np.int64]


class Neighbours(NamedTuple):
    """The nearest rows of one query: scores (m,) from best to worst, equal ones by id; ids (m,); m ≤ k."""

    scores: FloatArray
    ids: IdArray


class Searchable(Protocol):
    """Rows (n, width) by id that are searched by inner product; higher is better."""

    @property
    def width(self) -> int:
        """The width of every row."""

    @property
    def ids(self) -> IdArray:
        """The ids held, ascending."""

    def __len__(self) -> int: ...

    def search(self, queries: FloatArray, k: int, allowed: IdArray | None = None) -> list[Neighbours]:
        """Return the k nearest rows of each query (n, width), among the ids `allowed` when given.

        Exact ties at the k-th place go to the smaller id. Raises VectorError for another width, naming both,
        and for k < 1.
        """

    def rows(self, ids: IdArray) -> FloatArray:
        """Return the rows (n, width) of ids (n,). Raises VectorError for an id that is not held."""


class VectorIndex(Searchable, Protocol):
    """Rows that come and go, in memory or in a file."""

    def add(self, ids: IdArray, rows: FloatArray) -> None:
        """Add rows (n, width) under ids (n,).

        Raises VectorError for another width (naming both), for an id given twice or held already.
        """

    def reserve(self, number: int) -> None:
        """Make room for that many rows more, so that adding them piece by piece does not copy the others each time."""

    def remove(self, ids: IdArray) -> int:
        """Remove the ids that are held and return how many were."""

    def save(self, path: Path) -> None:
        """Write the index to `path`."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an index. Raises LibraryError when the file is missing or damaged."""
