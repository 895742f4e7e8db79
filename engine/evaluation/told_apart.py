"""How well words are told apart among held-out pictures alone, beside what labels in any other order would reach."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import permutation_test

from mindseye.engine.vectors import FloatArray

LEVEL = 0.05
_ORDERS = 999  # drawn; all of them where there are fewer
Numbers = NDArray[np.int64]
Shown = NDArray[np.bool_]


@dataclass(frozen=True)
class Chance:
    """precision: what labels in a random order reach; p: of the order that is there, None where no order is rare."""

    precision: float
    p: float | None


def mean_precision(scores: FloatArray, classes: Numbers, shown: Shown) -> float:
    """Return the mean average precision of queries, each of a class that some picture shows.

    scores (m, n): of n pictures for m queries; classes (m,): of the queries; shown (n, u): by the pictures.
    """
    return float(_precisions(_ranks(scores), classes, shown, np.arange(len(shown))[None])[0])


def chance_of(scores: FloatArray, classes: Numbers, shown: Shown, groups: Numbers, seed: int = 0) -> Chance:
    """Return what chance would reach, and how likely it would reach as much as the labels do: a permutation test.

    Scores stay, labels are permuted (Good 2005); arguments as of `mean_precision`. groups (n,): pictures of one number
    are alike in more than what they show, and so are their labels: these stay in a row, and groups are what is
    permuted. Where even perfect scores would not reach a p below 0.05, too little is held out to tell anything.
    """
    ranks, labels = _ranks(scores), np.unique(shown, axis=0, return_inverse=True)[1].ravel()
    numbers = np.unique(groups, return_inverse=True)[1]
    if numbers.max() == 0:  # one group has one order
        return Chance(mean_precision(scores, classes, shown), None)

    def same(orders: Numbers) -> FloatArray:
        return np.asarray((labels[_pictures(orders, numbers)] == labels).all(axis=1), np.float32)

    def reached(orders: Numbers) -> FloatArray:
        return _precisions(ranks, classes, shown, _pictures(orders, numbers))

    precision, p = _permuted(reached, numbers, seed)
    return Chance(precision, p if _permuted(same, numbers, seed)[1] < LEVEL else None)


def _permuted(statistic: Callable[[Numbers], FloatArray], numbers: Numbers, seed: int) -> tuple[float, float]:
    """Return the mean of a statistic over orders of groups, and how often it is as high as in the order that is."""

    def told(orders: Numbers, axis: int) -> FloatArray:
        return statistic(np.atleast_2d(orders).astype(np.int64)).reshape(orders.shape[:-1])

    found = permutation_test(
        (np.arange(numbers.max() + 1),), told, permutation_type="pairings", alternative="greater",
        n_resamples=_ORDERS, vectorized=True, axis=-1, rng=np.random.default_rng(seed),
    )  # fmt: skip
    return float(found.null_distribution.mean()), float(found.pvalue)


def _pictures(orders: Numbers, numbers: Numbers) -> Numbers:
    """Return which picture each label goes to (b, n), the pictures in a row by group, in b orders of groups (b, g)."""
    row = np.argsort(numbers, kind="stable")
    places = np.argsort(orders, axis=1)[:, numbers]
    found = np.empty(places.shape, np.int64)
    np.put_along_axis(found, np.argsort(places, axis=1, kind="stable"), row[None], axis=1)
    return found


def _ranks(scores: FloatArray) -> Numbers:
    """Return the rank of each picture for each query, from 1."""
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.empty(order.shape, np.int64)
    np.put_along_axis(ranks, order, np.arange(1, order.shape[1] + 1)[None], axis=1)
    return ranks


def _precisions(ranks: Numbers, classes: Numbers, shown: Shown, pictures: Numbers) -> FloatArray:
    """Return the mean average precision (b,) when labels go to other pictures (b, n)."""
    told = np.zeros(len(pictures))
    for row, number in zip(ranks, classes, strict=True):
        own = np.sort(row[pictures[:, shown[:, number]]], axis=1)
        told += (np.arange(1, own.shape[1] + 1) / own).mean(axis=1)
    return np.asarray(np.round(told / len(classes), 9))
