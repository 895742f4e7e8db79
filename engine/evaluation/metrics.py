"""The field's measures, as fractions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.vectors import FloatArray

KS = (1, 2, 5, 10, 20)


def hits_at(scores: FloatArray, truths: NDArray[np.int64], ks: Sequence[int] = KS) -> dict[str, float]:
    """Return hit@k: how often the true candidate is among the k best.

    scores (n, c): of c candidates for n queries; truths (n,): the column of the true one. Ties count against it.
    """
    own = scores[np.arange(len(scores)), truths][:, None]
    better = (scores >= own).sum(axis=1) - 1
    return {f"hit_at_{k}": float((better < k).mean()) for k in ks}


def mean_of(figures: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of each figure over several runs; figures may nest by name, alike in all runs."""
    return {
        name: mean_of([f[name] for f in figures])
        if isinstance(figures[0][name], dict)
        else round(float(np.mean([f[name] for f in figures])), 4)
        for name in figures[0]
    }


def average_precision(relevant: Sequence[bool], total: int) -> float:
    """Return the average precision of a ranking, best first; total: relevant items there are, found or not."""
    hits = np.flatnonzero(np.asarray(relevant, dtype=bool))
    return float(((np.arange(len(hits)) + 1) / (hits + 1)).sum() / total) if total else 0.0


def precision_at(relevant: Sequence[bool], k: int) -> float:
    """Return the share of relevant items among the first k of a ranking."""
    return sum(relevant[:k]) / k


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the probability that a positive scores above a negative, ties half (scikit-learn)."""
    from sklearn.metrics import roc_auc_score

    truths = np.repeat([1, 0], [len(positive), len(negative)])
    return float(roc_auc_score(truths, [*positive, *negative]))
