"""Kernel ridge regression on the unit sphere (Saunders, Gammerman & Vovk 1998; scikit-learn's solver).

It is also the mean of a Gaussian process with the same kernel and noise `alpha` (Rasmussen & Williams 2006, §2.2), the
variance of which says how far an input is from what was learned.
"""

import numpy as np

from mindseye.engine.mapping.regression import Regression
from mindseye.engine.vectors import FloatArray, unit


class KernelRidge(Regression):
    """Kernel ridge with an RBF kernel on unit inputs, centred on their mean and made unit again.

    gamma: kernel width, `k(a, b) = exp(-gamma * |a - b|^2)`; alpha: ridge penalty.
    Learned: `mean_` (p,), `anchors_` (n, p), `coefficients_` (n, q).
    """

    def __init__(self, gamma: float = 2.5, alpha: float = 0.5) -> None:
        self.gamma = gamma
        self.alpha = alpha

    def _learn(self, X: FloatArray, Y: FloatArray) -> None:
        from sklearn.kernel_ridge import KernelRidge as Solver

        self.anchors_ = unit(X)
        solver = Solver(alpha=self.alpha, kernel="rbf", gamma=self.gamma)
        # float64: the kernel matrix of near-duplicate views is ill-conditioned.
        solver.fit(self.anchors_.astype(np.float64), Y)
        self.coefficients_ = np.ascontiguousarray(solver.dual_coef_, dtype=np.float32)

    def _predict(self, X: FloatArray) -> FloatArray:
        """Return predictions whose norm falls as X leaves what was learned."""
        return np.asarray(self._kernel(unit(X)) @ self.coefficients_)

    def variance(self, X: FloatArray) -> FloatArray:
        """Return the Gaussian process's posterior variance (m,) for X (m, p): 1 where nothing is known, less nearby.

        Raises as `transform` does. It solves for all n anchors anew: n^3 / 3 steps.
        """
        from scipy.linalg import cho_factor, cho_solve

        asked = self._kernel(unit(self._centred(X))).astype(np.float64)
        learned = self._kernel(self.anchors_).astype(np.float64)
        factor = cho_factor(learned + self.alpha * np.eye(len(learned)), lower=True)
        explained = np.einsum("mn,nm->m", asked, cho_solve(factor, asked.T))
        return np.asarray(1 - explained, dtype=np.float32)

    def _kernel(self, directions: FloatArray) -> FloatArray:
        cosines = (self.anchors_ @ directions.T).T  # few queries: the large matrix first is twice as fast
        return np.asarray(np.exp(-2 * self.gamma * (1 - cosines), dtype=np.float32))
