import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.forced_choice import (
    category_of_choice,
    sixteen_way,
    two_way_random,
    two_way_same_category,
)

CLASSES = list(range(0, 400, 20))  # twenty concepts
CATEGORIES = ["bird", "tool", "fruit", "vehicle"] * 5


def logits_where(own: float, others: float = 0.0) -> np.ndarray:
    values = np.full((len(CLASSES), 1000), others, dtype=np.float32)
    values[np.arange(len(CLASSES)), CLASSES] = own
    return values


def figures(logits: np.ndarray) -> list[float]:
    return [
        two_way_random(logits, CLASSES),
        two_way_same_category(logits, CLASSES, CATEGORIES),
        sixteen_way(logits, CLASSES),
        category_of_choice(logits, CLASSES, CATEGORIES),
    ]


def test_a_judge_that_knows_every_picture_is_always_right():
    assert figures(logits_where(own=1.0)) == [1, 1, 1, 1]


def test_a_judge_that_denies_every_picture_is_never_right():
    assert figures(logits_where(own=-1.0))[:3] == [0, 0, 0]


def test_a_judge_without_an_opinion_is_at_chance():
    assert figures(logits_where(own=0.0))[:3] == pytest.approx([1 / 2, 1 / 2, 1 / 16])


def test_the_random_rivals_are_200_classes_without_the_concept_s_own():
    rivals = np.random.default_rng(5).permutation(1000)[:200]
    logits = np.zeros((1, 1000), dtype=np.float32)
    own = int(rivals[0])
    logits[0, own] = 1
    logits[0, rivals[1:51]] = 2
    assert two_way_random(logits, [own], seed=5) == pytest.approx(149 / 199)


def test_only_concepts_of_the_category_are_rivals_within_it():
    logits = logits_where(own=1.0)
    birds = [c for c, category in zip(CLASSES, CATEGORIES, strict=True) if category == "bird"]
    logits[0, [c for c in CLASSES if c not in birds]] = 5  # no rival of the first picture, a bird
    logits[0, birds[1]] = 5
    assert two_way_same_category(logits, CLASSES, CATEGORIES) == pytest.approx(1 - (1 / 4) / 20)


def test_a_concept_alone_in_its_category_takes_no_part():
    logits = logits_where(own=1.0)[:3]
    logits[2] = -logits[2]
    assert two_way_same_category(logits, CLASSES[:3], ["bird", "bird", "tool"]) == 1


def test_among_sixteen_concepts_every_draw_holds_all_the_others():
    logits = logits_where(own=1.0)[:16]
    logits[3, CLASSES[9]] = 2  # one picture is taken for another concept of the set
    logits[4, 999] = 2  # and one for something else, which is no choice
    assert sixteen_way(logits, CLASSES[:16]) == pytest.approx(15 / 16)


def test_a_concept_with_one_better_rival_wins_when_the_rival_is_not_drawn():
    logits = logits_where(own=1.0)
    for place in range(len(CLASSES)):
        logits[place, CLASSES[place - 1]] = 2
    expected = math.comb(18, 15) / math.comb(19, 15)
    assert sixteen_way(logits, CLASSES) == pytest.approx(expected, abs=0.06)
    assert sixteen_way(logits, CLASSES, seed=3) == sixteen_way(logits, CLASSES, seed=3)


def test_fifteen_concepts_are_too_few_for_a_choice_of_sixteen():
    with pytest.raises(UsageError, match="16 needs as many concepts, not 15"):
        sixteen_way(logits_where(own=1.0)[:15], CLASSES[:15])


def test_the_category_counts_when_the_concept_is_missed():
    logits = logits_where(own=1.0)
    logits[0, CLASSES[4]] = 2  # another bird
    logits[1, CLASSES[2]] = 2  # a fruit, for a tool
    assert category_of_choice(logits, CLASSES, CATEGORIES) == pytest.approx(19 / 20)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([0.5, 2.0, 4.0]), shift=st.integers(-8, 8))
def test_only_the_order_of_logits_matters(seed, scale, shift):
    logits = np.random.default_rng(seed).integers(-50, 50, (20, 1000)).astype(np.float32)
    assert figures(logits) == figures(scale * logits + shift)
