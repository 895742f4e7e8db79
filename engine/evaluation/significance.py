"""How sure figures of forced choices are: intervals over concepts, and exact tests of single concepts, corrected."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import binomtest, bootstrap, false_discovery_control

from mindseye.engine.evaluation.forced_choice import Choices

LEVEL = 0.05
_RESAMPLES = 2000


def interval(choices: Choices, seed: int = 0) -> list[float]:
    """Return the 95 % bootstrap interval of the fraction, concepts resampled (percentiles; Efron 1979)."""
    shares = choices.shares.astype(np.float64)
    if len(shares) < 2:
        return [choices.fraction] * 2
    rng = np.random.default_rng(seed)
    found = bootstrap((shares,), np.mean, n_resamples=_RESAMPLES, method="percentile", rng=rng).confidence_interval
    return [float(found.low), float(found.high)]


def items_above_chance(choices: Choices) -> float | None:
    """Return the share of concepts that win more often than by chance, or None for a task without a chance.

    Each concept's wins among its trials are put to an exact binomial test, one-sided; p values are adjusted for the
    number of concepts (Benjamini & Hochberg 1995), level 0.05. Shared wins are rounded down, against the concept.
    """
    taking_part = choices.trials > 0
    if choices.chance is None or not taking_part.any():
        return None
    wins, trials = np.floor(choices.wins[taking_part] + 1e-4), choices.trials[taking_part]
    p = [
        binomtest(int(won), int(tried), choices.chance, "greater").pvalue
        for won, tried in zip(wins, trials, strict=True)
    ]
    return float((false_discovery_control(p) <= LEVEL).mean())


def pooled(choices: Sequence[Choices]) -> Choices:
    """Return the choices of the same concepts over several seeds as one: more trials of each."""
    wins = np.sum([each.wins for each in choices], axis=0)
    return Choices(wins, np.sum([each.trials for each in choices], axis=0), choices[0].chance)
