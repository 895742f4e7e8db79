import json
from importlib.resources import files

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from mindseye.engine.decision.bank import SIZE, bank_words
from mindseye.engine.decision.match import FEATURES, Background, Calibration, against_bank, ratios_told, shipped
from mindseye.engine.evaluation.metrics import auroc, average_precision, hits_at, precision_at
from mindseye.engine.text.lexicon import Lexicon


def background(scale=1.0):
    tops = np.linspace(0, 1, 101, dtype=np.float32) * scale
    return Background(tops, tops)


def test_ratios_are_zero_at_the_usual_word_and_one_at_the_best_in_ten():
    features = background().hit_features([0.5, 0.9], [0.9, 0.5], 0.4, [0.1, -0.1], [0.0, 2.0])
    one = np.log(2)  # compressed
    expected = np.array([[0, one, 0.4, 0.4 * one, 0.1, 0], [one, 0, 0.4, 0, -0.1, 2]])
    assert features == pytest.approx(expected, abs=1e-6)
    assert ratios_told(features[0]) == pytest.approx((0, 1), abs=1e-6)


def test_a_list_has_the_best_of_what_its_first_hits_say():
    hits = background().hit_features(*np.zeros((2, 12)), 0.4, np.arange(12), 20 - np.arange(12))
    features = background().list_features(0.9, 0.5, hits)
    assert features[0] == pytest.approx([np.log(2), 0, 0.4, 0, 9, 11], abs=1e-6)  # the first ten, not all twelve


def test_margin_and_rank_against_the_bank():
    bank = np.array([[0.1, 0.9], [0.3, 0.2], [0.2, 0.8]], np.float32)
    margin, rank = against_bank(np.array([0.25, 0.1]), np.array([0.5, 0.5]), bank, bank)
    assert margin == pytest.approx([0.2, -0.4]) and rank == pytest.approx(np.log([2, 4]))


def test_a_library_of_higher_scores_asks_for_more():
    easy, hard = (background(s).hit_features([0.9], [0.9], 0.4, [0.0], [0.0]) for s in (1.0, 2.0))
    assert shipped().any_hit.probability(easy) > shipped().any_hit.probability(hard)


def test_the_shipped_calibration_is_a_fitted_one():
    told = json.loads((files("mindseye.engine.decision") / "calibration.json").read_text())
    assert told["fitted"]["decisions"] >= 2000 and told["fitted"]["command"].startswith("mindseye evaluate calibrate")
    assert set(told["models"]["any_hit"]) == {"intercept", *FEATURES}
    assert Calibration.from_dict(told["models"]) == shipped()


def test_probability_rises_with_both_halves():
    scores = np.linspace(0.5, 0.9, 4)
    grid = background().hit_features(scores, scores, 0.4, np.zeros(4), np.zeros(4))
    for model in (shipped().any_hit, shipped().one_hit):
        p = model.probability(grid)
        assert (np.diff(p) > 0).all() and p.min() > 0 and p.max() < 1


def test_an_empty_library_is_known_as_such():
    nothing = np.full(3, -np.inf, np.float32)
    assert Background(nothing, nothing).empty and not background().empty


def test_the_bank_is_common_single_words_always_the_same():
    lexicon = Lexicon()
    words = bank_words(lexicon)
    assert len(words) == len(set(words)) == SIZE and words == bank_words(lexicon)
    assert all(" " not in word and word in lexicon for word in words)


def test_metrics_against_known_answers():
    assert average_precision([True, False, True], 2) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([False, False], 1) == 0
    rng = np.random.default_rng(0)
    relevant = rng.random(50) < 0.3
    expected = average_precision_score(relevant, -np.arange(50))
    assert average_precision(relevant.tolist(), int(relevant.sum())) == pytest.approx(expected)
    assert precision_at([True, False, True, True], 2) == 0.5
    assert auroc([0.9, 0.8], [0.1, 0.8]) == pytest.approx(0.875)
    scores = np.array([[3, 2, 1], [1, 2, 3], [1, 1, 0]], np.float32)
    figures = hits_at(scores, np.array([0, 0, 0]), (1, 2, 3))
    assert figures == pytest.approx({"hit_at_1": 1 / 3, "hit_at_2": 2 / 3, "hit_at_3": 1.0})
