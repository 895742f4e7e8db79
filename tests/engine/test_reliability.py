import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from mindseye.api.evaluation.reliability_diagram import plot_reliability
from mindseye.engine.evaluation.reliability import (
    Forecasts,
    brier,
    expected_calibration_error,
    prior_weights,
    reliability,
)


def test_each_kind_has_its_share_of_the_weight():
    weights = prior_weights(["shown"] * 2 + ["absent"] * 3 + ["random"] * 5)
    assert weights.sum() == pytest.approx(10)
    assert weights[:2].sum() == pytest.approx(5) and weights[2:5].sum() == pytest.approx(weights[5:].sum())
    assert prior_weights(["shown", "random", "random"]).tolist() == pytest.approx([2, 0.5, 0.5])


def test_calibration_error_against_known_answers():
    told, came = np.array([0.15, 0.15, 0.85, 0.85]), np.array([False, False, True, False])
    assert expected_calibration_error(told, came, np.ones(4)) == pytest.approx(0.5 * 0.15 + 0.5 * 0.35)
    assert expected_calibration_error(told, came, np.array([1, 1, 1, 0])) == pytest.approx(0.15)
    weight, mean, share = reliability(np.array([1.0]), np.array([True]), np.ones(1))
    assert weight.tolist() == [0] * 9 + [1] and mean[9] == share[9] == 1


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.floats(0.1, 5)), min_size=1, max_size=30))
def test_brier_is_scikit_learns(decisions):
    told, came, weights = (np.array(column) for column in zip(*decisions, strict=True))
    expected = brier_score_loss(came, told, sample_weight=weights, pos_label=True)
    assert brier(told, came, weights) == pytest.approx(expected)
    assert 0 <= expected_calibration_error(told, came, weights) <= 1 + 1e-9


def forecasts(seed: int = 0, bias: float = 0.0, n: int = 4000) -> Forecasts:
    rng = np.random.default_rng(seed)
    told = rng.random(n).astype(np.float32) * 0.8
    return Forecasts(told, rng.random(n) < told + bias, np.ones(n, np.float32), np.arange(n))


def test_intervals_hold_the_true_brier_score_and_tell_calibrated_from_biased():
    honest, biased = forecasts().figures(), forecasts(bias=0.2).figures()
    low, high = honest["brier_interval"]
    assert low < 0.4 - 0.64 / 3 < high and high - low < 0.03  # E[p (1 − p)] for p uniform on 0 to 0.8
    assert honest["expected_calibration_error"] < 0.03
    assert biased["expected_calibration_error_interval"][0] > honest["expected_calibration_error_interval"][1]
    assert forecasts().figures() == honest


def test_what_is_grouped_is_resampled_as_one():
    one = forecasts(n=400)
    grouped = Forecasts(one.probabilities, one.truths, one.weights, np.arange(400) // 200)
    widths = [np.diff(each.figures()["brier_interval"])[0] for each in (one, grouped)]
    assert widths[0] != widths[1]


def test_the_diagram_is_drawn(tmp_path):
    plot_reliability({"any_hit": forecasts(), "one_hit": forecasts(1, 0.1)}, tmp_path / "diagram.png")
    assert (tmp_path / "diagram.png").read_bytes().startswith(b"\x89PNG")
