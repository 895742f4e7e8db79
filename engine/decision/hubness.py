"""Hubs, the words that are near everything: how many there are, and ways to take them down.

Scores (n, c) are those of n pictures (or queries) for c candidates; a background is the scores (b, c) of other
pictures, of which nothing need be known, for the same candidates.
"""

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.vectors import FloatArray, unit


def k_occurrence(scores: FloatArray, k: int = 10) -> NDArray[np.int64]:
    """Return N_k (c,): among how many rows' k best each candidate is (Radovanović, Nanopoulos & Ivanović 2010)."""
    k = min(k, scores.shape[1])
    best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    return np.bincount(best.ravel(), minlength=scores.shape[1])


def hubness(scores: FloatArray, k: int = 10) -> float:
    """Return the skewness of N_k: 0 where all candidates are met alike, the higher the more some are hubs."""
    from scipy.stats import skew

    occurrence = k_occurrence(scores, k)
    return float(skew(occurrence)) if np.ptp(occurrence) else 0.0


def background_z(scores: FloatArray, background: FloatArray) -> FloatArray:
    """Return scores (n, c) in standard deviations above each candidate's mean in the background.

    It ranks by how good a score is for this candidate, as the global correction of Dinu, Lazaridou & Baroni (arXiv
    1412.6568) does by ranks.
    """
    deviation = background.std(axis=0)
    return np.asarray((scores - background.mean(axis=0)) / np.where(deviation > 0, deviation, 1))


def csls(scores: FloatArray, background: FloatArray, k: int = 10) -> FloatArray:
    """Return scores (n, c) by cross-domain similarity local scaling (Conneau et al. 2018, arXiv 1710.04087).

    Twice the cosine, less the mean cosine of the row to its k nearest candidates, less that of the candidate to its k
    nearest in the background; scores must be cosines.
    """
    return np.asarray(2 * scores - _nearest_mean(scores, k)[:, None] - _nearest_mean(background.T, k)[None])


def centred(queries: FloatArray, mean: FloatArray) -> FloatArray:
    """Return unit queries (n, d) without the mean (d,) of the queries usually asked."""
    return unit(queries - mean)


def _nearest_mean(scores: FloatArray, k: int) -> FloatArray:
    k = min(k, scores.shape[1])
    return np.asarray(-np.partition(-scores, k - 1, axis=1)[:, :k].mean(axis=1))
