import numpy as np
import pytest
from scipy.stats import norm
from sklearn.neighbors import LocalOutlierFactor

from mindseye.engine.decision.novelty import GaussianNovelty, LocalOutliers, specialised, threshold
from mindseye.engine.errors import MindseyeError, VectorError

CENTRES = np.array([[0, 0], [4, 0], [0, 9]], np.float32)


@pytest.fixture
def seen():
    """Tight pictures of class 0, wide ones of class 1, none of class 2."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 200)
    return CENTRES[labels] + rng.normal(size=(400, 2)) * np.where(labels == 0, 0.1, 1.0)[:, None], labels


@pytest.mark.parametrize("make", [lambda: GaussianNovelty(CENTRES), LocalOutliers], ids=["gaussian", "outliers"])
def test_what_lies_far_from_all_that_was_seen_is_new(make, seen):
    scores = make().fit(*seen).score(np.array([[0, 0], [4, 0.5], [20, 20]], np.float32))
    assert scores[2] > max(scores[:2]) + 0.5


def test_gaussian_novelty_is_the_density_under_the_best_class(seen):
    model = GaussianNovelty(CENTRES).fit(*seen)
    asked = np.array([[0.3, -0.1], [3, 1], [2, 2]], np.float32)
    densities = [
        norm.logpdf(asked, centre, variance**0.5).mean(axis=1)
        for centre, variance in zip(CENTRES, model.variances_, strict=True)
    ]
    assert model.score(asked) == pytest.approx(-np.max(densities, axis=0), abs=1e-3)


def test_variances_are_each_class_own_drawn_to_the_mean_by_one_picture(seen):
    embeddings, labels = seen
    squares = ((embeddings - CENTRES[labels]) ** 2).mean(axis=1)
    own = [(squares[labels == c].sum() + squares.mean()) / ((labels == c).sum() + 1) for c in range(3)]
    assert GaussianNovelty(CENTRES).fit(embeddings, labels).variances_ == pytest.approx(own, rel=1e-4)
    assert own[2] == squares.mean() and own[0] < 0.02 < own[1]


def test_outliers_are_scikit_learns(seen):
    embeddings = seen[0].astype(np.float32)
    asked = np.array([[0, 0], [2, 2]], np.float32)
    expected = -LocalOutlierFactor(n_neighbors=20, novelty=True).fit(embeddings).score_samples(asked)
    assert LocalOutliers().fit(*seen).score(asked) == pytest.approx(expected, rel=1e-5)


def test_the_threshold_lets_the_share_through():
    scores = np.arange(100, dtype=np.float32)
    for share in (0, 0.25, 1):
        assert (scores > threshold(scores, share)).sum() == pytest.approx(100 * share, abs=1)
    with pytest.raises(MindseyeError, match="no share"):
        threshold(scores, 1.5)


def test_seen_pictures_are_named_by_the_classifier_new_ones_by_the_nearest_word():
    posteriors = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]], np.float32)
    unseen = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]], np.float32)
    assert specialised(np.array([False, False, True]), posteriors, unseen).tolist() == [0, 1, 4]


def test_another_width_is_refused(seen):
    with pytest.raises(VectorError, match="3 numbers wide where 2"):
        GaussianNovelty(CENTRES).fit(*seen).score(np.zeros((1, 3), np.float32))
