"""Confounders, sides and order: balanced whatever the sizes, the same for the same seed."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from mindseye.engine.evaluation.counterbalance import confounders, order_of_list, order_of_pair

KINDS = st.lists(st.sampled_from(["judged", "attention"]), min_size=1, max_size=40)
SEEDS = st.integers(0, 1000)


@given(st.lists(st.sampled_from(["bird", "tool", "fish", None]), max_size=30), SEEDS)
def test_confounders_are_others_of_the_group_each_used_once(groups, seed):
    chosen = confounders(groups, seed)
    for place, other in enumerate(chosen):
        alone = groups[place] is None or groups.count(groups[place]) == 1
        assert (other is None) == alone
        assert other is None or (other != place and groups[other] == groups[place])
    used = [other for other in chosen if other is not None]
    assert len(used) == len(set(used))
    assert chosen == confounders(groups, seed)


def test_another_seed_gives_other_confounders():
    assert len({tuple(confounders([""] * 12, seed)) for seed in range(20)}) == 20


@given(KINDS, SEEDS, st.integers(1, 50), st.data())
def test_the_right_one_stands_as_often_left_as_right(kinds, seed, rater, data):
    answers = data.draw(st.lists(st.integers(0, 1), min_size=len(kinds), max_size=len(kinds)))
    order = order_of_pair(answers, kinds, rater, seed)
    assert sorted(trial for trial, _ in order) == list(range(len(kinds)))
    assert all(sorted(places) == [0, 1] for _, places in order)
    sides = {trial: places.index(answers[trial]) for trial, places in order}
    for kind in set(kinds):
        counts = Counter(sides[trial] for trial, each in enumerate(kinds) if each == kind)
        assert abs(counts[0] - counts[1]) <= 1
    assert order == order_of_pair(answers, kinds, rater, seed)


@given(KINDS, SEEDS, st.integers(0, 20))
def test_two_raters_in_a_row_see_opposite_sides(kinds, seed, pair):
    answers = [0] * len(kinds)
    first, second = (dict(order_of_pair(answers, kinds, 2 * pair + each, seed)) for each in (1, 2))
    assert all(first[trial] == second[trial][::-1] for trial in first)


def test_raters_meet_the_trials_in_orders_of_their_own():
    orders = {tuple(trial for trial, _ in order_of_pair([0] * 20, ["judged"] * 20, rater, 0)) for rater in range(1, 30)}
    assert len(orders) == 29


def test_checks_are_spread_over_the_study():
    kinds = ["judged"] * 40 + ["attention"] * 4
    for rater in range(1, 20):
        order = [trial for trial, _ in order_of_pair([0] * 44, kinds, rater, 5)]
        quarters = Counter(order.index(trial) * 4 // 44 for trial in range(40, 44))
        assert max(quarters.values()) <= 2


def test_a_list_of_options_stands_in_one_order_for_a_rater_and_everywhere_over_raters():
    kinds = ["judged"] * 9
    for rater in (1, 2, 3, 4):
        order = order_of_list(4, kinds, rater, 2)
        assert len({places for _, places in order}) == 1
        assert sorted(trial for trial, _ in order) == list(range(9))
    firsts = [order_of_list(4, kinds, rater, 2)[0][1][0] for rater in range(1, 9)]
    assert Counter(firsts) == dict.fromkeys(range(4), 2)
