"""Mixtures of queries: how they are written, and where their vectors point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindseye.engine.errors import UsageError, VectorError
from mindseye.engine.mixture import Mixture, alone, mixed_target, mixture_terms, on_the_way
from mindseye.engine.terms import MOST_TERMS

X, Y = np.eye(3, dtype=np.float32)[:2]


@pytest.fixture(scope="module")
def pair(pocket):
    return [pocket.word_query(word) for word in ("zebra", "sofa")]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("zebra + sofa", [(1, "zebra"), (1, "sofa")]),
        ("2*zebra + car - 0.5 * red stripes", [(2, "zebra"), (1, "car"), (-0.5, "red stripes")]),
        ("t-shirt + C++", [(1, "t-shirt"), (1, "C++")]),
        ("  well-known  ", [(1, "well-known")]),
    ],
)
def test_a_mixture_is_read_term_by_term(text, terms):
    assert list(mixture_terms(text)) == terms


@pytest.mark.parametrize(
    "text", ["zebra + ", "+ zebra", "- zebra", "zebra + + car", "0*zebra", "2* + car", "", "a - -"]
)
def test_what_is_no_mixture_is_refused(text):
    with pytest.raises(UsageError, match="no mixture"):
        mixture_terms(text)


def test_too_many_words_are_refused():
    assert len(mixture_terms(" + ".join(["a"] * MOST_TERMS))) == MOST_TERMS
    with pytest.raises(UsageError, match=f"at most {MOST_TERMS}"):
        mixture_terms(" + ".join(["a"] * (MOST_TERMS + 1)))


@given(st.text(st.characters(codec="utf-8", exclude_characters='+-*@"'), min_size=1).filter(str.strip))
def test_anything_without_signs_is_one_word(text):
    assert mixture_terms(text) == ((1.0, text.strip()),)


def test_pictures_cannot_be_imagined():
    with pytest.raises(UsageError, match=r"the picture photo\.jpg cannot be part of what is imagined"):
        mixture_terms("zebra + @photo.jpg")


def test_a_mixture_points_where_its_weighted_sum_does(pair):
    sought = Mixture("", tuple(pair), (2.0, -1.0)).mixed(np.stack([3 * X, 5 * Y]))
    assert sought == pytest.approx(np.array([2, -1, 0]) / 5**0.5, abs=1e-6)


def test_words_that_cancel_out_leave_nothing(pair):
    with pytest.raises(UsageError, match="nothing is left of 'a - a'"):
        Mixture("a - a", (pair[0], pair[0]), (1.0, -1.0)).mixed(np.stack([X, X]))


def test_the_way_is_travelled_evenly_from_end_to_end(pair):
    way = on_the_way(*pair, 7)
    assert [each.text for each in way[::3]] == ["zebra", "zebra → sofa 4/7", "sofa"]
    passed = [each.mixed(np.stack([X, 4 * Y])) for each in way[1:-1]]
    degrees = [np.degrees(np.arctan2(place[1], place[0])) for place in passed]
    assert degrees == pytest.approx([15, 30, 45, 60, 75], abs=1e-3)
    assert np.linalg.norm(passed, axis=1) == pytest.approx(1, abs=1e-6)


def test_a_way_from_a_word_to_itself_stays_there(pair):
    middle = on_the_way(pair[0], pair[0], 3)[1]
    assert middle.mixed(np.stack([X, X])) == pytest.approx(X, abs=1e-6)


def test_one_frame_leads_nowhere(pair):
    with pytest.raises(UsageError, match="at least 2"):
        on_the_way(*pair, 1)


def test_each_network_is_mixed_by_itself(pair):
    targets = [{"a": X, "b": Y}, {"a": Y, "b": -X}]
    mixed = mixed_target(Mixture("", tuple(pair), (1.0, 1.0)), targets)
    assert mixed["a"] == pytest.approx((X + Y) / 2**0.5) and mixed["b"] == pytest.approx((Y - X) / 2**0.5)
    assert mixed_target(alone(pair[0]), targets[:1])["a"] is X


def test_a_mixed_target_is_as_long_as_its_parts_on_the_mean(pair):
    mixed = mixed_target(Mixture("", tuple(pair), (1.0, 1.0)), [{"clip": 3 * X}, {"clip": 5 * Y}])["clip"]
    assert mixed == pytest.approx(4 * (X + Y) / 2**0.5, abs=1e-5) and mixed.dtype == np.float32


def test_numbers_that_are_not_finite_are_refused(pair):
    with pytest.raises(VectorError, match="not finite"):
        Mixture("", tuple(pair), (1.0, 1.0)).mixed(np.stack([X, np.nan * Y]))


def test_what_a_mixture_says_of_itself(pair):
    mixture = Mixture("zebra + sofa", tuple(pair), (1.0, 1.0))
    assert mixture.knowledge == min(query.knowledge for query in pair)
    assert "zebra: any of several" in mixture.definition and "sofa: an upholstered" in mixture.definition
    assert alone(pair[0]).definition == pair[0].wording.definition
