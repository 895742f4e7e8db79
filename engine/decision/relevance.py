"""How sure a hit of any modality is what was asked for: one scale, so that hits of all modalities have one order.

Scores of different modalities cannot be compared: a caption's own photograph scores lower than an unrelated sentence.
So each pair of query kind and item modality has a logistic of its own, over what a search has at hand. Texts that ask
for pictures are decided in `match.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from mindseye.engine.decision.match import Background, against_bank
from mindseye.engine.vectors import FloatArray

PAIRS = (
    ("text", "word"), ("text", "paragraph"), ("text", "document"),
    ("image", "image"), ("image", "word"), ("image", "paragraph"), ("image", "document"),
)  # fmt: skip
FEATURES = (
    "semantic_ratio", "visual_ratio", "knowledge", "known_look", "rank", "standing",
    "semantic", "visual", "gap", "items",
)  # fmt: skip
# Whether a feature that grows while all others stay may only raise a probability (1) or lower it (-1); else either.
SIGNS: Mapping[str, int] = {
    "semantic_ratio": 1, "visual_ratio": 1, "known_look": 1, "rank": -1, "standing": 1,
    "semantic": 1, "visual": 1, "gap": -1,
}  # fmt: skip
_HIGH = 0.99
_SAME = 0.05  # short of a cosine of 1, where two texts are the same but for rounding


@dataclass(frozen=True)
class Scores:
    """Scores (q, n) of q queries for n hits: by the semantic half, by the visual half, and by both as weighted."""

    semantic: FloatArray
    visual: FloatArray
    combined: FloatArray

    @classmethod
    def of(cls, queries: FloatArray, hits: FloatArray, split: int, weights: tuple[float, float]) -> "Scores":
        """Score unweighted rows `[s; v]`: queries (q, width), hits (n, width); split: width of the semantic half;
        weights: of the halves for the pair (`JointSpace.half_weights`).
        """
        semantic, visual = queries[:, :split] @ hits[:, :split].T, queries[:, split:] @ hits[:, split:].T
        return cls(semantic, visual, weights[0] * semantic + weights[1] * visual)


@dataclass(frozen=True)
class Evidence:
    """What a search has at hand about n hits of one query among the items of one modality.

    semantic, visual (n,): scores by each half alone; rank (n,): as `match.against_bank` tells it; standing (n,): how
    far the query stands out among common words that ask for the same hit, 0 the usual word, 1 the best in a hundred;
    gap (n,): how far the score is below that of the query's best hit of the modality; knowledge: the query's; items:
    number of items of the modality in the library; background: of the modality, there; None for words, among which
    those of the bank find themselves, so that their top scores say nothing.
    """

    semantic: FloatArray
    visual: FloatArray
    rank: FloatArray
    standing: FloatArray
    gap: FloatArray
    knowledge: float
    items: int
    background: Background | None

    @classmethod
    def of(
        cls, scores: Scores, bank: Scores, *, best: float, knowledge: float, items: int, background: Background | None
    ) -> "Evidence":
        """Compare a query's scores (1, n) of its hits with those of the bank's words (b, n).

        best: the score of the query's best hit of the modality, among these or not; the rest is told above.
        """
        own, words = scores.combined[0], bank.combined
        _, rank = against_bank(scores.semantic[0], own, bank.semantic, words)
        told = rank, standing(own, words), best - own
        return cls(scores.semantic[0], scores.visual[0], *told, knowledge, items, background)

    @property
    def features(self) -> FloatArray:
        """The features (n, 10), in the order of FEATURES; without a background, no ratios."""
        n = len(self.semantic)
        meaning, look = self._ratios()
        items = np.full(n, np.log1p(self.items), np.float32)
        told = {
            "semantic": _closeness(self.semantic), "visual": _closeness(self.visual),
            "semantic_ratio": meaning, "visual_ratio": look, "known_look": self.knowledge * look,
            "knowledge": np.full(n, self.knowledge, np.float32), "items": items,
        }  # fmt: skip
        return np.stack([told[name] if name in told else getattr(self, name) for name in FEATURES], axis=1)

    def _ratios(self) -> FloatArray:
        """Return the ratios (2, n) to the bank's top scores as `match` compresses them; zeros where there are none."""
        if self.background is None:
            return np.zeros((2, len(self.semantic)), dtype=np.float32)
        return self.background.hit_features(self.semantic, self.visual, self.knowledge, self.rank, self.rank)[:, :2].T


def _closeness(scores: FloatArray) -> FloatArray:
    """Return scores (n,) stretched towards 1: in a large library only what is nearly the same is sure."""
    return np.asarray(-np.log(1 + _SAME - np.minimum(scores, 1)), dtype=np.float32)


def standing(own: FloatArray, bank: FloatArray) -> FloatArray:
    """Return how far scores (n,) stand out among those of the bank's words (b, n) for the same hits.

    0 is the usual word, 1 the best in a hundred: so near the top that a hit which is itself a word of the bank is no
    exception.
    """
    usual, high = np.quantile(bank, [0.5, _HIGH], axis=0)
    return np.asarray((own - usual) / np.maximum(high - usual, 1e-6), dtype=np.float32)


@dataclass(frozen=True)
class Relevance:
    """P(a hit is about what was asked) for one pair: 1 / (1 + exp(-(intercept + coefficients · features))).

    largest: items of the largest library that was fitted; a larger one counts as one of this size.
    """

    intercept: float
    coefficients: tuple[float, ...]
    largest: int

    @classmethod
    def from_dict(cls, told: Mapping[str, float]) -> "Relevance":
        """Read an intercept, a coefficient for each of FEATURES, and the largest library."""
        return cls(told["intercept"], tuple(told[name] for name in FEATURES), int(told["largest"]))

    def of_features(self, features: FloatArray) -> FloatArray:
        """Return probabilities (n,) of features (n, 10)."""
        limits = np.where(np.array(FEATURES) == "items", np.log1p(self.largest), np.inf)
        bounded = np.minimum(features, limits.astype(np.float32))
        logits = bounded @ np.array(self.coefficients, dtype=np.float32) + self.intercept
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)

    def probability(self, evidence: Evidence) -> FloatArray:
        """Return the probability (n,) of each hit."""
        return self.of_features(evidence.features)


@cache
def _shipped() -> dict[str, Any]:
    return dict(json.loads((files("mindseye.engine.decision") / "relevance.json").read_text(encoding="utf-8")))


def relevance(kind: str, modality: str) -> Relevance | None:
    """Return what ships for a query kind and item modality (`relevance.json`; its `fitted` says how), if anything."""
    told = _shipped()["models"].get(f"{kind} {modality}")
    return told and Relevance.from_dict(told)
