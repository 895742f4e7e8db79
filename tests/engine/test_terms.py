"""Sums and differences as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindseye.engine.errors import UsageError
from mindseye.engine.terms import MOST_TERMS, Term, is_mixture, read_terms, written

WORDS = st.text(st.characters(codec="utf-8", exclude_characters='"'), min_size=1).map(str.strip).filter(bool)
FACTORS = st.integers(1, 1_000_000).map(lambda thousandths: thousandths / 1000)
TERMS = st.builds(lambda weight, sign, text, picture: Term(sign * weight, text, picture),
                  FACTORS, st.sampled_from([1, -1]), WORDS, st.booleans())  # fmt: skip


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("king - man + woman", [Term(1, "king"), Term(-1, "man"), Term(1, "woman")]),
        ("2*beach - people + @photo.jpg", [Term(2, "beach"), Term(-1, "people"), Term(1, "photo.jpg", True)]),
        ('@"my photo - 1.jpg" - dog', [Term(1, "my photo - 1.jpg", True), Term(-1, "dog")]),
        ("@my photo.jpg + 2*@42", [Term(1, "my photo.jpg", True), Term(2, "42", True)]),
        ("rock - paper", [Term(1, "rock"), Term(-1, "paper")]),
        ('"rock - paper" + scissors', [Term(1, "rock - paper"), Term(1, "scissors")]),
        ('0.5 * "a + b"', [Term(0.5, "a + b")]),
        ("zebra\n+ a red\tcar", [Term(1, "zebra"), Term(1, "a red\tcar")]),
    ],
)
def test_sums_are_read_term_by_term(text, terms):
    assert is_mixture(text) and list(read_terms(text)) == terms


@pytest.mark.parametrize(
    "text",
    ["t-shirt", "C++", "follow-up", "-5", "-5 degrees", "a+b", "mail me@home", 'the "big" apple', '5" pipe', "24/7*"],
)
def test_signs_inside_of_words_are_part_of_them(text):
    assert not is_mixture(text) and read_terms(text) == (Term(1, text),)


@pytest.mark.parametrize("text", ["", " ", "king -", "- king", "+", "a + + b", "2*", "@", "a + @", "3 * - b"])
def test_an_empty_term_is_refused_with_what_to_write(text):
    with pytest.raises(UsageError, match=r"a term is empty; write it like .* double quotes"):
        read_terms(text)


@pytest.mark.parametrize("factor", ["0", "0.0", "0.0001", "1001", "9" * 400])
def test_a_factor_that_makes_nothing_or_all_of_a_sum_is_refused(factor):
    with pytest.raises(UsageError, match=r"no usable factor; factors are 0\.001 to 1000"):
        read_terms(f"king + {factor}*man")


def test_too_many_terms_are_refused_with_both_numbers():
    assert len(read_terms(" + ".join(["a"] * MOST_TERMS))) == MOST_TERMS
    with pytest.raises(UsageError, match=rf"a mixture of {MOST_TERMS + 1} words; mix at most {MOST_TERMS}"):
        read_terms(" - ".join(["a"] * (MOST_TERMS + 1)))


@given(st.lists(TERMS, min_size=1, max_size=MOST_TERMS))
def test_what_is_written_is_read_again(terms):
    first, *rest = terms
    terms = [Term(abs(first.weight), first.text, first.picture), *rest]
    assert list(read_terms(written(terms))) == terms


@given(WORDS)
def test_in_double_quotes_anything_is_itself(text):
    assert read_terms(f'"{text}"') == (Term(1, text),)
