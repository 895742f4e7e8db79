"""Whether words are told apart among held-out pictures: against every order by hand, and on labels drawn at random."""

from itertools import permutations

import numpy as np
import pytest

from mindseye.engine.evaluation.metrics import average_precision
from mindseye.engine.evaluation.told_apart import chance_of, mean_precision
from mindseye.engine.pairs import one_each


def by_hand(scores: np.ndarray, classes: np.ndarray, shown: np.ndarray) -> float:
    rows = [(row, shown[:, number]) for row, number in zip(scores, classes, strict=True)]
    told = [average_precision(own[np.argsort(-row, kind="stable")].tolist(), own.sum()) for row, own in rows]
    return float(np.mean(told))


@pytest.fixture
def drawn():
    rng = np.random.default_rng(3)
    return rng.normal(size=(3, 6)), np.array([0, 1, 1]), rng.random((6, 2)) < 0.5


def test_the_figure_is_the_mean_average_precision(drawn):
    assert mean_precision(*drawn) == pytest.approx(by_hand(*drawn))


def test_of_few_pictures_chance_is_the_mean_over_all_orders(drawn):
    scores, classes, shown = drawn
    every = [by_hand(scores, classes, shown[list(order)]) for order in permutations(range(6))]
    told = chance_of(scores, classes, shown, np.arange(6))
    assert told.precision == pytest.approx(np.mean(every))
    assert told.p == pytest.approx(np.mean(np.array(every) >= by_hand(scores, classes, shown) - 1e-9))


def test_what_lies_together_moves_together():
    """Four pairs of twins that show alike: 24 orders of pairs, of which those that swap alike ones are one."""
    shown = one_each(np.repeat([0, 0, 0, 1], 2))
    scores = shown.T.astype(float)
    together = chance_of(scores, np.arange(2), shown, np.repeat(np.arange(4), 2))
    assert together.p is None, "one order in four is as good: nothing could be told"
    every = [
        by_hand(scores, np.arange(2), shown.reshape(4, 2, 2)[list(o)].reshape(8, 2)) for o in permutations(range(4))
    ]
    assert together.precision == pytest.approx(np.mean(every))
    assert chance_of(scores, np.arange(2), shown, np.arange(8)).p == pytest.approx(1 / 28, abs=0.01)


@pytest.mark.parametrize("words", [np.zeros(3, int), np.array([0, 1, 0])])
def test_too_few_pictures_tell_nothing(words):
    shown = one_each(words)
    assert chance_of(shown.T.astype(float), np.arange(shown.shape[1]), shown, np.arange(3)).p is None


def test_labels_drawn_at_random_are_seldom_taken_for_told_apart():
    """Scores know pictures, not labels; each picture is there twice, so that a chance likeness looks like two."""
    rejected = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        shown = one_each(np.append(rng.integers(0, 3, 17), [0, 1, 2])).repeat(2, axis=0)
        scores = rng.normal(size=(3, 20)).repeat(2, axis=1) + 0.01 * rng.normal(size=(3, 40))
        told = chance_of(scores, np.arange(3), shown, np.arange(20).repeat(2))
        assert told.p is not None
        rejected += told.p < 0.05
    assert rejected <= 10


def test_words_that_are_told_apart_are_seen_to_be():
    shown = one_each(np.arange(60) % 3)
    scores = shown.T + np.random.default_rng(0).normal(size=(3, 60))
    told = chance_of(scores, np.arange(3), shown, np.arange(60))
    assert told.p == pytest.approx(0.001) and 0.33 < told.precision < 0.45 < mean_precision(scores, np.arange(3), shown)
