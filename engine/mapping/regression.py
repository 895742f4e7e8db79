"""What all regressors share: inputs are checked and centred here, once."""

from abc import ABC, abstractmethod
from typing import Self

import numpy as np

from mindseye.engine.errors import MindseyeError, VectorError
from mindseye.engine.vectors import FloatArray, rows


class Regression(ABC):
    """A mapping learned from pairs; a method says how it learns from and predicts for inputs that are centred.

    Learned: `mean_` (p,), the mean input, and what the method keeps.
    """

    mean_: FloatArray

    def fit(self, X: FloatArray, Y: FloatArray) -> Self:
        """Learn from pairs X (n, p) and Y (n, q), forgetting any before.

        Raises VectorError for inputs that are all alike or none, for X and Y of different length, and for numbers that
        are not finite.
        """
        X, Y = rows(X), rows(Y)
        if len(X) != len(Y) or not len(X):
            raise VectorError(f"{len(X)} inputs cannot be paired with {len(Y)} outputs", "give one of each a pair")
        if not np.ptp(X, axis=0).any():
            raise VectorError("all inputs are alike, so there is nothing to learn", "give at least two different ones")
        self.mean_ = X.mean(axis=0)
        self._learn(X - self.mean_, Y)
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """Return predictions (m, q) for X (m, p).

        Raises MindseyeError before any fit; VectorError for another width and for numbers that are not finite.
        """
        return np.ascontiguousarray(self._predict(self._centred(X)), dtype=np.float32)

    def _centred(self, X: FloatArray) -> FloatArray:
        if not hasattr(self, "mean_"):
            raise MindseyeError("this mapping has learned nothing yet", "call fit first")
        return np.asarray(rows(X, len(self.mean_)) - self.mean_)

    @abstractmethod
    def _learn(self, X: FloatArray, Y: FloatArray) -> None:
        """Learn from centred X (n, p) and Y (n, q)."""

    @abstractmethod
    def _predict(self, X: FloatArray) -> FloatArray:
        """Return predictions (m, q) for centred X (m, p)."""
