"""How labelled pictures are dealt into folds: one word a picture, several, none, and neighbours that stay together."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mindseye.engine.meanings import Meanings
from mindseye.engine.pairs import ALWAYS, BETWEEN, FOLDS, Pairs, deal, one_each


def pairs_of(shown: np.ndarray, groups: np.ndarray | None = None) -> Pairs:
    """Pictures without a look: their number is their only feature."""
    numbers, texts = np.arange(shown.shape[1]), np.eye(shown.shape[1], dtype=np.float32)
    features = np.arange(len(shown), dtype=np.float32)[:, None]
    return Pairs(features, shown, texts, numbers, Meanings.plain(texts), numbers, groups=groups)


def test_pictures_of_one_word_are_dealt_class_by_class():
    labels = np.random.default_rng(1).integers(0, 5, 83)
    labels[labels == 4] = 3
    labels[0] = 4  # a word of one picture
    rng = np.random.default_rng(7)
    expected = np.full(83, ALWAYS)
    for number in range(5):
        own = rng.permutation(np.flatnonzero(labels == number))
        if len(own) > 1:
            expected[own] = np.arange(len(own)) % FOLDS
    pictures, classes = deal(pairs_of(one_each(labels)), 7)
    assert pictures.tolist() == expected.tolist()
    assert classes.tolist() == rng.permutation(np.arange(5) % FOLDS).tolist()


@given(seed=st.integers(0, 99), classes=st.integers(1, 6))
def test_every_word_is_spread_over_the_folds_however_words_meet(seed, classes):
    shown = np.random.default_rng(seed).random((60, classes)) < 0.4
    folds, _ = deal(pairs_of(shown), seed)
    told = np.column_stack([shown, ~shown.any(axis=1)])
    assert ((folds >= 0) | ((folds == ALWAYS) & told[:, told.sum(axis=0) == 1].any(axis=1))).all()
    for column in told.T:
        if column.sum() >= 4 * FOLDS:
            assert set(folds[column].tolist()) == set(range(FOLDS))


def test_a_picture_of_two_words_is_one_picture():
    shown = np.zeros((16, 2), bool)
    shown[:8, 0], shown[:12, 1] = True, True
    folds, _ = deal(pairs_of(shown), 0)
    assert np.bincount(folds[:8], minlength=FOLDS).tolist() == [2] * FOLDS
    assert np.bincount(folds[:12], minlength=FOLDS).tolist() == [3] * FOLDS
    assert np.bincount(folds[12:], minlength=FOLDS).tolist() == [1] * FOLDS, "those of no word are spread too"


@given(seed=st.integers(0, 99))
def test_no_fold_parts_a_group_and_what_lies_between_is_in_none(seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(-1, 9, 120)
    folds, _ = deal(pairs_of(rng.random((120, 3)) < 0.3, groups), seed)
    assert (folds[groups < 0] == BETWEEN).all() and (folds[groups >= 0] >= 0).all()
    for number in range(9):
        assert len(set(folds[groups == number].tolist())) <= 1


def test_large_groups_are_balanced_by_small_ones():
    groups = np.repeat(np.arange(7), [9, 3, 3, 3, 6, 6, 6])
    folds, _ = deal(pairs_of(np.ones((36, 1), bool), groups), 0)
    assert np.bincount(folds).tolist() == [9] * FOLDS


def test_a_word_of_one_group_leaves_the_group_to_the_others():
    shown = np.zeros((12, 2), bool)
    shown[:, 0], shown[:3, 1] = True, True
    folds, _ = deal(pairs_of(shown, np.arange(12) // 3), 0)
    assert sorted(folds.tolist()) == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    alone, _ = deal(pairs_of(shown[:3], np.zeros(3, int)), 0)
    assert alone.tolist() == [ALWAYS] * 3


def test_what_is_left_out_leaves_pictures_with_their_other_words():
    shown = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1]], bool)
    pairs = pairs_of(shown, np.array([5, 6, 7, 8, -1]))
    left, texts = pairs.without(np.array([1]), np.array([False] * 4 + [True]))
    assert left.features.ravel().tolist() == [0, 1, 3]  # the third showed nothing else, the fourth is told from
    assert left.shown.tolist() == [[True], [True], [False]] and left.groups.tolist() == [5, 6, 8]
    assert texts.tolist() == [True, False, False] and left.text_classes.tolist() == [0]


def test_captions_are_classes_of_one_picture():
    pairs = replace(pairs_of(np.eye(8, dtype=bool)), captioned=True)
    pictures, classes = deal(pairs, 3)
    assert pictures.tolist() == classes.tolist() and np.bincount(classes).tolist() == [2] * FOLDS
    twice, _ = deal(replace(pairs, groups=np.arange(8) // 2), 3)
    assert (twice[::2] == twice[1::2]).all() and sorted(twice[::2].tolist()) == list(range(FOLDS))
