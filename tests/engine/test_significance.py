import numpy as np
import pytest

from mindseye.engine.evaluation.forced_choice import Choices
from mindseye.engine.evaluation.significance import interval, items_above_chance, pooled


def choices(wins, trials, chance=0.5):
    return Choices(np.array(wins, np.float32), np.array(trials, np.float32), chance)


def test_concepts_above_chance_are_counted_by_exact_tests():
    # One-sided p: 2^-10 for ten of ten, about .38 for six of ten, 1 for none; the last concept takes no part.
    assert items_above_chance(choices([10, 10, 6, 0, 0], [10, 10, 10, 10, 0])) == 2 / 4


def test_many_concepts_need_more_than_one_alone():
    assert items_above_chance(choices([5], [5])) == 1  # p = 1/32
    assert items_above_chance(choices([5] + [2] * 19, [5] * 20)) == 0  # 20/32 after the correction


def test_wins_that_are_shared_are_rounded_down():
    assert items_above_chance(choices([4.9], [5])) == items_above_chance(choices([4], [5])) == 0


def test_a_task_without_a_chance_is_not_tested():
    assert items_above_chance(choices([1, 0], [1, 1], None)) is None
    assert items_above_chance(choices([0], [0])) is None


def test_seeds_are_pooled_concept_by_concept():
    together = pooled([choices([1, 4], [5, 5]), choices([3, 4], [5, 0])])
    assert (together.wins.tolist(), together.trials.tolist(), together.chance) == ([4, 8], [10, 5], 0.5)


def test_the_interval_is_that_of_a_mean():
    shares = np.random.default_rng(3).binomial(20, 0.7, 200)
    low, high = interval(choices(shares, [20] * 200))
    fraction = shares.mean() / 20
    half = 1.96 * (shares / 20).std() / np.sqrt(200)
    assert [low, high] == pytest.approx([fraction - half, fraction + half], abs=0.003)
    assert interval(choices([20, 20, 20], [20, 20, 20])) == [1, 1] and interval(choices([3], [4])) == [0.75, 0.75]
