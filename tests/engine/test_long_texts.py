"""Texts longer than the sentence encoder takes at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mindseye.engine.query import passages

FILLING = " ".join(f"The clerk signed paper number {n} and put it away." for n in range(60))


@given(st.lists(st.text("ab.!? ", min_size=1, max_size=300), max_size=30))
def test_passages_hold_every_word_in_order_and_none_is_too_long(parts):
    text = " ".join(" ".join(parts).split())
    found = passages(text)
    assert " ".join(found).split() == text.split()
    assert all(0 < len(passage) <= 800 for passage in found)


def test_passages_break_between_sentences():
    assert all(passage.endswith(".") for passage in passages(FILLING))


def test_a_word_without_end_is_cut_and_none_of_it_is_lost():
    assert [len(passage) for passage in passages("x" * 2000)] == [800, 800, 400]


def test_a_short_text_is_asked_as_it_stands(pocket):
    text = "A grey cat sleeps on a sofa. It is evening."
    assert pocket.wording(text).texts == (text,)


def test_the_end_of_a_long_text_counts(pocket):
    ending = f"{FILLING} A volcano erupts beyond the sea."
    plain, told = pocket.word_query(FILLING), pocket.word_query(ending)
    volcano = pocket.target(pocket.word_query("volcano"))
    assert np.abs(plain.semantic - told.semantic).max() > 1e-3
    assert pocket.target(told) @ volcano > pocket.target(plain) @ volcano + 0.05


def test_the_end_of_a_long_meaning_counts(pocket):
    volcano = pocket.target(pocket.word_query("volcano"))
    one, other = (
        pocket.target(pocket.word_query("wampimuk", means=f"{FILLING} {end}"))
        for end in ("It is a volcano that spits fire and lava.", "It is a small brown owl.")
    )
    assert one @ volcano > other @ volcano + 0.05
