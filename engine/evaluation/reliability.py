"""Whether probabilities mean what they say: Brier score, expected calibration error, reliability, intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.vectors import FloatArray

BINS = 10  # of equal width
RESAMPLES = 500
COVERED = (2.5, 97.5)  # percentiles of an interval
PRIOR = {"shown": 0.5, "absent": 0.25, "random": 0.25}  # assumed share of each kind among the words people ask for


@dataclass(frozen=True)
class Forecasts:
    """Probabilities (n,), truths (n,), weights (n,) of decisions, and groups (n,) that are resampled as one."""

    probabilities: FloatArray
    truths: NDArray[np.bool_]
    weights: FloatArray
    groups: NDArray[np.int64]

    def figures(self, seed: int = 0) -> dict[str, Any]:
        """Return Brier score and expected calibration error, each with a 95 % bootstrap interval over groups."""
        measures = {"brier": brier, "expected_calibration_error": expected_calibration_error}
        told: dict[str, Any] = {}
        for name, measure in measures.items():
            told[name] = round(measure(self.probabilities, self.truths, self.weights), 4)
            told[f"{name}_interval"] = self._interval(measure, seed)
        return told

    def _interval(self, measure: Callable[..., float], seed: int) -> list[float]:
        rng = np.random.default_rng(seed)
        _, group = np.unique(self.groups, return_inverse=True)
        count = int(group.max()) + 1
        drawn = (rng.multinomial(count, np.full(count, 1 / count))[group] for _ in range(RESAMPLES))
        values = [measure(self.probabilities, self.truths, self.weights * times) for times in drawn]
        return [round(float(value), 4) for value in np.percentile(values, COVERED)]


def prior_weights(kinds: Sequence[str], prior: Mapping[str, float] = PRIOR) -> FloatArray:
    """Return weights (n,) of mean 1 under which each kind has the share that `prior` gives it, if it occurs at all."""
    names, number, counts = np.unique(np.asarray(kinds), return_inverse=True, return_counts=True)
    shares = np.array([prior[name] for name in names.tolist()])
    weights = shares / shares.sum() / counts * len(number)
    return np.asarray(weights[number], dtype=np.float32)


def brier(probabilities: FloatArray, truths: NDArray[np.bool_], weights: FloatArray) -> float:
    """Return the weighted mean squared error of probabilities (Brier 1950); all (n,)."""
    return float(np.average((probabilities - truths) ** 2, weights=weights))


def expected_calibration_error(probabilities: FloatArray, truths: NDArray[np.bool_], weights: FloatArray) -> float:
    """Return the mean gap between probability and frequency, bin by bin (Naeini et al. 2015; Guo et al. 2017)."""
    weight, told, came = reliability(probabilities, truths, weights)
    return float((weight * np.abs(told - came)).sum())


def reliability(
    probabilities: FloatArray, truths: NDArray[np.bool_], weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return, for each of BINS bins, its share of the weight, its mean probability and how often it came true.

    Where a bin is empty all three are 0.
    """
    bins = np.minimum((np.asarray(probabilities) * BINS).astype(int), BINS - 1)
    columns = np.ones(len(bins)), probabilities, truths
    weight, told, came = np.array([np.bincount(bins, weights * values, BINS) for values in columns], dtype=np.float32)
    filled = np.maximum(weight, 1e-12)
    return np.asarray(weight / weight.sum()), np.asarray(told / filled), np.asarray(came / filled)
