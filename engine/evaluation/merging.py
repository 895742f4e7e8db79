"""Ways to merge the hits of several modalities into one list, and how good the list is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.evaluation.metrics import precision_at
from mindseye.engine.vectors import FloatArray

PRECISION_AT = 10
SHARES_AT = 20


@dataclass(frozen=True)
class Found:
    """The first hits of one modality (n,), best first: probability and score of each, and whether it is right.

    answerable: whether anything of the modality is right, among these or not.
    """

    probabilities: FloatArray
    scores: FloatArray
    truths: NDArray[np.bool_]
    answerable: bool


@dataclass(frozen=True)
class Placed:
    """A hit in a merged list: its modality, and whether it is right."""

    modality: str
    right: bool


def _by(keys: Mapping[str, Sequence[float]], found: Mapping[str, Found]) -> list[Placed]:
    """Merge by descending key, hits of each modality in their own order."""
    every = [
        (-float(least), Placed(modality, bool(right)))
        for modality, each in found.items()
        for least, right in zip(np.minimum.accumulate(keys[modality]), each.truths, strict=True)
    ]
    return [placed for _, placed in sorted(every, key=lambda each: each[0])]


def by_probability(found: Mapping[str, Found]) -> list[Placed]:
    """Merge by probability: what search does."""
    return _by({modality: each.probabilities.tolist() for modality, each in found.items()}, found)


def by_score(found: Mapping[str, Found]) -> list[Placed]:
    """Merge by score, as if scores of different modalities could be compared."""
    return _by({modality: each.scores.tolist() for modality, each in found.items()}, found)


def by_turns(found: Mapping[str, Found]) -> list[Placed]:
    """Merge by place: the first of each modality, the second of each, and so on (round robin)."""
    return _by(
        {modality: [-float(place) for place in range(len(each.scores))] for modality, each in found.items()}, found
    )


ORDERS: Mapping[str, Callable[[Mapping[str, Found]], list[Placed]]] = {
    "by_probability": by_probability, "by_score": by_score, "by_turns": by_turns,
}  # fmt: skip


def merge_figures(queries: Sequence[Mapping[str, Found]]) -> dict[str, dict[str, float]]:
    """Return, for each order, the mean precision@10 over queries, and the share of each modality in the first 20."""
    told = {}
    for name, order in ORDERS.items():
        lists = [order(found) for found in queries]
        right = [precision_at([placed.right for placed in each], PRECISION_AT) for each in lists]
        first = [placed.modality for each in lists for placed in each[:SHARES_AT]]
        shares = {f"share_of_{modality}": first.count(modality) / len(first) for modality in queries[0]}
        figures = {f"precision_at_{PRECISION_AT}": float(np.mean(right)), **shares}
        told[name] = {key: round(value, 4) for key, value in figures.items()}
    return told
