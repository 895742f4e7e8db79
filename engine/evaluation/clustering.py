"""How far clusters of word embeddings are the categories that people sort the words into."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from mindseye.engine.vectors import FloatArray

SEEDS = range(5)
_RESTARTS = 10


def purity(clusters: NDArray[np.int64], categories: NDArray[np.int64]) -> float:
    """Return the share of words that are of their cluster's largest category (Manning et al. 2008, §16.3).

    clusters, categories (n,): numbers from 0.
    """
    counts = np.zeros((clusters.max() + 1, categories.max() + 1), dtype=np.int64)
    np.add.at(counts, (clusters, categories), 1)
    return float(counts.max(axis=1).sum() / len(clusters))


def clustering_figures(embeddings: FloatArray, categories: Sequence[str]) -> dict[str, Any]:
    """Return the purity of k-means clusters, as many as categories; mean, least and most over five seeds.

    embeddings (n, d): unit, zero where a word is unknown: it takes no part. Of ten restarts the tightest counts,
    never the purest. Figures are None where there are fewer different words than categories.
    """
    covered = embeddings.any(axis=1)
    _, numbers = np.unique(np.array(categories)[covered], return_inverse=True)
    known, k = embeddings[covered].astype(np.float64), len(set(numbers.tolist()))
    told: dict[str, Any] = {"words": len(categories), "covered": len(known), "categories": len(set(categories))}
    if not k or len(np.unique(known, axis=0)) < k:
        return {**told, "purity": None, "purity_range": None}
    found = [
        purity(KMeans(k, n_init=_RESTARTS, random_state=seed).fit_predict(known).astype(np.int64), numbers)
        for seed in SEEDS
    ]
    return {
        **told,
        "purity": round(float(np.mean(found)), 4),
        "purity_range": [round(min(found), 4), round(max(found), 4)],
    }
