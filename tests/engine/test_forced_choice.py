import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.concepts import Concept
from mindseye.engine.evaluation.forced_choice import (
    Choices,
    category_of_choice,
    macro_category,
    sixteen_way,
    two_way_random,
    two_way_same_category,
)

CLASSES = list(range(0, 400, 20))  # twenty concepts
CATEGORIES = ["bird", "tool", "fruit", "car"] * 5
TABLE = [Concept(f"word{c}", c, category) for c, category in zip(CLASSES, CATEGORIES, strict=True)]
MACRO = {"low": range(200), "high": range(200, 400)}


def logits_where(own: float, others: float = 0.0) -> np.ndarray:
    values = np.full((len(CLASSES), 1000), others, dtype=np.float32)
    values[np.arange(len(CLASSES)), CLASSES] = own
    return values


def choices(logits: np.ndarray) -> list[Choices]:
    return [
        two_way_random(logits, TABLE),
        two_way_same_category(logits, TABLE, TABLE),
        sixteen_way(logits, TABLE, TABLE),
        category_of_choice(logits, TABLE, TABLE),
        macro_category(logits, TABLE, MACRO),
    ]


def fractions(logits: np.ndarray) -> list[float]:
    return [each.fraction for each in choices(logits)]


def test_a_judge_that_knows_every_picture_is_always_right():
    assert fractions(logits_where(own=5.0)) == [1, 1, 1, 1, 1]


def test_a_judge_that_denies_every_picture_is_never_right():
    assert fractions(logits_where(own=-1.0))[:3] == [0, 0, 0]


def test_a_judge_without_an_opinion_is_at_chance():
    told = choices(logits_where(own=0.0))[:3]
    assert [each.fraction for each in told] == pytest.approx([1 / 2, 1 / 2, 1 / 16])
    assert [each.chance for each in told] == [1 / 2, 1 / 2, 1 / 16]


def test_the_random_rivals_are_200_classes_without_the_concept_s_own():
    rivals = np.random.default_rng(5).permutation(1000)[:200]
    logits = np.zeros((1, 1000), dtype=np.float32)
    own = int(rivals[0])
    logits[0, own] = 1
    logits[0, rivals[1:51]] = 2
    told = two_way_random(logits, [Concept("own", own, None)], seed=5)
    assert (told.wins.tolist(), told.trials.tolist()) == ([149], [199])


def test_all_concepts_of_the_category_in_the_table_are_rivals_though_few_are_shown():
    logits = logits_where(own=1.0)[:1]
    birds = [concept.class_index for concept in TABLE if concept.category == "bird"]
    logits[0, [c for c in CLASSES if c not in birds]] = 5  # no rival of the first picture, a bird
    logits[0, birds[1]] = 5
    told = two_way_same_category(logits, TABLE[:1], TABLE)
    assert (told.wins.tolist(), told.trials.tolist()) == ([3], [4])


def test_a_concept_alone_in_its_category_or_without_one_takes_no_part():
    table = [*TABLE[:2], Concept("bird too", 999, "bird"), Concept("a", 1, None), Concept("b", 2, None)]
    logits = np.zeros((5, 1000), dtype=np.float32)
    logits[0, 0] = 1
    told = two_way_same_category(logits, table, table)
    assert told.trials.tolist() == [1, 0, 1, 0, 0]
    assert told.fraction == pytest.approx((1 + 1 / 2) / 2)
    assert category_of_choice(logits, table, table).trials.tolist() == [1, 1, 1, 0, 0]


def test_among_sixteen_concepts_every_draw_holds_all_the_others():
    logits = logits_where(own=1.0)[:16]
    logits[3, CLASSES[9]] = 2  # one picture is taken for another concept of the set
    logits[4, 999] = 2  # and one for something else, which is no choice
    assert sixteen_way(logits, TABLE[:16], TABLE[:16]).wins.tolist() == [20, 20, 20, 0, *[20] * 12]


def test_a_concept_with_one_better_rival_wins_when_the_rival_is_not_drawn():
    logits = logits_where(own=1.0)
    for place in range(len(CLASSES)):
        logits[place, CLASSES[place - 1]] = 2
    expected = math.comb(18, 15) / math.comb(19, 15)
    assert sixteen_way(logits, TABLE, TABLE).fraction == pytest.approx(expected, abs=0.06)


def test_a_concept_meets_the_same_rivals_whatever_else_is_shown():
    logits = np.random.default_rng(0).normal(size=(20, 1000)).astype(np.float32)
    alone = [sixteen_way(logits[place : place + 1], [TABLE[place]], TABLE).wins[0] for place in range(20)]
    assert sixteen_way(logits, TABLE, TABLE).wins.tolist() == alone


def test_fifteen_concepts_are_too_few_for_a_choice_of_sixteen():
    with pytest.raises(UsageError, match="16 needs as many concepts, not 15"):
        sixteen_way(logits_where(own=1.0)[:15], TABLE[:15], TABLE[:15])


def test_the_category_counts_when_the_concept_is_missed():
    logits = logits_where(own=1.0)
    logits[0, CLASSES[4]] = 2  # another bird
    logits[1, CLASSES[2]] = 2  # a fruit, for a tool
    assert category_of_choice(logits, TABLE, TABLE).wins.tolist() == [1, 0, *[1] * 18]


def test_the_macro_category_has_the_sum_of_its_classes_not_the_best_class():
    logits = np.full((3, 1000), -9.0, dtype=np.float32)
    logits[:, 0] = 1.0  # the likeliest class is low
    logits[:, 200:210] = 0.0  # but ten high ones are likelier together
    shown = [Concept("low", 5, None), Concept("high", 300, None), Concept("neither", 999, None)]
    told = macro_category(logits, shown, MACRO)
    assert (told.wins.tolist(), told.trials.tolist()) == ([0, 1, 0], [1, 1, 0])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([0.5, 2.0, 4.0]), shift=st.integers(-8, 8))
def test_only_the_order_of_logits_matters_to_choices_among_concepts(seed, scale, shift):
    logits = np.random.default_rng(seed).integers(-50, 50, (20, 1000)).astype(np.float32)
    assert fractions(logits)[:4] == fractions(scale * logits + shift)[:4]
