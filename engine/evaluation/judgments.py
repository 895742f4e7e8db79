"""Forced choices of people, after they are made: exact tests, intervals that know of raters and items, agreement."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, false_discovery_control

from mindseye.engine.vectors import FloatArray

LEVEL = 0.05
FEW = 5  # raters or items: of fewer, resampling says next to nothing of others
_RESAMPLES = 5000
Answers = NDArray[np.float64]
"""(raters, items): what was chosen, nan where nobody was asked; for rights and wrongs 1 and 0."""


@dataclass(frozen=True)
class Proportion:
    """So many right among so many, and 95 % intervals of their share.

    wilson (Wilson 1927) and exact (Clopper & Pearson 1934) take every answer for independent, which answers of one
    rater, or about one item, are not; crossed resamples both (Owen 2007), and is None where that says nothing.
    """

    right: int
    judged: int
    wilson: tuple[float, float]
    exact: tuple[float, float]
    crossed: tuple[float, float] | None = None

    @property
    def share(self) -> float:
        """The share of right ones, nan among none."""
        return self.right / self.judged if self.judged else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """The interval to tell: the exact one, widened to hold the crossed one where there is one."""
        low, high = zip(self.exact, self.crossed or self.exact, strict=True)
        return min(low), max(high)


def proportion(right: int, judged: int, crossed: tuple[float, float] | None = None) -> Proportion:
    """Return a share with its intervals; of none, they are all that is possible."""
    if not judged:
        return Proportion(0, 0, (0.0, 1.0), (0.0, 1.0), crossed)
    test = binomtest(right, judged)
    wilson, exact = (test.proportion_ci(method=method) for method in ("wilson", "exact"))
    bounds = [(float(each.low), float(each.high)) for each in (wilson, exact)]
    return Proportion(right, judged, bounds[0], bounds[1], crossed)


def exact_p(right: int, judged: int, chance: float) -> float:
    """Return how likely so many right answers, or more, are by chance: the one-sided exact binomial test."""
    return float(binomtest(right, judged, chance, "greater").pvalue) if judged else 1.0


def adjusted(p: Sequence[float]) -> list[float]:
    """Return p values adjusted for their number by the false discovery rate (Benjamini & Hochberg 1995).

    They suit tests that are independent or depend positively, as items judged by the same raters do.
    """
    return false_discovery_control(p).tolist() if len(p) else []


def crossed_interval(right: Answers, seed: int = 0) -> tuple[float, float] | None:
    """Return the 95 % interval of the share of right answers (raters, items), both raters and items resampled.

    The pigeonhole bootstrap (Owen 2007): rows and columns are drawn anew, each by itself, with replacement. It knows of
    other raters and items only as far as those there are differ: None of fewer than `FEW` raters or items that answered
    or were answered, and where all answers are equal.
    """
    asked = ~np.isnan(right)
    right = right[asked.any(axis=1)][:, asked.any(axis=0)]
    asked, rights = ~np.isnan(right), np.nan_to_num(right)
    if min(right.shape) < FEW or rights.sum() in (0, asked.sum()):
        return None
    raters, items = right.shape
    rng = np.random.default_rng(seed)
    rows = rng.multinomial(raters, np.full(raters, 1 / raters), _RESAMPLES).astype(float)
    columns = rng.multinomial(items, np.full(items, 1 / items), _RESAMPLES).astype(float)
    count = ((rows @ asked) * columns).sum(axis=1)
    share = ((rows @ rights) * columns).sum(axis=1)[count > 0] / count[count > 0]
    low, high = np.percentile(share, [2.5, 97.5])
    return float(low), float(high)


def agreement(answers: Answers) -> float | None:
    """Return the share of equal answers among all pairs of raters who judged the same item; None without any."""
    counts = _counts(answers)
    pairs = (counts * (counts - 1)).sum()
    of_all = counts.sum(axis=1)
    return float(pairs / (of_all * (of_all - 1)).sum()) if (of_all > 1).any() else None


def krippendorff_alpha(answers: Answers) -> float | None:
    """Return Krippendorff's alpha for nominal answers (raters, items), nan where none was given (Krippendorff 2011).

    1 when all agree, 0 when they agree as often as by chance; None without two answers to an item, and when only one
    answer was ever given, since then there is no chance to compare with.
    """
    counts = _counts(answers)
    counts = counts[counts.sum(axis=1) > 1]
    of_each, of_all = counts.sum(axis=0), counts.sum()
    expected = of_all**2 - (of_each**2).sum()
    if not len(counts) or not expected:
        return None
    raters = counts.sum(axis=1)
    observed = ((raters**2 - (counts**2).sum(axis=1)) / (raters - 1)).sum()
    return float(1 - (of_all - 1) * observed / expected)


def confusion(shown: Sequence[int], chosen: Sequence[int], size: int) -> FloatArray:
    """Return how often category i was shown and category j chosen (size, size)."""
    counts = np.zeros((size, size), np.float32)
    np.add.at(counts, (list(shown), list(chosen)), 1)
    return counts


def _counts(answers: Answers) -> NDArray[np.float64]:
    """Return how often each value was answered, for each item (items, values)."""
    values = np.unique(answers[~np.isnan(answers)])
    return np.asarray((answers[:, :, None] == values).sum(axis=0), dtype=np.float64)
