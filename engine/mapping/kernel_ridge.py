"""Kernel ridge regression on the unit sphere (Saunders, Gammerman & Vovk 1998; scikit-learn's solver)."""

from typing import Self

import numpy as np

from mindseye.engine.errors import MindseyeError
from mindseye.engine.vectors import FloatArray, unit


class KernelRidge:
    """Kernel ridge with an RBF kernel on unit inputs, centred on their mean and made unit again.

    gamma: kernel width, `k(a, b) = exp(-gamma * |a - b|^2)`; alpha: ridge penalty.
    Learned: `mean_` (p,), `anchors_` (n, p), `coefficients_` (n, q).
    """

    def __init__(self, gamma: float = 2.5, alpha: float = 0.5) -> None:
        self.gamma = gamma
        self.alpha = alpha

    def fit(self, X: FloatArray, Y: FloatArray) -> Self:
        """Learn from pairs X (n, p) and Y (n, q)."""
        from sklearn.kernel_ridge import KernelRidge as Solver

        self.mean_ = X.mean(axis=0)
        self.anchors_ = unit(X - self.mean_)
        solver = Solver(alpha=self.alpha, kernel="rbf", gamma=self.gamma)
        # float64: the kernel matrix of near-duplicate views is ill-conditioned.
        solver.fit(self.anchors_.astype(np.float64), Y)
        self.coefficients_ = np.ascontiguousarray(solver.dual_coef_, dtype=np.float32)
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """Return predictions (m, q) for X (m, p); their norm falls as X leaves what was learned."""
        if not hasattr(self, "anchors_"):
            raise MindseyeError("this mapping has learned nothing yet", "call fit first")
        similarity = unit(X - self.mean_) @ self.anchors_.T
        kernel = np.exp(-2 * self.gamma * (1 - similarity), dtype=np.float32)
        return np.asarray(kernel @ self.coefficients_, dtype=np.float32)
