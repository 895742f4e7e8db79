"""Ridge regression, in either direction; word to visual has fewer hubs (Shigeto et al., arXiv 1507.00825)."""

from mindseye.engine.mapping.regression import Regression
from mindseye.engine.vectors import FloatArray


class Ridge(Regression):
    """Linear ridge regression with intercept (scikit-learn).

    alpha: ridge penalty. Source: Lazaridou, Bruni & Baroni, ACL 2014, map pictures to words so; Shigeto et al. 2015
    map words to pictures.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def _learn(self, X: FloatArray, Y: FloatArray) -> None:
        from sklearn.linear_model import Ridge as Solver

        self._solver = Solver(alpha=self.alpha).fit(X, Y)

    def _predict(self, X: FloatArray) -> FloatArray:
        predicted: FloatArray = self._solver.predict(X).reshape(len(X), -1)
        return predicted
