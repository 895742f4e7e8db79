"""Forced choices of people, before they are made: what stands against what, on which side, in which order."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.random import Generator

Order = list[tuple[int, tuple[int, ...]]]
"""What one rater meets: trials by number, each with its options from left to right."""


def confounders(groups: Sequence[Hashable | None], seed: int) -> list[int | None]:
    """Return, for each word, the number of the one it is chosen against: another of its group, None where it is alone.

    groups: what each word is of; None: of no group, so it is alone. Within a group the words stand in one random
    circle, each against the next: everyone is as often wrong as right, so that liking a word helps nobody.
    """
    rng, found = np.random.default_rng(seed), [None] * len(groups)
    chosen: list[int | None] = list(found)
    for group in dict.fromkeys(each for each in groups if each is not None):
        circle = rng.permutation([place for place, each in enumerate(groups) if each == group]).tolist()
        if len(circle) > 1:
            for word, other in zip(circle, [*circle[1:], circle[0]], strict=True):
                chosen[word] = other
    return chosen


def order_of_pair(answers: Sequence[int], kinds: Sequence[Hashable], rater: int, seed: int) -> Order:
    """Return the order and the sides of trials of two options for rater number `rater`, counted from 1.

    answers: which option is right, 0 or 1; kinds: of the trials, balanced each by itself: the right one stands as often
    left as right, give or take one. Raters 1 and 2, 3 and 4 … see opposite sides, so that over them every trial is
    balanced, too.
    """
    twins = np.random.default_rng([seed, (rater - 1) // 2])
    left = np.zeros(len(answers), dtype=bool)
    for kind in dict.fromkeys(kinds):
        places = np.array([place for place, each in enumerate(kinds) if each == kind])
        halves = np.arange(len(places)) % 2 == twins.integers(2)  # of an odd number either side has one more
        left[places] = twins.permutation(halves)
    if rater % 2 == 0:
        left = ~left
    own = np.random.default_rng([seed, rater, 1])
    return [(place, _sides(answers[place], bool(left[place]))) for place in _spread(kinds, own)]


def order_of_list(options: int, kinds: Sequence[Hashable], rater: int, seed: int) -> Order:
    """Return the order of trials that share one list of options, which a rater always sees in the same order.

    The first raters each see another rotation of a shuffled list, and so on: over them every option stands everywhere.
    """
    listed = np.random.default_rng(seed).permutation(options)
    turned = tuple(np.roll(listed, rater - 1).tolist())
    return [(place, turned) for place in _spread(kinds, np.random.default_rng([seed, rater, 1]))]


def _sides(answer: int, left: bool) -> tuple[int, int]:
    return (answer, 1 - answer) if left else (1 - answer, answer)


def _spread(kinds: Sequence[Hashable], rng: Generator) -> list[int]:
    """Return the trials in random order, those of each kind spread evenly: a check of attention comes now and then."""
    moment = np.empty(len(kinds))
    for kind in dict.fromkeys(kinds):
        places = np.array([place for place, each in enumerate(kinds) if each == kind])
        moment[places] = rng.permutation((np.arange(len(places)) + rng.random(len(places))) / len(places))
    order: list[int] = np.argsort(moment, kind="stable").tolist()
    return order
