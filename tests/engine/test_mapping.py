"""The contract of the regressors, and ConSE against its formula."""

import numpy as np
import pytest

from mindseye.engine.errors import MindseyeError
from mindseye.engine.mapping import ConSE, KernelRidge, Ridge
from mindseye.engine.vectors import unit

REGRESSORS = {"ridge": lambda: Ridge(alpha=1e-3), "kernel_ridge": lambda: KernelRidge(alpha=1e-3)}


@pytest.fixture(params=REGRESSORS, ids=str)
def regressor(request):
    return REGRESSORS[request.param]()


@pytest.fixture(scope="module")
def pairs():
    """Smooth pairs that both a linear and a kernel method can learn."""
    rng = np.random.default_rng(0)
    x = unit(rng.normal(size=(300, 8)))
    return x, (x @ rng.normal(size=(8, 5))).astype(np.float32)


def test_fit_returns_itself_and_learns_what_can_be_learned(regressor, pairs):
    x, y = pairs
    assert regressor.fit(x[:250], y[:250]) is regressor
    predicted = regressor.transform(x[250:])
    assert predicted.shape == (50, 5) and predicted.dtype == np.float32
    nearest = (unit(predicted) @ unit(y[250:]).T).argmax(axis=1)
    assert (nearest == np.arange(50)).mean() > 0.9


def test_it_is_deterministic_and_leaves_its_inputs_alone(regressor, pairs):
    x, y = pairs
    before = x.copy(), y.copy()
    first = regressor.fit(x, y).transform(x[:3])
    assert np.array_equal(first, regressor.fit(x, y).transform(x[:3]))
    assert np.array_equal(before[0], x) and np.array_equal(before[1], y)


def test_kernel_ridge_knows_less_the_farther_it_looks(pairs):
    x, y = pairs
    learned = KernelRidge(gamma=10).fit(x[:, :4], y)
    near, far = learned.transform(x[:5, :4]), learned.transform(-10 * x[:5, :4].mean(0, keepdims=True))
    assert np.linalg.norm(near, axis=1).mean() > np.linalg.norm(far, axis=1).mean()


def test_kernel_ridge_wants_to_be_fitted_first():
    with pytest.raises(MindseyeError, match="call fit first"):
        KernelRidge().transform(np.ones((1, 3), np.float32))


def test_conse_is_the_mixture_of_the_most_probable_classes():
    classes = np.eye(3, dtype=np.float32)
    conse = ConSE(np.eye(3, dtype=np.float32), np.zeros(3, np.float32), classes, top=2)
    features = np.array([[2.0, 1.0, 0.0]], np.float32)
    exponentials = np.exp([2.0, 1.0])
    expected = np.append(exponentials, 0) / np.linalg.norm(exponentials)
    assert np.allclose(conse.transform(features)[0], expected, atol=1e-6)
