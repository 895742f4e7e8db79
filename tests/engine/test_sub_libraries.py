from types import SimpleNamespace

import numpy as np
import pytest

from mindseye.engine.decision.match import FEATURES
from mindseye.engine.evaluation.calibration import sub_library_decisions
from mindseye.engine.evaluation.sub_libraries import (
    ASKED,
    RANDOM_WORDS,
    SIZES,
    PictureSet,
    Vocabulary,
    held_out_classes,
    sub_libraries,
)
from mindseye.engine.meanings import Meanings
from mindseye.engine.vectors import unit

CLASSES, EACH, BROADER, RANDOM = 60, 12, 10, 40
_RNG = np.random.default_rng(4)
MEANINGS = unit(_RNG.normal(size=(CLASSES + RANDOM, 16)))


def words() -> Vocabulary:
    """The classes' own words, broader ones for five classes each, and words of nothing that is there."""
    covers = np.zeros((CLASSES + BROADER + RANDOM, CLASSES), dtype=bool)
    np.fill_diagonal(covers, val=True)
    for row in range(BROADER):
        covers[CLASSES + row, 5 * row : 5 * row + 5] = True
    broader = unit(covers[CLASSES : CLASSES + BROADER] @ MEANINGS[:CLASSES])
    return Vocabulary(Meanings.plain(np.vstack([MEANINGS[:CLASSES], broader, MEANINGS[CLASSES:]])), covers)


def pictures() -> PictureSet:
    labels = np.repeat(np.arange(CLASSES), EACH)
    return PictureSet(unit(MEANINGS[labels] + 0.1 * _RNG.normal(size=(len(labels), 16))), labels)


@pytest.fixture(scope="module")
def planted() -> PictureSet:
    return pictures()


def test_sub_libraries_hold_what_they_say(planted):
    vocabulary, rng = words(), np.random.default_rng(0)
    held_out = held_out_classes([planted], rng)
    assert len(held_out) == CLASSES // 2
    each_class = []
    for library in sub_libraries(planted, vocabulary, held_out, rng):
        assert len(np.unique(library.pictures)) == len(library.pictures) <= max(SIZES)
        there = np.unique(planted.labels[library.pictures], return_counts=True)
        each_class.append(there[1].mean())
        covers = vocabulary.covers[library.asked]
        assert (~covers.any(axis=1)).sum() == RANDOM_WORDS
        shown = covers[:, there[0]].any(axis=1)
        assert 0 < shown.sum() <= 3 * ASKED and (covers.any(axis=1) & ~shown).any()
    assert min(each_class) < 2 and max(each_class) > 6  # from few to many pictures a class


class _Plain:
    """A space in which a picture's row and its word's row are the same but for noise."""

    def __init__(self) -> None:
        self.text = SimpleNamespace(width=16)
        bank = unit(np.random.default_rng(9).normal(size=(50, 16)))
        self.bank_rows = np.hstack([bank, bank])

    def image_rows(self, features):
        return np.hstack([features, features])

    def text_rows(self, meanings):
        return self.image_rows(meanings.semantic)

    def knowledge(self, meanings):
        return np.linalg.norm(meanings.semantic, axis=1)

    def weighted(self, rows, _kind):
        return rows


def test_decisions_over_planted_pictures_are_right_and_the_same_again(planted):
    asked: list[np.ndarray] = []
    told: list[tuple[int, int]] = []
    arguments = (lambda known: asked.append(known) or _Plain(), [planted], words(), range(2))
    lists, hits = sub_library_decisions(*arguments, lambda *done: told.append(done))
    assert told == [(1, 2), (2, 2)] and all(len(known) == CLASSES // 2 for known in asked)
    own = words().covers[lists.words].sum(axis=1) == 1  # a class's own word finds its pictures
    assert lists.truths[own & (lists.kinds == "shown")].all() and not lists.truths[lists.kinds != "shown"].any()
    assert lists.features.shape == (len(lists.truths), len(FEATURES)) and np.isfinite(hits.features).all()
    assert len(np.unique(lists.libraries)) == len(np.unique(hits.libraries)) > 20
    figures = lists.held_out_figures()
    assert (
        set(figures) == {"by_word", "by_library"} and figures["by_library"]["brier"] < 0.15
    )  # always the same answer has 0.25
    again = sub_library_decisions(*arguments)[0]
    np.testing.assert_array_equal(again.features, lists.features)
    assert again.logistic() == lists.logistic() and lists.logistic()["semantic_ratio"] > 0
