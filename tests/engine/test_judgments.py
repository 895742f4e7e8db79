"""Statistics of forced choices by people, against values worked out by hand, published ones and scipy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from mindseye.engine.evaluation.judgments import (
    adjusted,
    agreement,
    confusion,
    crossed_interval,
    exact_p,
    krippendorff_alpha,
    proportion,
)

NONE = np.nan
# Krippendorff (2011), Computing Krippendorff's alpha-reliability, example C: four observers, twelve units, gaps.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
        [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
    ]
)


def test_exact_tests_are_sums_of_binomial_terms():
    assert exact_p(5, 5, 1 / 2) == pytest.approx(1 / 32)
    assert exact_p(4, 5, 1 / 2) == pytest.approx(6 / 32)
    assert exact_p(3, 3, 1 / 3) == pytest.approx(1 / 27)
    assert exact_p(2, 3, 1 / 3) == pytest.approx(7 / 27)
    assert exact_p(0, 4, 1 / 2) == 1 == exact_p(0, 0, 1 / 2)


def test_adjusted_p_values_are_those_of_benjamini_and_hochberg():
    # Sorted p times n / rank, from the largest down never growing: .04·4/4, .03·4/3 = .04, .02·4/2 = .04, .005·4 = .02
    assert adjusted([0.03, 0.005, 0.04, 0.02]) == pytest.approx([0.04, 0.02, 0.04, 0.04])
    assert adjusted([]) == []


def test_intervals_of_eight_of_ten():
    told = proportion(8, 10)
    assert told.share == 0.8
    # Wilson (1927): (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), z = 1.959964
    assert told.wilson == pytest.approx((0.490162, 0.943318), abs=1e-6)
    assert told.exact == pytest.approx((0.443905, 0.974789), abs=1e-6)  # Clopper & Pearson (1934), tables of F
    assert proportion(0, 0).wilson == (0, 1)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_hold_the_share_and_are_scipys(counts):
    right, judged = counts
    told = proportion(right, judged)
    for bounds, method in ((told.wilson, "wilson"), (told.exact, "exact")):
        expected = binomtest(right, judged).proportion_ci(method=method)
        assert bounds == pytest.approx((expected.low, expected.high))
        assert bounds[0] <= told.share + 1e-12 and told.share <= bounds[1] + 1e-12


def test_alpha_of_the_published_example():
    assert krippendorff_alpha(PUBLISHED) == pytest.approx(0.743, abs=5e-4)


def test_agreement_counts_pairs():
    answers = np.array([[1, 1, 0], [1, 0, 0], [1, 1, NONE]])  # pairs: 3 of 3, 1 of 3, 1 of 1
    assert agreement(answers) == pytest.approx(5 / 7)
    assert agreement(answers[:1]) is None
    # n = 8, five ones, three noughts; disagreement: item 2 has 2·1·2/(3−1) = 2; expected 64 − 25 − 9 = 30
    assert krippendorff_alpha(answers) == pytest.approx(1 - 7 * 2 / 30)


def test_alpha_is_not_told_where_it_is_not_defined():
    assert krippendorff_alpha(np.ones((3, 4))) is None
    assert krippendorff_alpha(np.full((3, 4), NONE)) is None
    assert krippendorff_alpha(np.array([[1.0, NONE], [NONE, 0.0]])) is None


def test_alpha_is_near_nought_for_guesses_and_one_for_perfect_agreement():
    rng = np.random.default_rng(0)
    assert abs(krippendorff_alpha(rng.integers(0, 2, (6, 2000)).astype(float))) < 0.02
    assert krippendorff_alpha(np.tile(rng.integers(0, 2, 20).astype(float), (4, 1))) == 1


def test_the_crossed_interval_is_wider_where_answers_hang_together():
    rng = np.random.default_rng(1)
    independent = (rng.random((20, 40)) < 0.7).astype(float)
    by_item = np.tile((rng.random(40) < 0.7).astype(float), (20, 1))  # everyone answers alike
    (low, high), (wide_low, wide_high) = crossed_interval(independent), crossed_interval(by_item)
    wilson = proportion(int(by_item.sum()), by_item.size).wilson
    assert low < independent.mean() < high and wide_low < by_item.mean() < wide_high
    assert wide_high - wide_low > 2 * (high - low) and wide_high - wide_low > 3 * (wilson[1] - wilson[0])
    # Items alone vary: a bootstrap of 40 items, whose standard error is √(p(1−p)/40).
    p = by_item.mean()
    assert wide_high - wide_low == pytest.approx(2 * 1.96 * np.sqrt(p * (1 - p) / 40), rel=0.1)
    assert crossed_interval(by_item) == crossed_interval(by_item)


def test_the_crossed_interval_takes_no_part_of_what_was_not_asked():
    answers = np.tile([1.0, 1, 0, 1, 0, NONE], (7, 1))
    answers[5:] = NONE
    assert crossed_interval(answers) == crossed_interval(answers[:5, :5])
    low, high = crossed_interval(answers)
    assert 0 <= low < 0.6 < high <= 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (4, 40), (40, 4), (2, 2)])
def test_of_few_raters_or_items_no_crossed_interval_is_told(shape):
    answers = np.ones(shape)
    answers[0, 0] = 0
    assert crossed_interval(answers) is None
    unasked = np.full((50, 50), NONE)  # who answered nothing makes no rater more
    unasked[: shape[0], : shape[1]] = answers
    assert crossed_interval(unasked) is None


@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_where_all_answers_are_equal_no_crossed_interval_is_told(answer):
    assert crossed_interval(np.full((12, 30), answer)) is None


def test_the_interval_that_is_told_holds_both():
    assert proportion(1, 1).interval == pytest.approx((0.025, 1))  # Clopper & Pearson: (α/2)^(1/n)
    assert proportion(8, 8).interval == pytest.approx((0.025 ** (1 / 8), 1))
    exact = proportion(8, 10).exact
    assert proportion(8, 10, (0.3, 0.9)).interval == (0.3, exact[1])
    assert proportion(8, 10, (0.5, 1.0)).interval == (exact[0], 1.0)
    assert proportion(8, 10, (0.6, 0.9)).interval == exact


def test_confusion_counts_what_was_taken_for_what():
    assert confusion([0, 0, 1, 2], [0, 1, 1, 0], 3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]
