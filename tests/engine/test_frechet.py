import numpy as np
import pytest

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.frechet import frechet_distance


def gaussian(mean, deviation, count, seed):
    return np.random.default_rng(seed).normal(mean, deviation, (count, len(mean))).astype(np.float32)


def test_the_distance_of_known_gaussians():
    first, second = gaussian([0, 0, 0], [3, 2, 1], 40_000, 0), gaussian([1, 0, 2], [1, 2, 2], 40_000, 1)
    # |m1 - m2|² and, since the axes are shared, the squared differences of the deviations.
    assert frechet_distance(second, first, directions=3) == pytest.approx(1 + 4 + 4 + 0 + 1, rel=0.03)


def test_only_the_reference_s_first_directions_count():
    reference = gaussian([0, 0], [9, 0.1], 2000, 0)
    aside, along = reference + np.float32([0, 5]), reference + np.float32([5, 0])
    assert frechet_distance(aside, reference, directions=1) == pytest.approx(0, abs=0.01)
    assert frechet_distance(along, reference, directions=1) == pytest.approx(25, rel=0.01)


def test_a_set_is_nowhere_from_itself_and_fewer_pictures_than_directions_serve():
    features = gaussian(np.zeros(100), np.ones(100), 30, 0)
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-3)
    assert frechet_distance(features[:2], features) > 1


def test_one_picture_is_no_set():
    with pytest.raises(UsageError, match="1 and 5 pictures are too few"):
        frechet_distance(np.zeros((1, 3), np.float32), np.zeros((5, 3), np.float32))
