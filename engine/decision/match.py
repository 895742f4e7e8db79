"""Whether any picture shows what is asked: the query against common words, in the same library.

No flat cut-off can work: good and bad scores differ by query and grow with the library. So each half of a score is
measured by what the background bank reaches in this very library, and a logistic turns the two and the mapping's
knowledge of the query into a probability.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike

from mindseye.engine.vectors import FloatArray

FEATURES = ("semantic_ratio", "visual_ratio", "knowledge")
MATCHED = 0.5  # decision.probability from which a query counts as matched


@dataclass(frozen=True)
class Background:
    """Top scores (b,) of the bank's words in one library, by semantic and by visual half."""

    semantic: FloatArray
    visual: FloatArray

    @property
    def empty(self) -> bool:
        """True when the library holds no picture: its words have no score."""
        return not np.isfinite(self.semantic).all()

    def features(self, semantic: ArrayLike, visual: ArrayLike, knowledge: float) -> FloatArray:
        """Return the features (n, 3) of half scores (n,) of one query; a ratio of 1 is the bank's 90th percentile."""
        ratios = [_ratio(semantic, self.semantic), _ratio(visual, self.visual)]
        return np.stack([*ratios, np.full_like(ratios[0], knowledge)], axis=1).astype(np.float32)


def _ratio(scores: ArrayLike, tops: FloatArray) -> FloatArray:
    median, high = np.quantile(tops, [0.5, 0.9])
    return np.asarray((np.atleast_1d(scores) - median) / max(high - median, 1e-6), dtype=np.float32)


@dataclass(frozen=True)
class Logistic:
    """P = 1 / (1 + exp(-(intercept + coefficients · features)))."""

    intercept: float
    coefficients: tuple[float, ...]

    def probability(self, features: FloatArray) -> FloatArray:
        """Return probabilities (n,) of features (n, 3)."""
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
        models = [told[name] for name in ("any_hit", "one_hit")]
        return cls(*(Logistic(m["intercept"], tuple(m[name] for name in FEATURES)) for m in models))


@cache
def shipped() -> Calibration:
    """Return the calibration that ships with the pocket space (`calibration.json`; its `fitted` says how)."""
    text = (files("mindseye.engine.decision") / "calibration.json").read_text(encoding="utf-8")
    return Calibration.from_dict(json.loads(text)["models"])
