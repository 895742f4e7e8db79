"""Ridge regression, word to visual (the direction with fewer hubs: Shigeto et al. 2015)."""

from typing import Self

import numpy as np

from mindseye.engine.vectors import FloatArray


class Ridge:
    """Linear ridge regression with intercept (Lazaridou et al. 2015 map words to visual vectors linearly).

    alpha: ridge penalty.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def fit(self, X: FloatArray, Y: FloatArray) -> Self:
        """Learn from pairs X (n, p) and Y (n, q)."""
        from sklearn.linear_model import Ridge as Solver

        self._solver = Solver(alpha=self.alpha).fit(X, Y)
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """Return predictions (m, q) for X (m, p)."""
        return np.asarray(self._solver.predict(X), dtype=np.float32)
