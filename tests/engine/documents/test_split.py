"""A text becomes paragraphs: natural ones, short neighbours joined, long ones cut between sentences."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from mindseye.engine.text.documents import split, window
from mindseye.engine.text.encoder import MiniLM

SENTENCE = "The clerk signed paper number {} and put it away with the others of that day."
LONG = " ".join(SENTENCE.format(n) for n in range(60))
STRANGE = "ab .!?\n\n\t\r  é́‍ก字。אب😀'\"(-\x1c\x85﷽각"
SCRIPTS = {
    "chinese": "小狗在公园里跑，猫坐在窗户上看外面的世界。" * 200,
    "chinese without stops": "小狗在公园里跑猫坐在窗户上看外面的世界" * 200,
    "thai": "สุนัขวิ่งในสวนสาธารณะแมวนั่งมองออกไปนอกหน้าต่าง" * 100,
    "korean": "개가공원에서뛰고있다고양이는창밖을보고있다" * 100,
    "arabic": "الكلب يجري في الحديقة والقطة تجلس عند النافذة. " * 100,
    "a word without end": "x" * 5000,
    "numbers": " ".join(str(n * 7919) for n in range(1500)),
    "stops": "." * 5000,
    "ligatures": "﷽ﷺ" * 700,
    "marks upon marks": "a" + "\u0301" * 3000,
}


def passages(text):
    return [text[start:end] for start, end in split(text)]


def assert_sound(text):
    """Every character but white space is in exactly one passage, in order, and the encoder takes each whole."""
    at = 0
    for start, end in split(text):
        assert not text[at:start].strip()
        assert at <= start < end
        assert window.fits(text[start:end])
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()


@given(st.lists(st.text(STRANGE, min_size=1, max_size=400), max_size=25), st.sampled_from(["", " ", "\n", "\n\n"]))
def test_nothing_is_lost_and_nothing_too_long(parts, between):
    assert_sound(between.join(parts))


@given(st.text(max_size=3000))
def test_any_text_is_split(text):
    assert_sound(text)


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_without_spaces_or_stops_are_bounded(name):
    assert_sound(SCRIPTS[name])
    assert len(passages(SCRIPTS[name])) > 1


def test_the_bound_is_the_encoders_own():
    assert MiniLM.max_tokens - 2 == window.MAX_TOKENS
    tokenizer: Tokenizer = window._tokenizer()
    for text in (LONG, *SCRIPTS.values()):
        for passage in passages(text):
            assert len(tokenizer.encode(passage).ids) <= MiniLM.max_tokens


def test_long_paragraphs_are_cut_between_sentences_into_parts_of_like_length():
    found = passages(LONG)
    assert all(each.startswith("The clerk") and each.endswith("day.") for each in found)
    assert " ".join(found) == LONG
    assert max(map(len, found)) - min(map(len, found)) < 200


def test_abbreviations_and_numbers_end_no_sentence():
    text = " ".join(f"Dr. Smith of Washington D.C. paid 3.5 cents for No. {n}, e.g. to Mr. Jones." for n in range(40))
    assert all(each.startswith("Dr. Smith") and each.endswith("Jones.") for each in passages(text))


def test_blank_lines_part_paragraphs_and_short_ones_are_joined():
    first, second = LONG[:300], LONG[300:600]
    assert passages(f"{first}\n\n{second}") == [first.strip(), second.strip()]
    assert passages("One dog.\n\nTwo cats.\n \t\nThree birds.") == ["One dog.\n\nTwo cats.\n \t\nThree birds."]


def test_a_heading_goes_with_what_follows():
    first, second = LONG[:400], LONG[400:1100]
    found = passages(f"{first}\n\nOn clerks\n\n{second}.")
    assert found[0] == first.strip()
    assert found[1].startswith("On clerks\n\n")
    short = passages(f"A short paragraph.\n\nOn clerks\n\n{second}.")
    assert [each[:9] for each in short] == ["A short p", "On clerks"]
    long = passages(f"On clerks\n\n{LONG}")
    assert long[0].startswith("On clerks\n\nThe clerk signed paper number 0")


def test_lines_of_a_list_or_poem_stay_together_and_are_cut_between_lines():
    lines = "\n".join(f"- item {n} of a long list" for n in range(100))
    found = passages(lines)
    assert all(re.fullmatch(r"- item .* list", each, re.DOTALL) for each in found)
    assert 3 < len(found) < 6


def test_a_letter_keeps_its_marks():
    text = ("e\u0301\u0323" * 1000)[1:]
    assert all(not unicodedata.category(each[0]).startswith("M") for each in passages("x" + text)[1:])


def test_a_million_tiny_paragraphs_are_gathered():
    found = split("Ja.\n\n" * 1_000_000)
    assert all(200 <= end - start <= 210 for start, end in found[:-1])


def test_a_million_headings_and_a_line_without_end_take_no_longer():
    assert len(split("word\n\n" * 300_000)) == pytest.approx(300_000 * 6 / 790, rel=0.1)
    assert len(split("word " * 1_000_000)) == pytest.approx(5_000_000 / 797, rel=0.1)
