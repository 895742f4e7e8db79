"""Partial least squares regression (Wold 1975; scikit-learn's solver)."""

import warnings
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from mindseye.engine.mapping.regression import Regression
from mindseye.engine.vectors import FloatArray


class PLS(Regression):
    """Inputs to outputs through the directions in which the two covary most.

    components: directions kept, fewer where inputs have fewer.
    """

    def __init__(self, components: int = 40) -> None:
        self.components = components

    def _learn(self, X: FloatArray, Y: FloatArray) -> None:
        from sklearn.cross_decomposition import PLSRegression

        kept = min(self.components, len(X), X.shape[1])
        self._solver = fit_components(PLSRegression(kept, scale=False, max_iter=500, tol=1e-3), X, Y)

    def _predict(self, X: FloatArray) -> FloatArray:
        predicted: FloatArray = self._solver.predict(X.astype(np.float64)).reshape(len(X), -1)
        return predicted


def fit_components(solver: Any, X: FloatArray, Y: FloatArray) -> Any:
    """Fit one of scikit-learn's cross decompositions and return it."""
    # Thousands of small products, which several threads only slow down.
    with warnings.catch_warnings(), threadpool_limits(1):
        # Components beyond the outputs' rank are left out, and near-equal ones may turn into each other for ever:
        # predictions are right in both cases.
        warnings.filterwarnings("ignore", "y residual is constant")
        warnings.filterwarnings("ignore", "Maximum number of iterations")
        return solver.fit(X.astype(np.float64), Y.astype(np.float64))
