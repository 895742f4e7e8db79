"""How far cosines of word embeddings order pairs of words as people do."""

from typing import Any

import numpy as np
from scipy.stats import spearmanr

from mindseye.engine.vectors import FloatArray


def similarity_figures(first: FloatArray, second: FloatArray, judged: FloatArray) -> dict[str, Any]:
    """Return Spearman's rho of cosines and judgements, over the covered pairs and over all.

    first, second (n, d): unit embeddings of each pair's words, zero where a word is unknown; judged (n,). Over all,
    an uncovered pair counts with the mean cosine of the covered ones. A rho is None where nothing can be ordered.
    """
    covered = first.any(axis=1) & second.any(axis=1)
    cosines = (first * second).sum(axis=1)
    completed = np.where(covered, cosines, cosines[covered].mean() if covered.any() else 0)
    return {
        "pairs": len(judged),
        "covered": int(covered.sum()),
        "spearman": _spearman(cosines[covered], judged[covered]),
        "spearman_uncovered_as_mean": _spearman(completed, judged),
    }


def _spearman(cosines: FloatArray, judged: FloatArray) -> float | None:
    if len(np.unique(cosines)) < 2 or len(np.unique(judged)) < 2:
        return None
    return round(float(spearmanr(cosines, judged).statistic), 4)
