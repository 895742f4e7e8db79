"""Whether any picture shows what is asked: the query against common words, in the same library.

No flat cut-off can work: good and bad scores differ by query and grow with the library. So each half of a score is
measured by what the background bank reaches in this very library, each hit tells whether common words fit it better
than the query, and a logistic turns all that and the mapping's knowledge of the query into a probability.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mindseye.engine.vectors import FloatArray

FEATURES = ("semantic_ratio", "visual_ratio", "knowledge", "known_look", "margin", "rank")
LOOKED_AT = 10  # hits that a decision looks at, however many are asked for
MATCHED = 0.5  # decision.probability from which a query counts as matched


@dataclass(frozen=True)
class Background:
    """Top scores (b,) of the bank's words in one library, by semantic and by visual half."""

    semantic: FloatArray
    visual: FloatArray

    @cached_property
    def _scales(self) -> tuple[tuple[float, float], ...]:
        """The median of each half's scores, and from there to the 90th percentile: what a ratio counts in."""
        quantiles = (np.quantile(tops, [0.5, 0.9]) for tops in (self.semantic, self.visual))
        return tuple((float(median), max(float(high - median), 1e-6)) for median, high in quantiles)

    @property
    def empty(self) -> bool:
        """True when the library holds no picture: its words have no score."""
        return not np.isfinite(self.semantic).all()

    def hit_features(
        self, semantic: ArrayLike, visual: ArrayLike, knowledge: float, margin: ArrayLike, rank: ArrayLike
    ) -> FloatArray:
        """Return the features (n, 6) of one query's hits.

        Ratios: 0 the bank's median, 1 its 90th percentile; compressed to sign(r) log(1 + |r|), since a picture that
        stands out ten times further is not ten times surer.
        semantic, visual (n,): half scores; margin, rank (n,): from `against_bank`.
        """
        (meaning_at, meaning_by), (look_at, look_by) = self._scales
        meaning = _compressed(np.atleast_1d(semantic) - meaning_at, meaning_by)
        look = _compressed(np.atleast_1d(visual) - look_at, look_by)
        knowing = np.full_like(look, knowledge)
        against = np.atleast_1d(margin), np.atleast_1d(rank)
        return np.stack([meaning, look, knowing, knowing * look, *against], axis=1).astype(np.float32)

    def list_features(self, semantic: float, visual: float, hits: FloatArray) -> FloatArray:
        """Return the features (1, 6) of a whole result list.

        semantic, visual: the best half scores in the library; hits (n, 6): features of the hits, best first.
        """
        looked_at = hits[:LOOKED_AT]
        margin, rank = (looked_at[:, FEATURES.index(name)] for name in ("margin", "rank"))
        return self.hit_features(semantic, visual, looked_at[0, FEATURES.index("knowledge")], margin.max(), rank.min())


def against_bank(
    semantic: FloatArray, combined: FloatArray, bank_semantic: FloatArray, bank_combined: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return (margin, rank) of pictures (n,): how the query fits each beside the bank's words.

    semantic, combined (n,): the query's scores; bank_semantic, bank_combined (b, n): the words'. margin: combined score
    above the best word's; rank: log(1 + words that the picture means more).
    """
    margin = combined - bank_combined.max(axis=0)
    return margin, np.log1p((bank_semantic > semantic).sum(axis=0)).astype(np.float32)


def _compressed(above: NDArray[Any], scale: float) -> FloatArray:
    ratios = np.asarray(above / scale, dtype=np.float32)
    return np.asarray(np.sign(ratios) * np.log1p(np.abs(ratios)), dtype=np.float32)


def ratios_told(features: FloatArray) -> tuple[float, float]:
    """Return the two ratios of features (6,) as they were before compression, for people."""
    meaning, look = np.sign(features[:2]) * np.expm1(np.abs(features[:2]))
    return float(meaning), float(look)


@dataclass(frozen=True)
class Logistic:
    """P = 1 / (1 + exp(-(intercept + coefficients · features)))."""

    intercept: float
    coefficients: tuple[float, ...]

    @classmethod
    def from_dict(cls, told: Mapping[str, float]) -> "Logistic":
        """Read an intercept and a coefficient for each of FEATURES."""
        return cls(told["intercept"], tuple(told[name] for name in FEATURES))

    def probability(self, features: FloatArray) -> FloatArray:
        """Return probabilities (n,) of features (n, 6)."""
        logits = features @ np.array(self.coefficients, dtype=np.float32) + self.intercept
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


@dataclass(frozen=True)
class Calibration:
    """The two fitted logistics: does any of the first ten hits show it, and does this one."""

    any_hit: Logistic
    one_hit: Logistic

    @classmethod
    def from_dict(cls, told: Mapping[str, Mapping[str, float]]) -> "Calibration":
        """Read what `mindseye evaluate calibrate` writes."""
        return cls(Logistic.from_dict(told["any_hit"]), Logistic.from_dict(told["one_hit"]))


@cache
def shipped() -> Calibration:
    """Return the calibration that ships with the pocket space (`calibration.json`; its `fitted` says how)."""
    text = (files("mindseye.engine.decision") / "calibration.json").read_text(encoding="utf-8")
    return Calibration.from_dict(json.loads(text)["models"])
