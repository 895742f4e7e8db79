"""Elastic net: a linear map of which many entries are zero (Zou & Hastie 2005; scikit-learn's solver)."""

import warnings

import numpy as np

from mindseye.engine.mapping.regression import Regression
from mindseye.engine.vectors import FloatArray


class ElasticNet(Regression):
    """Linear least squares with an L1 and a squared L2 penalty on the map's entries, one output at a time.

    alpha: both penalties; l1_ratio: the L1 part of it; directions: outputs wider than this are predicted along so many
    of their principal directions, because each output costs a solution of its own.
    Source: the map from words to pictures of Lazaridou, Nguyen, Bernardi & Baroni, arXiv 1506.03500.
    """

    def __init__(self, alpha: float = 1e-4, l1_ratio: float = 0.5, directions: int = 256) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.directions = directions

    def _learn(self, X: FloatArray, Y: FloatArray) -> None:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import ElasticNet as Solver

        self._output_mean = Y.mean(axis=0)
        self._axes = principal_axes(Y - self._output_mean, self.directions)
        targets = ((Y - self._output_mean) @ self._axes.T).astype(np.float64)
        # Outputs of about unit variance, so that one penalty means the same whatever their scale.
        self._scale = float(targets.std()) or 1.0
        solver = Solver(alpha=self.alpha, l1_ratio=self.l1_ratio, precompute=True, max_iter=5000, tol=1e-3)
        with warnings.catch_warnings():  # a few pairs under a weak penalty have no one best map: any near one serves
            warnings.simplefilter("ignore", ConvergenceWarning)
            solver.fit(X.astype(np.float64), targets / self._scale)
        self._map = np.atleast_2d(solver.coef_) * self._scale
        self._offset = np.atleast_1d(solver.intercept_) * self._scale

    def _predict(self, X: FloatArray) -> FloatArray:
        return np.asarray((X @ self._map.T + self._offset) @ self._axes + self._output_mean)


def principal_axes(centred: FloatArray, most: int) -> FloatArray:
    """Return the right singular vectors (k, q) of centred rows (n, q) along which they vary, strongest first.

    most: of them. At least one is returned, though nothing should vary.
    """
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    varying = int((values > 1e-5 * values[0]).sum())
    return np.asarray(axes[: max(1, min(varying, most))])
