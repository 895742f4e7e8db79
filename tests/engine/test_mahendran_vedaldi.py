"""Descent on pixels, by its parts and with the real networks on small pictures."""

from dataclasses import replace

import numpy as np
import pytest

from mindseye.engine.errors import UsageError
from mindseye.engine.synthesis.mahendran_vedaldi import MahendranVedaldi
from mindseye.engine.vision.backbone import read_head

GOLDFISH, ZEBRA = 1, 340
# Gradients may be steeper than by default: in few steps, little else than smoothing would be done.
SHORT = MahendranVedaldi(size=96, steps=(50, 30, 5), steepness=0.1)
BEGUN = replace(SHORT, steps=(1, 0, 0))


def target(number: int) -> dict[str, np.ndarray]:
    weights = read_head("lite0").weights
    return {"lite0": weights[number] - weights.mean(axis=0)}


@pytest.fixture(scope="module")
def two():
    return SHORT([target(GOLDFISH), target(ZEBRA)], [[], []], [1, 2])


def test_descent_comes_far_nearer_to_the_target_than_its_noise(two):
    begun = BEGUN([target(GOLDFISH), target(ZEBRA)], [[], []], [1, 2])
    for one, first in zip(two, begun, strict=True):
        assert one.similarity["lite0"] > first.similarity["lite0"] + 0.15
        assert (one.start, one.steps, one.recalled) == ("noise", 85, ())


def test_the_picture_is_smoother_than_the_noise_it_began_with(two):
    (noise,) = replace(BEGUN, learning_rate=0.0)([target(GOLDFISH)], [[]], [1])
    pixels = two[0].picture.astype(float), noise.picture.astype(float)
    smooth, rough = (np.abs(np.diff(picture, axis=0)).mean() for picture in pixels)
    assert smooth < rough / 2


def test_without_a_rate_the_picture_is_the_seed_s_own_noise():
    still = MahendranVedaldi(size=64, steps=(2, 0, 0), learning_rate=0.0)
    one, same, other = still([target(ZEBRA)] * 3, [[]] * 3, [7, 7, 8])
    np.testing.assert_array_equal(one.picture, same.picture)
    # Half the range is the deviation about grey; what lies beyond the range is cut off.
    assert one.picture.mean() == pytest.approx(127.5, abs=3) and one.picture.std() == pytest.approx(61, abs=3)
    assert np.abs(one.picture.astype(int) - other.picture).mean() > 30


def test_the_target_is_one_network_s(pocket):
    query = pocket.word_query("zebra")
    (name, vector), *others = MahendranVedaldi().target(pocket, query).items()
    assert name == "lite0" and not others
    np.testing.assert_allclose(vector, pocket.target(query, read_head("lite0").weights), atol=1e-6)


@pytest.mark.slow
def test_targets_of_two_networks_are_met_in_both():
    both = {**target(ZEBRA), "lite1": read_head("lite1").weights[ZEBRA] - read_head("lite1").weights.mean(axis=0)}
    begun, (met,) = BEGUN([both], [[]], [2]), SHORT([both], [[]], [2])
    for network in ("lite0", "lite1"):
        assert met.similarity[network] > begun[0].similarity[network] + 0.1


def test_pictures_beyond_one_batch_keep_their_places_and_steps_are_counted_over_all():
    quick, told = MahendranVedaldi(size=32, steps=(1, 1, 0)), []
    found = quick([target(ZEBRA)] * 17, [[]] * 17, range(17), told.append)
    assert [one.seed for one in found] == list(range(17))
    assert [(step.done, step.total) for step in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert told[0].look().shape == (16, 32, 32, 3) and told[-1].look().shape == (1, 32, 32, 3)


@pytest.mark.parametrize("steps", [(0, 0, 0), (5, -1, 0)])
def test_a_number_of_steps_out_of_range_is_refused(steps):
    with pytest.raises(UsageError, match="at least one step"):
        MahendranVedaldi(steps=steps)
