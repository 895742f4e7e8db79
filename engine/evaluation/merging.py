"""Ways to merge the hits of several modalities into one list, and how good the list is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from mindseye.engine.evaluation.metrics import precision_at

PRECISION_AT = 10
SHARES_AT = 20


@dataclass(frozen=True)
class Judged:
    """A hit: its modality, its score, its probability where one is told, and whether it is right."""

    modality: str
    score: float
    probability: float | None
    right: bool


Parts = Mapping[str, Sequence[Judged]]  # the first hits of each modality, best first


def by_score(parts: Parts) -> list[Judged]:
    """Merge by score, as if scores of different modalities could be compared; each in its own order."""
    scores = [
        (-float(least), hit)
        for hits in parts.values()
        for least, hit in zip(np.minimum.accumulate([hit.score for hit in hits] or [0]), hits, strict=False)
    ]
    return [hit for _, hit in sorted(scores, key=lambda each: each[0])]


def by_turns(parts: Parts) -> list[Judged]:
    """Merge by place: the first of each modality, the second of each, and so on (round robin)."""
    return [hit for turn in zip_longest(*parts.values()) for hit in turn if hit is not None]


ORDERS: Mapping[str, Callable[[Parts], list[Judged]]] = {"by_score": by_score, "by_turns": by_turns}


def merge_figures(answers: Sequence[Parts], merged: Sequence[Sequence[Judged]]) -> dict[str, dict[str, float]]:
    """Return, for each order, the mean precision@10 over queries, and the share of each modality in the first 20.

    answers: of each query, by modality; merged: of each query, the list that a search gives, told as "search".
    """
    lists = {"search": merged, **{name: [order(parts) for parts in answers] for name, order in ORDERS.items()}}
    return {name: _figures(each, list(answers[0])) for name, each in lists.items()} if answers else {}


def _figures(lists: Sequence[Sequence[Judged]], modalities: Sequence[str]) -> dict[str, float]:
    right = [precision_at([hit.right for hit in hits], PRECISION_AT) for hits in lists]
    first = [hit.modality for hits in lists for hit in hits[:SHARES_AT]]
    shares = {f"share_of_{modality}": first.count(modality) / len(first) for modality in modalities}
    figures = {f"precision_at_{PRECISION_AT}": float(np.mean(right)), **shares}
    return {name: round(value, 4) for name, value in figures.items()}
