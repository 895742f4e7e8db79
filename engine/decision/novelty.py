"""Seen or unseen first, then a specialised answer (Socher, Ganjoo, Manning & Ng 2013, arXiv 1301.3666).

A picture, mapped to where the words are, is new when it lies far from what the seen classes' pictures look like. Seen
ones are then named by the classifier, new ones by the nearest word of a class never seen.
"""

from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.errors import MindseyeError
from mindseye.engine.vectors import FloatArray, rows

_LEAST_VARIANCE = 1e-9  # of pictures that all lie on their words: a density there has to stay finite


class Novelty(Protocol):
    """Says how new embeddings are, having seen those of known classes."""

    def fit(self, seen: FloatArray, labels: NDArray[np.int64]) -> Self: ...

    def score(self, embeddings: FloatArray) -> FloatArray: ...


class GaussianNovelty:
    """One isotropic Gaussian around each seen class's word; new is what has low density under all of them.

    centres (c, q): the words' embeddings. Learned: `variances_` (c,), each drawn to the mean of all by one picture's
    weight, so that a class of few pictures, or none, has one too.
    """

    def __init__(self, centres: FloatArray) -> None:
        self.centres = rows(centres)

    def fit(self, seen: FloatArray, labels: NDArray[np.int64]) -> Self:
        """Learn the variances from seen pictures' embeddings (n, q) and their classes (n,), rows of `centres`."""
        squares = ((rows(seen, self.centres.shape[1]) - self.centres[labels]) ** 2).mean(axis=1)
        counts = np.bincount(labels, minlength=len(self.centres))
        sums = np.bincount(labels, squares, minlength=len(self.centres))
        variances = (sums + squares.mean()) / (counts + 1)
        self.variances_ = np.maximum(variances, _LEAST_VARIANCE).astype(np.float32)
        return self

    def score(self, embeddings: FloatArray) -> FloatArray:
        """Return how new each of (n, q) is: minus the highest log density of any class, by dimension, (n,)."""
        embeddings = rows(embeddings, self.centres.shape[1])
        squares = (embeddings**2).sum(axis=1)[:, None] + (self.centres**2).sum(axis=1)[None]
        distances = (squares - 2 * embeddings @ self.centres.T) / self.centres.shape[1]
        log_density = -0.5 * (distances / self.variances_ + np.log(2 * np.pi * self.variances_))
        return np.asarray(-log_density.max(axis=1))


class LocalOutliers:
    """New is what lies in thinner surroundings than its nearest seen pictures do.

    neighbours: how many are looked at. scikit-learn's local outlier factor (Breunig et al. 2000) stands for the local
    outlier probability (LoOP) of the paper, which is the same ratio of densities squeezed into 0..1.
    """

    def __init__(self, neighbours: int = 20) -> None:
        self.neighbours = neighbours

    def fit(self, seen: FloatArray, labels: NDArray[np.int64]) -> Self:
        """Learn from seen pictures' embeddings (n, q), at least two; their classes do not matter."""
        from sklearn.neighbors import LocalOutlierFactor

        solver = LocalOutlierFactor(n_neighbors=min(self.neighbours, len(seen) - 1), novelty=True)
        self._solver = solver.fit(rows(seen))
        return self

    def score(self, embeddings: FloatArray) -> FloatArray:
        """Return how new each of (n, q) is: its local outlier factor, about 1 for what was seen, (n,)."""
        return np.asarray(-self._solver.score_samples(rows(embeddings)), dtype=np.float32)


def threshold(seen_scores: FloatArray, called_new: float) -> float:
    """Return the novelty above which a share `called_new` (0..1) of seen pictures' scores lies."""
    if not 0 <= called_new <= 1:
        raise MindseyeError(f"{called_new} is no share of pictures", "give one from 0 to 1")
    return float(np.quantile(seen_scores, 1 - called_new))


def specialised(new: NDArray[np.bool_], posteriors: FloatArray, unseen_scores: FloatArray) -> NDArray[np.int64]:
    """Return each picture's class (n,): 0..s−1 seen, s..s+u−1 unseen.

    new (n,): who is new; posteriors (n, s): of the seen classes, by a classifier; unseen_scores (n, u): likeness to
    the unseen classes' words.
    """
    seen, unseen = posteriors.argmax(axis=1), posteriors.shape[1] + unseen_scores.argmax(axis=1)
    return np.asarray(np.where(new, unseen, seen))
