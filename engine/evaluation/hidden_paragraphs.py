"""A paragraph hidden from its document asks which document it is from: the protocol and its figures.

For each seed, 2,000 documents of two or more paragraphs are drawn, and one paragraph of each is hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import t

SEEDS = 5
DOCUMENTS = 2000
LOOKED_AT = 10  # hits; a document further down counts as not found
KS = (1, 10)


@dataclass(frozen=True)
class Hidden:
    """A document, by its number, and the number of the paragraph that was taken from it."""

    document: int
    paragraph: int


def hide(paragraphs: Sequence[int], seed: int, documents: int = DOCUMENTS) -> list[Hidden]:
    """Return which paragraph of which documents is hidden; fewer documents where there are not so many.

    paragraphs: how many each document has.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(np.flatnonzero(np.asarray(paragraphs) >= 2))[:documents]
    return [Hidden(int(each), int(rng.integers(paragraphs[each]))) for each in drawn]


def rank_figures(ranks: Sequence[int | None]) -> dict[str, float]:
    """Return recall and the mean reciprocal rank among the first LOOKED_AT; ranks from 0, None is not found."""
    found = np.array([np.inf if rank is None or rank >= LOOKED_AT else rank for rank in ranks])
    recall = {f"recall_at_{k}": float((found < k).mean()) for k in KS}
    return {**recall, f"mean_reciprocal_rank_at_{LOOKED_AT}": float((1 / (1 + found)).mean())}


def over_seeds(figures: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Return each figure's mean over the seeds with its 95 % interval by Student's t; none for a single seed."""
    told: dict[str, Any] = {}
    for name in figures[0]:
        values = np.array([each[name] for each in figures])
        told[name] = round(float(values.mean()), 4)
        if len(values) > 1:
            half = float(t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5)
            told[f"{name}_interval"] = [round(told[name] - half, 4), round(told[name] + half, 4)]
    return told
