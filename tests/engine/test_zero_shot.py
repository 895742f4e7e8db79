"""The zero-shot protocol on a world small enough to know the answers."""

from dataclasses import replace
from functools import cached_property

import numpy as np
import pytest

from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.engine.evaluation import zero_shot
from mindseye.engine.evaluation.baselines import GLOVE, MINILM, conse
from mindseye.engine.evaluation.hierarchy import hierarchical_precision, hops
from mindseye.engine.evaluation.metrics import mean_of
from mindseye.engine.evaluation.zero_shot import Mapped, Pictures, Split, folds, measure
from mindseye.engine.mapping.crossmodal import CrossModal
from mindseye.engine.text.wordnet import WordNet
from mindseye.engine.vectors import unit

WIDTH = 24


@pytest.fixture(scope="module")
def world():
    """1,000 classes whose looks are a linear map of their words, and a noisy picture of each."""
    rng = np.random.default_rng(0)
    words = unit(rng.normal(size=(1000, 10)))
    weights = (words @ rng.normal(size=(10, WIDTH))).astype(np.float32)
    features = (weights + 0.2 * rng.normal(size=weights.shape)).astype(np.float32)
    zeros = np.zeros(WIDTH, np.float32)
    learned = CrossModal.fit(words[None, :30], weights[:30], np.zeros(30, np.float32), zeros)
    head = {"weights": 5 * weights, "bias": np.zeros(1000, np.float32), "feature_mean": weights.mean(axis=0)}
    return words, Pictures(features, np.arange(1000)), replace(learned, **head)


def unused(classes):
    raise AssertionError("no baseline needs the fitted space")


@pytest.fixture
def split(world):
    return Split(0, world[1], world[2], unused)


def test_folds_hold_out_what_the_design_says():
    for seed, (known, held_out) in enumerate(folds()):
        assert held_out.tolist() == sorted(np.random.default_rng(seed).permutation(1000)[:200].tolist())
        assert sorted([*known, *held_out]) == list(range(1000))


@pytest.mark.parametrize("name", GLOVE)
def test_every_baseline_learns_a_linear_world(name, world, split):
    figures = measure(split, GLOVE[name](split, world[0], world[0]))
    assert figures["hit_at_1"] > 0.03  # chance is 0.005
    assert figures["hit_at_1"] <= figures["hit_at_5"] <= figures["hit_at_20"]
    assert figures["hit_at_20"] > 0.3 and figures["seconds_to_fit"] > 0
    assert figures["generalised"]["hit_at_1"] <= figures["hit_at_1"]


def test_both_blocks_hold_the_same_methods():
    assert list(GLOVE) == list(MINILM)
    assert {"ridge_word_to_visual", "ridge_visual_to_word", "elastic_net", "kernel_ridge"} < set(GLOVE)
    assert {"cca", "pls", "tanh_network", "devise"} < set(GLOVE)


def test_methods_learn_from_known_classes_alone(world):
    """Words and classifier rows of the classes held out may be anything."""
    words, pictures, learned = world
    held_out = folds()[0][1]
    spoilt, other = words.copy(), learned.weights.copy()
    spoilt[held_out], other[held_out] = 1, 1
    clean = Split(0, pictures, learned, unused)
    blind = Split(0, pictures, replace(learned, weights=other), unused)
    for method in (GLOVE["ridge_word_to_visual"], GLOVE["ridge_visual_to_word"], conse):
        expected, found = method(clean, words, words), method(blind, spoilt, words)
        assert np.array_equal(expected.pictures, found.pictures) and np.array_equal(expected.words, found.words)
    assert np.array_equal(clean.posteriors, blind.posteriors) and clean.posteriors.shape == (1000, 800)


def test_a_perfect_method_is_always_right_and_novelty_splits_what_it_is_told(split):
    eye = np.eye(1000, dtype=np.float32)
    figures = measure(split, Mapped.of(eye, eye, 0.5))
    assert all(figures[f"hit_at_{k}"] == figures["generalised"][f"hit_at_{k}"] == 1 for k in (1, 2, 5, 10, 20))
    assert figures["seconds_to_fit"] == 0.5
    plain = figures["generalised"]["without_novelty"]
    assert plain == {"seen": 1, "unseen": 1, "harmonic_mean": 1}
    assert set(figures["corrections"]) == {"z", "csls", "centred"}


def test_seen_words_take_unseen_pictures_and_novelty_gives_them_back(split):
    """Pictures of new classes lie off the plane of the seen ones, though nearest to a seen word."""
    rng = np.random.default_rng(0)
    known, held_out = split.classes
    words = unit(rng.normal(size=(1000, 40)))
    pictures = words.copy()
    pictures[held_out] = unit(words[held_out] + 1.2 * words[known][:200])
    pictures[known] = unit(words[known] + 0.02 * rng.normal(size=(800, 40)))
    generalised = measure(split, Mapped.of(pictures, words, 0))["generalised"]
    gaussian, plain = generalised["novelty_gaussian"], generalised["without_novelty"]
    assert plain["unseen"] == 0 and plain["seen"] == 1
    assert gaussian["unseen"] > 0.9 and gaussian["harmonic_mean"] > 0.5
    shares = gaussian["seen"], gaussian["unseen"]
    assert gaussian["harmonic_mean"] == pytest.approx(2 * shares[0] * shares[1] / sum(shares))


def test_a_correction_takes_a_hub_down(split):
    rng = np.random.default_rng(0)
    words = unit(rng.normal(size=(1000, 40)))
    hub = np.zeros(40, np.float32)
    hub[0] = 1
    pictures = unit(words + 0.1 * rng.normal(size=words.shape) + 1.2 * hub)
    words[split.classes[1][7]] = hub  # near every picture
    figures = measure(split, Mapped.of(pictures, words, 0))
    for name in ("z", "csls"):
        assert figures["corrections"][name]["hit_at_1"] > figures["hit_at_1"] + 0.3


def test_few_pictures_leave_out_what_they_cannot_tell(world):
    words, pictures, learned = world
    few = np.concatenate([folds()[0][1][:30], folds()[0][0][: zero_shot.FEWEST_SEEN - 1]])
    small = Split(0, Pictures(pictures.features[few], pictures.labels[few]), learned, unused)
    figures = measure(small, conse(small, words, words))
    assert "corrections" not in figures and set(figures["generalised"]) == {f"hit_at_{k}" for k in (1, 2, 5, 10, 20)}


def test_pictures_of_known_classes_alone_are_refused(world):
    seen = folds()[0][0]
    with pytest.raises(UsageError, match="no picture shows a class that split 0 holds out"):
        Split(0, Pictures(world[1].features[seen], seen), world[2], unused)


class Tree(WordNet):
    """thing → animal → (cat, dog), thing → tool → saw."""

    def __init__(self):
        pass

    @cached_property
    def _parents(self):
        return {"thing": (), "animal": ("thing",), "tool": ("thing",), "cat": ("animal",), "dog": ("animal",),
                "saw": ("tool",)}  # fmt: skip


def test_hops_count_steps_up_and_down():
    assert hops(Tree(), ["cat", "dog", "saw", "animal"]).tolist() == [
        [0, 2, 4, 1],
        [2, 0, 4, 1],
        [4, 4, 0, 3],
        [1, 1, 3, 0],
    ]
    with pytest.raises(NotFoundError, match="no noun synset unicorn"):
        hops(Tree(), ["cat", "unicorn"])


def test_hierarchical_precision_forgives_the_near():
    steps = hops(Tree(), ["cat", "dog", "saw"])
    scores = np.array([[1, 3, 2], [3, 2, 1]], np.float32)  # dog, saw, cat for a cat; cat, dog, saw for a dog
    figures = hierarchical_precision(scores, np.array([0, 1]), steps, (1, 2, 3, 9))
    assert figures == pytest.approx(
        {
            "hierarchical_precision_at_1": 0,
            "hierarchical_precision_at_2": (1 / 2 + 1) / 2,
            "hierarchical_precision_at_3": 1,
        }
    )


def test_candidates_at_the_same_distance_all_count():
    steps = np.array([[0, 2, 2], [2, 0, 2], [2, 2, 0]])
    figures = hierarchical_precision(np.array([[0, 1, 2]], np.float32), np.array([0]), steps, (2,))
    assert figures == {"hierarchical_precision_at_2": 1}


def test_means_nest():
    assert mean_of([{"a": 1, "b": {"c": 0}}, {"a": 2, "b": {"c": 1}}]) == {"a": 1.5, "b": {"c": 0.5}}
