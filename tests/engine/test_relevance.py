import json
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindseye.engine.decision.match import Background
from mindseye.engine.decision.relevance import FEATURES, PAIRS, SIGNS, Evidence, Relevance, Scores, relevance, standing

BANK = Scores(*np.array([[[0.1, 0.5], [0.2, 0.3]]] * 3, np.float32))


def background():
    tops = np.linspace(0, 1, 101, dtype=np.float32)
    return Background(tops, tops)


def evidence(semantic=(0.5, 0.9), visual=(0.9, 0.5), best=1.0, knowledge=0.4, items=99, background=None):
    halves = np.array([semantic], np.float32), np.array([visual], np.float32)
    scores = Scores(*halves, 0.6 * halves[0] + 0.8 * halves[1])
    return Evidence.of(scores, BANK, best=best, knowledge=knowledge, items=items, background=background)


def column(told, name):
    return told.features[:, FEATURES.index(name)]


def test_scores_by_halves_and_as_weighted():
    queries, hits = np.array([[1, 0, 0, 1]], np.float32), np.array([[0.6, 0.8, 0, 1], [0, 1, 1, 0]], np.float32)
    scores = Scores.of(queries, hits, 2, (0.6, 0.8))
    assert scores.semantic == pytest.approx(np.array([[0.6, 0]])) and scores.visual == pytest.approx(np.array([[1, 0]]))
    assert scores.combined == pytest.approx(np.array([[0.36 + 0.8, 0]]))


def test_features_of_hits():
    told, one = evidence(background=background()), np.log(2)  # ratios of 1, compressed
    assert column(told, "semantic_ratio") == pytest.approx([0, one * 0 + np.log1p(1)], abs=1e-6)
    assert column(told, "visual_ratio") == pytest.approx([one, 0], abs=1e-6)
    assert column(told, "known_look") == pytest.approx([0.4 * one, 0], abs=1e-6)
    assert column(told, "gap") == pytest.approx([1 - 1.02, 1 - 0.94], abs=1e-6)
    assert column(told, "items") == pytest.approx(np.log([100, 100]), abs=1e-6)
    assert column(told, "knowledge") == pytest.approx([0.4, 0.4])
    assert column(told, "rank") == pytest.approx([0, 0]) and column(told, "semantic") == pytest.approx(
        -np.log([0.55, 0.15])
    )


def test_no_library_counts_as_larger_than_those_that_were_fitted():
    coefficients = tuple(-1.0 if name == "items" else 0.0 for name in FEATURES)
    model = Relevance(0, coefficients, 6000)
    assert model.probability(evidence(items=5000)) == pytest.approx([1 / 5002] * 2)
    assert model.probability(evidence(items=10**6)) == pytest.approx([1 / 6002] * 2)


def test_a_hit_that_common_words_mean_more_ranks_lower():
    assert column(evidence(semantic=(0.15, 0.2)), "rank") == pytest.approx(np.log([2, 3]))


def test_among_words_nothing_is_compared_with_the_banks_top_scores():
    told = evidence()
    assert not any(column(told, name).any() for name in ("semantic_ratio", "visual_ratio", "known_look"))


def test_standing_is_nought_at_the_usual_word_and_one_at_the_best_in_a_hundred():
    bank = np.repeat(np.linspace(0, 1, 101, dtype=np.float32)[:, None], 3, axis=1)
    assert standing(np.array([0.5, 0.99, 1.0], np.float32), bank) == pytest.approx([0, 1, 0.5 / 0.49], abs=1e-4)


def test_every_pair_but_text_to_image_has_its_own_logistic():
    told = json.loads((files("mindseye.engine.decision") / "relevance.json").read_text(encoding="utf-8"))
    assert set(told["models"]) == set(told["held_out"]) == {" ".join(pair) for pair in PAIRS}
    assert all(set(model) == {"intercept", *FEATURES, "largest"} for model in told["models"].values())
    assert told["fitted"]["command"].startswith("mindseye evaluate relevance --images ")
    assert relevance("text", "image") is None and relevance("image", "sound") is None
    model = told["models"]["text paragraph"]
    told_of = tuple(model[name] for name in FEATURES)
    assert relevance("text", "paragraph") == Relevance(model["intercept"], told_of, model["largest"])


@pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
def test_nothing_that_speaks_for_a_hit_lowers_its_probability(pair):
    model = relevance(*pair)
    signed = dict(zip(FEATURES, model.coefficients, strict=True))
    assert all(signed[name] * sign >= 0 for name, sign in SIGNS.items())
    assert any(signed[name] for name in SIGNS)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(PAIRS), st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=5),
    st.floats(0, 1), st.integers(1, 10**7),
)  # fmt: skip
def test_probabilities_are_probabilities(pair, halves, knowledge, items):
    semantic, visual = np.array(halves, np.float32).T[:, None]
    bank = Scores(*np.random.default_rng(0).uniform(-1, 1, (3, 20, len(halves))).astype(np.float32))
    scores = Scores(semantic, visual, (semantic + visual) / 2)
    known = None if pair[1] == "word" else background()
    told = Evidence.of(scores, bank, best=1.0, knowledge=knowledge, items=items, background=known)
    probabilities = relevance(*pair).probability(told)
    assert probabilities.shape == (len(halves),) and np.isfinite(probabilities).all()
    assert (probabilities >= 0).all() and (probabilities <= 1).all()


@pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
def test_a_higher_cosine_is_never_less_probable(pair):
    known = None if pair[1] == "word" else background()
    rising = np.linspace(-1, 1, 41)
    for halves in ((rising, np.zeros(41)), (np.zeros(41), rising)):
        semantic, visual = np.array(halves, np.float32)[:, None]
        bank = Scores(*np.random.default_rng(0).uniform(-1, 1, (3, 20, 1)).astype(np.float32).repeat(41, axis=2))
        scores = Scores(semantic, visual, (semantic + visual) / 2)
        told = Evidence.of(scores, bank, best=1.0, knowledge=0.3, items=1000, background=known)
        assert (np.diff(relevance(*pair).probability(told)) >= -1e-6).all()
