"""Queries and the texts that say what they mean."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mindseye.engine.mapping import crossmodal
from mindseye.engine.mapping.crossmodal import CrossModal
from mindseye.engine.meanings import Meanings
from mindseye.engine.query import Wording, thirds, word_query
from mindseye.engine.vectors import unit


def meanings(counts: list[int], seed: int = 0) -> Meanings:
    rng = np.random.default_rng(seed)
    owners = np.repeat(np.arange(len(counts)), counts)
    return Meanings(unit(rng.normal(size=(len(counts), 4))), unit(rng.normal(size=(len(owners), 4))), owners)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.data())
def test_chosen_queries_keep_their_own_texts(counts, data):
    whole = meanings(counts)
    chosen = np.array(data.draw(st.lists(st.integers(0, len(counts) - 1), max_size=8)), dtype=np.int64)
    part = whole[chosen]
    assert len(part) == len(chosen) and np.array_equal(part.semantic, whole.semantic[chosen])
    for place, number in enumerate(chosen):
        assert np.array_equal(part.texts[part.owners == place], whole.texts[whole.owners == number])


def test_joined_parts_are_the_whole():
    whole = meanings([2, 1, 3])
    joined = Meanings.joined([whole[:1], whole[1:]])
    assert joined.digest == whole.digest != whole[::-1].digest
    assert np.array_equal(joined.owners, whole.owners)


def test_a_weighted_mean_of_each_querys_values():
    values = np.array([[1.0], [3.0], [5.0]], np.float32)
    told = meanings([2, 1]).averaged(values, np.array([1.0, 3.0, 7.0], np.float32))
    assert told.tolist() == [[2.5], [5.0]]


def test_a_sense_that_is_known_counts_for_more():
    """Half is what the mean text is; the other half what each text is, by the square of its length."""
    rng = np.random.default_rng(2)
    views = unit(rng.normal(size=(2 * 30, 8))).reshape(2, 30, 8)
    learned = CrossModal.fit(views, rng.normal(size=(30, 20)), np.zeros(30), np.zeros(20, np.float32))
    texts = np.stack([views[0, 7], unit(rng.normal(size=(1, 8)))[0]])
    asked = Meanings(unit(texts.sum(axis=0, keepdims=True)), texts, np.zeros(2, dtype=np.int64))
    whole, each = learned.ridges[0].transform(asked.semantic), learned.ridges[0].transform(texts)
    knowledge = np.linalg.norm(learned.visual(each), axis=1)
    expected = (whole[0] + (knowledge[:, None] ** 2 * each).sum(axis=0) / (knowledge**2).sum()) / 2
    imagined = learned.visual(expected[None])
    rows, known, of_texts = learned.told_rows(asked)
    np.testing.assert_allclose(rows[:, 8:], unit(imagined @ learned.directions), atol=1e-5)
    np.testing.assert_allclose(known, np.linalg.norm(imagined, axis=1), rtol=1e-5)
    np.testing.assert_allclose(of_texts, knowledge, rtol=1e-5)
    assert expected.argmax() == 7 and of_texts.argmax() == 0


def test_queries_are_mapped_the_same_alone_and_among_many(monkeypatch):
    """They are mapped in pieces, so that memory stays bounded; plain ones stay plain."""
    rng = np.random.default_rng(3)
    views = unit(rng.normal(size=(30, 8))).reshape(1, 30, 8)
    learned = CrossModal.fit(views, rng.normal(size=(30, 20)), np.zeros(30), np.zeros(20, np.float32))
    texts = unit(rng.normal(size=(12, 8)))
    several = Meanings(unit(texts.reshape(6, 2, 8).sum(axis=1)), texts, np.repeat(np.arange(6), 2))
    for asked in (several, Meanings.plain(texts)):
        whole = learned.told_rows(asked)
        monkeypatch.setattr(crossmodal, "_PIECE", 5)
        for one, other in zip(whole, learned.told_rows(asked), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)
        monkeypatch.undo()
    assert Meanings.plain(texts)[2:5].is_plain and not several[2:5].is_plain
    assert [len(each) for each in learned.told_rows(Meanings.plain(texts[:0]))] == [0, 0, 0]


def test_the_bare_word_is_left_to_the_mean(pocket):
    crane = word_query(pocket.lexicon, "crane")
    assert crane.texts[0] == "crane" and crane.telling == (False, True, True, True, True)
    assert Wording("wampimuk", ("wampimuk",)).telling == (True,)
    asked = pocket.word_queries([crane])[0].meanings
    assert len(asked.texts) == 4 and asked.owners.tolist() == [0, 0, 0, 0]


def test_a_description_is_cut_at_its_clauses():
    assert thirds("A red bird. Long tail; black wings, a crest") == ("A red bird", "Long tail", "black wings a crest")
    assert thirds("bird") == ("bird", "bird", "bird")
    assert thirds("...") == ("...", "...", "...")


def test_a_given_meaning_is_asked_whole_and_in_parts(pocket):
    told = word_query(pocket.lexicon, "wampimuk", means="a red bird, a long tail, black wings").texts
    assert told == (
        "wampimuk: a red bird, a long tail, black wings", "a red bird, a long tail, black wings",
        "wampimuk: a red bird", "wampimuk: a long tail", "wampimuk: black wings",
    )  # fmt: skip
