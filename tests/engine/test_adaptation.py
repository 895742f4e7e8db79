"""Classes joined to a fitted space, against exact oracles and on planted pictures."""

from dataclasses import replace

import numpy as np
import pytest

from mindseye.engine.adaptation import adapt, why_kept_back
from mindseye.engine.errors import UsageError
from mindseye.engine.held_out import Figures, ToldApart
from mindseye.engine.mapping.adapt import Method, OwnClasses, class_means, learn_classes, pseudo_pictures
from mindseye.engine.mapping.crossmodal import CrossModal
from mindseye.engine.mapping.extension import Extension
from mindseye.engine.meanings import Meanings
from mindseye.engine.pairs import FOLDS, Pairs, one_each
from mindseye.engine.space import JointSpace, Traits
from mindseye.engine.vectors import unit

CLASSES, WIDTH, TEXT = 60, 40, 24


@pytest.fixture(scope="module")
def learned() -> CrossModal:
    rng = np.random.default_rng(0)
    views = unit(rng.normal(size=(2 * CLASSES, TEXT))).reshape(2, CLASSES, TEXT)
    weights = rng.normal(size=(CLASSES, WIDTH)).astype(np.float32)
    return CrossModal.fit(views, weights, np.zeros(CLASSES, np.float32), rng.random(WIDTH).astype(np.float32))


def planted(learned: CrossModal, classes: int, each: int, seed: int = 1) -> Pairs:
    """Pictures in tight bunches far from every ImageNet class, and a text for each bunch."""
    rng = np.random.default_rng(seed)
    centres, labels = 6 * unit(rng.normal(size=(classes, WIDTH))), np.repeat(np.arange(classes), each)
    features = learned.feature_mean + centres[labels] + 0.4 * rng.normal(size=(len(labels), WIDTH))
    texts = unit(rng.normal(size=(classes, TEXT)))
    numbers = np.arange(classes)
    return Pairs(features.astype(np.float32), one_each(labels), texts, numbers, Meanings.plain(texts), numbers)


def own_classes(learned: CrossModal, pairs: Pairs) -> OwnClasses:
    return learn_classes(learned, pairs.texts, pairs.text_classes, pairs.features, pairs.shown, Method())


@pytest.mark.parametrize("to_imagine", [False, True])
def test_joining_texts_is_the_same_as_solving_for_all_of_them(learned, to_imagine):
    pairs = planted(learned, 3, 5)
    chosen = np.array([True, False, True])
    two, _ = pairs.without(np.array([1]), np.zeros(len(pairs.features), dtype=bool))
    joined = Extension(learned, pairs.texts).extended(own_classes(learned, two), chosen)
    anchors, ridge = joined.anchors.astype(np.float64), joined.ridges[to_imagine]
    assert len(anchors) == 2 * CLASSES + 2
    truths = np.zeros((len(anchors), CLASSES + 2))
    truths[: 2 * CLASSES, :CLASSES] = np.tile(np.eye(CLASSES), (2, 1))
    truths[2 * CLASSES :, CLASSES:] = np.eye(2)
    kernel = np.exp(-2 * ridge.gamma * (1 - anchors @ anchors.T)) + ridge.alpha * np.eye(len(anchors))
    assert np.allclose(ridge.coefficients_, np.linalg.solve(kernel, truths), atol=2e-4)


@pytest.mark.parametrize("method", [Method("ridge", 0.1), Method("mean", 0.0)])
def test_a_class_is_found_by_its_text_and_its_pictures_mean_it(learned, method):
    pairs = planted(learned, 4, 12)
    own = learn_classes(learned, pairs.texts, pairs.text_classes, pairs.features, pairs.shown, method)
    joined = Extension(learned, pairs.texts).extended(own, np.full(4, True))
    pictures, asked = joined.image_rows(pairs.features), joined.text_rows(Meanings.plain(pairs.texts))[0]
    for half in (slice(0, TEXT), slice(TEXT, None)):
        assert ((pictures[:, half] @ asked[:, half].T).argmax(axis=1) == pairs.shown.argmax(axis=1)).all()


def test_pseudo_pictures_keep_their_classes(learned):
    """What stands for ImageNet's photographs is seldom taken for one of the user's classes."""
    pairs = planted(learned, 4, 12)
    joined = Extension(learned, pairs.texts).extended(own_classes(learned, pairs), np.full(4, True))
    pseudo = pseudo_pictures(learned, 6.0, seed=5)
    assert joined.posteriors(pseudo)[:, CLASSES:].sum(axis=1).mean() < 0.05
    assert (joined.posteriors(pairs.features)[:, CLASSES:].argmax(axis=1) == pairs.shown.argmax(axis=1)).all()


def test_another_network_sees_own_classes_as_mixtures_of_known_ones(learned):
    pairs = planted(learned, 2, 6)
    own = replace(own_classes(learned, pairs), likeness=np.eye(2, CLASSES, dtype=np.float32))
    joined = Extension(learned, pairs.texts).extended(own, np.full(2, True))
    coordinates = np.zeros((2, CLASSES + 2), np.float32)
    coordinates[:, CLASSES:] = np.eye(2)
    other = np.random.default_rng(3).normal(size=(CLASSES, 7)).astype(np.float32)
    assert np.allclose(joined.visual(coordinates, other), unit(other - other.mean(axis=0))[:2], atol=1e-6)
    assert np.allclose(joined.visual(coordinates), own.prototypes, atol=1e-6)


def test_class_means():
    values = np.array([[1, 0], [3, 0], [0, 5]], np.float32)
    assert class_means(values, one_each(np.array([0, 0, 1]))).tolist() == [[2, 0], [0, 5]]


class _Text:
    width, fingerprint, runtime = TEXT, "text", None


class _Picture:
    width, fingerprint = WIDTH, "picture"


@pytest.fixture(scope="module")
def space(learned):
    return JointSpace(_Text(), _Picture(), None, learned, None, encoder="e", mapping="m")


def test_a_fit_that_helps_is_taken_and_names_what_it_learned(space, learned):
    pairs, told = planted(learned, 6, 12), []
    fit = adapt(space, pairs, tuple("abcdef"), 0, lambda *done: told.append(done))
    assert fit.reason == "" and fit.space is not None and told[-1] == (FOLDS + 1, FOLDS + 1)
    assert fit.after.fitted > 0.9 > fit.before.fitted and fit.after.known >= fit.before.known - 0.01
    assert fit.space.encoder == "e" and fit.space.mapping not in ("m", "")
    assert fit.space.traits == Traits(words=tuple("abcdef"), calibrated=False, weights=fit.weights)
    again = adapt(space, pairs, tuple("abcdef"), 0, lambda *done: None)
    assert again.space.mapping == fit.space.mapping


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (Figures(0.9, 0.3, 0.95), ""),
        (Figures(0.2, 0.3, 0.95), "does not help"),
        (Figures(0.99, 0.9, 0.93), "would forget"),
        (Figures(0.25, 0.2, 0.95), "does not help"),
    ],
)
def test_when_a_fit_is_kept_back(after, reason):
    told = why_kept_back(Figures(0.2, 0.3, 0.95), after)
    assert reason in told if reason else told == ""


def test_words_drawn_at_random_are_kept_back_and_right_ones_are_not(space, learned):
    """Pictures far from ImageNet's are told from its pseudo-pictures whatever they are called: that is no success."""
    right = planted(learned, 3, 30)
    drawn = replace(right, shown=right.shown[np.random.default_rng(5).permutation(90)])
    fits = [adapt(space, each, tuple("abc"), 0, lambda *done: None) for each in (right, drawn)]
    assert all(fit.after.fitted > 2 * fit.before.fitted for fit in fits)
    assert fits[0].space is not None and fits[0].told_apart.after > 0.95 and fits[0].told_apart.p < 0.01
    assert fits[1].space is None and "told apart no better than chance" in fits[1].reason
    apart = fits[1].told_apart
    assert apart.p >= 0.05 and apart.after == pytest.approx(apart.chance, abs=0.15) and apart.pictures > 20
    assert fits[0].told_apart.chance == pytest.approx(apart.chance, abs=0.02)


def test_copies_in_both_folds_are_what_random_words_are_known_by(space, learned):
    """Each picture twice: dealt one by one they lie on both sides, as one group they do not."""
    once = planted(learned, 3, 30)
    shown = once.shown[np.random.default_rng(6).permutation(90)]
    noisy = once.features + np.random.default_rng(7).normal(size=once.features.shape).astype(np.float32)
    twice = replace(once, features=np.repeat(noisy, 2, axis=0), shown=np.repeat(shown, 2, axis=0))
    grouped = replace(twice, groups=np.repeat(np.arange(90), 2))
    one_by_one, together = (adapt(space, each, tuple("abc"), 0, lambda *done: None) for each in (twice, grouped))
    assert one_by_one.space is not None and one_by_one.told_apart.p < 0.05, "a leak that no test can see"
    assert together.space is None and "no better than chance" in together.reason


def test_too_few_held_out_pictures_are_no_reason(space, learned):
    fit = adapt(space, planted(learned, 2, 8), tuple("ab"), 0, lambda *done: None)
    assert fit.told_apart is not None and fit.told_apart.p is None and fit.space is not None


@pytest.mark.parametrize(("p", "kept"), [(0.049, False), (0.05, True), (None, False)])
def test_from_which_p_on_a_fit_is_kept_back(p, kept):
    figures = Figures(0.2, 0.3, 0.95), Figures(0.9, 0.3, 0.95)
    assert bool(why_kept_back(*figures, ToldApart(0.3, 0.4, 0.35, p, 20))) is kept


def test_one_picture_against_a_hundred(space, learned):
    """A class of one picture is learned from and never tested; so is its word found."""
    large = planted(learned, 2, 100)
    stay = np.append(np.arange(100), 100)
    pairs = replace(large, features=large.features[stay], shown=large.shown[stay])
    fit = adapt(space, pairs, ("many", "one"), 0, lambda *done: None)
    assert fit.space is not None and fit.after.other is None
    rows = fit.space.image_rows(pairs.features)
    scores = fit.space.weighted(fit.space.text_rows(pairs.queries), "text") @ rows.T
    assert scores[1].argmax() == 100 and scores[0].argmax() < 100


def test_captions_are_measured_by_pictures_never_seen(space, learned):
    rng = np.random.default_rng(4)
    base = planted(learned, 24, 1)
    lie = rng.normal(size=(WIDTH, TEXT))
    texts = unit((base.features - learned.feature_mean) @ lie)  # a caption tells what its picture shows
    pairs = replace(base, texts=texts, queries=Meanings.plain(texts), captioned=True)
    fit = adapt(space, pairs, (), 0, lambda *done: None)
    assert fit.after.fitted is None and 0 <= fit.after.other <= 1


def test_too_many_texts_are_refused(space, learned):
    pairs = planted(learned, 2, 2)
    many = replace(pairs, texts=np.ones((6000, TEXT), np.float32), text_classes=np.zeros(6000, np.int64))
    with pytest.raises(UsageError, match="6,000 texts"):
        adapt(space, many, (), 0, lambda *done: None)
