"""Canonical correlation analysis as a predictor (Hotelling 1936; scikit-learn's solver)."""

import numpy as np

from mindseye.engine.mapping.elastic_net import principal_axes
from mindseye.engine.mapping.pls import fit_components
from mindseye.engine.mapping.regression import Regression
from mindseye.engine.vectors import FloatArray


class CCA(Regression):
    """Inputs to outputs through the directions in which the two correlate most.

    components: canonical directions kept, fewer where a side has fewer; directions: either side is reduced to so many
    principal directions first, as with more directions than pairs everything would correlate perfectly.
    Source: Lazaridou, Bruni & Baroni, ACL 2014 (on 300 directions of either side).
    """

    def __init__(self, components: int = 40, directions: int = 100) -> None:
        self.components = components
        self.directions = directions

    def _learn(self, X: FloatArray, Y: FloatArray) -> None:
        from sklearn import cross_decomposition

        self._output_mean = Y.mean(axis=0)
        self._input_axes = principal_axes(X, self.directions)
        self._output_axes = principal_axes(Y - self._output_mean, self.directions)
        inputs, outputs = X @ self._input_axes.T, (Y - self._output_mean) @ self._output_axes.T
        kept = min(self.components, len(X), inputs.shape[1], outputs.shape[1])
        self._solver = fit_components(cross_decomposition.CCA(kept, max_iter=500, tol=1e-3), inputs, outputs)

    def _predict(self, X: FloatArray) -> FloatArray:
        predicted = self._solver.predict((X @ self._input_axes.T).astype(np.float64)).reshape(len(X), -1)
        return np.asarray(predicted @ self._output_axes + self._output_mean)
