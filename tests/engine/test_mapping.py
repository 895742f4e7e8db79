"""What single mappings promise beyond the regressors' contract: exact answers where there are some."""

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

from mindseye.engine.errors import MindseyeError, VectorError
from mindseye.engine.mapping import ConSE, DeViSE, ElasticNet, KernelRidge, TanhNetwork
from mindseye.engine.mapping.elastic_net import principal_axes
from mindseye.engine.vectors import unit


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.default_rng(0)
    x = unit(rng.normal(size=(60, 4)))
    return x, (x @ rng.normal(size=(4, 5))).astype(np.float32)


def test_kernel_ridge_knows_less_the_farther_it_looks(pairs):
    x, y = pairs
    learned = KernelRidge(gamma=10).fit(x, y)
    near, far = learned.transform(x[:5]), learned.transform(-10 * x[:5].mean(0, keepdims=True))
    assert np.linalg.norm(near, axis=1).mean() > np.linalg.norm(far, axis=1).mean()


def test_kernel_ridge_is_a_gaussian_process(pairs):
    x, y = pairs
    asked = np.vstack([x[:3], unit(np.random.default_rng(1).normal(size=(9, 4)))])
    learned = KernelRidge(gamma=3, alpha=0.2).fit(x, y)
    process = GaussianProcessRegressor(RBF((1 / 6) ** 0.5), alpha=0.2, optimizer=None)
    mean, deviation = process.fit(learned.anchors_, y).predict(unit(asked - learned.mean_), return_std=True)
    assert np.allclose(learned.transform(asked), mean, atol=1e-4)
    assert np.allclose(learned.variance(asked), deviation[:, 0] ** 2, atol=1e-4)


def test_variance_is_low_at_what_was_learned_and_one_far_from_it():
    rng = np.random.default_rng(0)
    x = unit(np.array([[1, 0, 0, 0]]) + 0.1 * rng.normal(size=(40, 4)))
    learned = KernelRidge(gamma=20, alpha=0.01).fit(x, x)
    opposite = 2 * learned.mean_ - x  # the kernel sees directions from the mean
    assert learned.variance(x).max() < 0.1
    assert learned.variance(x).mean() < learned.variance(opposite).mean() <= 1


def test_variance_refuses_as_transform_does(pairs):
    with pytest.raises(MindseyeError, match="call fit first"):
        KernelRidge().variance(np.ones((1, 3), np.float32))
    with pytest.raises(VectorError, match="3 numbers wide where 4"):
        KernelRidge().fit(*pairs).variance(np.ones((1, 3), np.float32))


def test_a_strong_elastic_net_leaves_inputs_out():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 6)).astype(np.float32)
    y = x[:, :2] @ rng.normal(size=(2, 3)).astype(np.float32)
    learned = ElasticNet(alpha=0.2, l1_ratio=1).fit(x, y)
    shifted = x.copy()
    shifted[:, 2:] += 1  # inputs that say nothing
    assert np.allclose(learned.transform(x), learned.transform(shifted), atol=1e-5)
    assert not np.allclose(learned.transform(x), learned.transform(2 * x), atol=0.1)


def test_principal_axes_are_those_along_which_rows_vary():
    rng = np.random.default_rng(0)
    centred = (rng.normal(size=(50, 2)) * [3, 1]) @ np.array([[0, 0.6, 0.8, 0], [1, 0, 0, 0]])
    axes = principal_axes(centred.astype(np.float32), 4)
    assert axes.shape == (2, 4)
    assert np.allclose(np.abs(axes[0]), [0, 0.6, 0.8, 0], atol=0.1)
    assert principal_axes(centred.astype(np.float32), 1).shape == (1, 4)
    assert principal_axes(np.zeros((3, 4), np.float32), 2).shape == (1, 4)


def test_the_tanh_network_bends_where_a_line_cannot():
    """The sign of a product is a matter of two inputs at once."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2)).astype(np.float32)
    same = (x[:, :1] * x[:, 1:] > 0).astype(np.float32)
    learned = TanhNetwork(hidden=8, decay=0).fit(x, np.hstack([same, 1 - same])).transform(x)
    assert ((learned[:, :1] > learned[:, 1:]) == (same > 0)).mean() > 0.9


def test_devise_keeps_the_margin_it_is_asked_for():
    x, words = unit(np.eye(4) + 0.1), np.eye(4, dtype=np.float32)
    scores = DeViSE(margin=0.1, steps=300, decay=0).fit(x, words).transform(x) @ words.T
    lead = np.diag(scores)[:, None] - scores
    assert lead[~np.eye(4, dtype=bool)].min() > 0.09


def test_conse_is_the_mixture_of_the_most_probable_classes():
    classes = np.eye(3, dtype=np.float32)
    conse = ConSE(np.eye(3, dtype=np.float32), np.zeros(3, np.float32), classes, top=2)
    features = np.array([[2.0, 1.0, 0.0]], np.float32)
    exponentials = np.exp([2.0, 1.0])
    expected = np.append(exponentials, 0) / np.linalg.norm(exponentials)
    assert np.allclose(conse.transform(features)[0], expected, atol=1e-6)
