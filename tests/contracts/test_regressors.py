"""What every regressor must do: one suite over all mappings of the literature."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindseye.engine.errors import MindseyeError, VectorError
from mindseye.engine.mapping import CCA, PLS, DeViSE, ElasticNet, KernelRidge, Ridge, TanhNetwork
from mindseye.engine.vectors import unit

WIDTHS = 6, 9  # of inputs and outputs
MAKERS = {
    "ridge": lambda: Ridge(alpha=1e-3),
    "elastic_net": lambda: ElasticNet(alpha=1e-4),
    "elastic_net_reduced": lambda: ElasticNet(alpha=1e-4, directions=6),
    "kernel_ridge": lambda: KernelRidge(gamma=0.5, alpha=1e-3),
    "cca": lambda: CCA(components=6),
    "pls": lambda: PLS(components=6),
    "tanh_network": lambda: TanhNetwork(hidden=12, decay=1e-6, steps=60),
    "devise": lambda: DeViSE(violators=30, steps=150, rate=0.05, decay=1e-6),
}
EXACT = {"ridge", "elastic_net", "elastic_net_reduced", "cca", "pls"}  # linear, by least squares
everyone = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def linear_pairs(seed=0, n=150):
    """Pairs of a known linear map of rank 6, inputs about the origin."""
    rng = np.random.default_rng(seed)
    x = unit(rng.normal(size=(n, WIDTHS[0])))
    return x, (x @ rng.normal(size=WIDTHS) + 0.3).astype(np.float32)


@everyone
def test_fit_returns_itself_and_predicts_what_was_left_out(make):
    x, y = linear_pairs()
    regressor = make()
    assert regressor.fit(x[:120], y[:120]) is regressor
    predicted, mean = regressor.transform(x[120:]), y[:120].mean(axis=0, keepdims=True)
    right = (unit(predicted) @ unit(y[120:]).T).argmax(axis=1) == np.arange(30)
    by_mean = (unit(np.repeat(mean, 30, axis=0)) @ unit(y[120:]).T).argmax(axis=1) == np.arange(30)
    assert right.mean() > 0.8 > by_mean.mean() + 0.5


@pytest.mark.parametrize("name", sorted(EXACT))
def test_a_linear_method_recovers_a_linear_map(name):
    x, y = linear_pairs()
    predicted = MAKERS[name]().fit(x[:120], y[:120]).transform(x[120:])
    assert np.abs(predicted - y[120:]).max() < 0.02


@pytest.mark.parametrize("name", sorted(set(MAKERS) - EXACT))
def test_the_others_point_the_same_way_as_a_linear_map(name):
    x, y = linear_pairs()
    cosines = (unit(MAKERS[name]().fit(x[:120], y[:120]).transform(x[120:])) * unit(y[120:])).sum(axis=1)
    mean = (unit(y[:120].mean(axis=0, keepdims=True)) * unit(y[120:])).sum(axis=1)
    assert cosines.mean() > 0.75 > mean.mean() + 0.2


@everyone
@settings(max_examples=8, deadline=None)
@given(n=st.integers(3, 20), p=st.integers(1, 8), q=st.integers(1, 8), m=st.integers(1, 4), seed=st.integers(0, 99))
def test_any_shape_gives_finite_contract_rows_and_inputs_stay_as_they_were(make, n, p, q, m, seed):
    rng = np.random.default_rng(seed)
    x, y, asked = (rng.normal(size=shape).astype(np.float32) for shape in ((n, p), (n, q), (m, p)))
    kept = x.copy(), y.copy(), asked.copy()
    predicted = make().fit(x, y).transform(asked)
    assert predicted.shape == (m, q) and predicted.dtype == np.float32 and predicted.flags.c_contiguous
    assert np.isfinite(predicted).all()
    assert all(np.array_equal(*pair) for pair in zip(kept, (x, y, asked), strict=True))


@everyone
def test_it_is_deterministic_and_rows_do_not_depend_on_each_other(make):
    x, y = linear_pairs()
    first, second = make().fit(x, y), make().fit(x, y)
    assert np.array_equal(first.transform(x), second.transform(x))
    assert np.allclose(first.transform(x[7:8]), first.transform(x)[7:8], atol=1e-5)


@everyone
def test_a_refit_forgets(make):
    (x, y), (other_x, other_y) = linear_pairs(), linear_pairs(seed=1, n=80)
    again = make().fit(other_x[:, :4], other_y[:, :3]).fit(x, y)
    assert np.array_equal(again.transform(x), make().fit(x, y).transform(x))


@everyone
def test_it_wants_to_be_fitted_first(make):
    with pytest.raises(MindseyeError, match="call fit first"):
        make().transform(np.ones((1, WIDTHS[0]), np.float32))


@everyone
def test_what_cannot_be_learned_or_mapped_is_refused_by_name(make):
    x, y = linear_pairs(n=20)
    with pytest.raises(VectorError, match="20 inputs cannot be paired with 19"):
        make().fit(x, y[:19])
    with pytest.raises(VectorError, match="0 inputs"):
        make().fit(x[:0], y[:0])
    with pytest.raises(VectorError, match="shape"):
        make().fit(x, y[:, 0])
    for bad in (np.nan, np.inf):
        holed = x.copy()
        holed[3, 1] = bad
        with pytest.raises(VectorError, match="not finite, the first in row 3"):
            make().fit(holed, y)
    fitted = make().fit(x, y)
    with pytest.raises(VectorError, match="5 numbers wide where 6"):
        fitted.transform(x[:, :5])
    with pytest.raises(VectorError, match="not finite"):
        fitted.transform(np.full((1, WIDTHS[0]), np.nan, np.float32))


@pytest.mark.parametrize("make", [TanhNetwork, DeViSE])
def test_a_seed_names_one_of_many_runs(make):
    x, y = linear_pairs(n=40)
    runs = [make(steps=5, seed=seed).fit(x, y).transform(x) for seed in (0, 0, 1)]
    assert np.array_equal(runs[0], runs[1]) and not np.allclose(runs[0], runs[2], atol=1e-4)


@everyone
def test_inputs_that_are_all_alike_are_refused(make):
    x, y = linear_pairs(n=4)
    for alike in (x[:1], np.repeat(x[:1], 4, axis=0)):
        with pytest.raises(VectorError, match="all inputs are alike"):
            make().fit(alike, y[: len(alike)])


@pytest.mark.parametrize("name", sorted(set(MAKERS) - {"devise"}))  # it learns from wrong outputs, and here are none
def test_outputs_that_are_all_alike_are_learned(name):
    x, y = linear_pairs(n=4)
    constant = MAKERS[name]().fit(x, np.repeat(y[:1], 4, axis=0)).transform(x)
    assert (unit(constant) @ unit(y[:1]).T).min() > 0.99
