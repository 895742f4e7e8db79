"""What is told of answers, by hand."""

import csv
import io
import json

import pytest
from scipy.stats import binomtest, false_discovery_control

from mindseye.api.studies.results import study_results
from mindseye.api.studies.table import _plain, judgments_csv
from mindseye.api.studies.telling import result_lines
from tests.api.studies.judging import judge, judge_once


def test_results_by_hand(study):
    studies, _ = study(raters=6, attention=2)
    wrong = {("zebra", 1), ("okapi", 1), ("okapi", 2), ("okapi", 3), ("violin", 6), ("zebra", 6)}
    judge(studies, lambda rater, trial: (trial.word, rater) not in wrong and (rater, trial.kind) != (6, "attention"))
    told = study_results(studies, "pilot")
    assert {each.word: (each.right, each.judged) for each in told.items} == {
        "zebra": (4, 6), "okapi": (3, 6), "piano": (6, 6), "violin": (5, 6),
    }  # fmt: skip
    p = [binomtest(each.right, 6, 0.5, "greater").pvalue for each in told.items]
    assert [each.p for each in told.items] == pytest.approx(p)
    assert [each.p_adjusted for each in told.items] == pytest.approx(false_discovery_control(p))
    # (1/2)⁶ = .015625, times four items: .0625, so none is above chance at 5 %.
    assert told.items[2].p == pytest.approx(1 / 64) and told.items[2].p_adjusted == pytest.approx(4 / 64)
    assert told.significant == 0
    assert (told.overall.right, told.overall.judged, told.chance) == (18, 24, 0.5)
    assert told.overall.crossed is None and told.overall.interval == told.overall.exact  # of four words alone
    assert "other words are not allowed for" in told.scope and "raters" not in told.scope
    # Pairs of six raters that agree: zebra 4·3 + 2·1, okapi 3·2 + 3·2, piano 6·5, violin 5·4, of 30 each.
    assert told.agreement == pytest.approx((14 + 12 + 30 + 20) / 120)
    flags = {each.number: (each.attention_right, each.attention_judged, each.flagged) for each in told.raters}
    assert flags == dict.fromkeys(range(1, 6), (2, 2, False)) | {6: (0, 2, True)}
    assert [each.median_ms for each in told.raters] == [1000.0 * number for number in range(1, 7)]
    assert {each.median_ms for each in told.items} == {3500.0}


def test_inattentive_raters_are_left_out_when_asked(study):
    studies, _ = study(raters=3, attention=2)
    judge(studies, lambda rater, trial: rater != 3)
    everyone, attentive = study_results(studies, "pilot"), study_results(studies, "pilot", attentive=True)
    assert (everyone.overall.right, everyone.overall.judged) == (8, 12) and everyone.left_out == 0
    assert (attentive.overall.right, attentive.overall.judged) == (8, 8) and attentive.left_out == 1
    assert [each.counted for each in attentive.raters] == [True, True, False]
    assert attentive.alpha is None and everyone.alpha is not None


def test_nothing_answered_yet(study):
    studies, _ = study()
    told = study_results(studies, "pilot")
    assert told.overall.judged == 0 and told.items == () and told.agreement is None
    assert json.loads(json.dumps(told.as_dict()))["accuracy"]["share"] is None


def test_raters_who_stop_half_way_count_as_far_as_they_came(study):
    studies, made = study(raters=2, attention=0)
    rater = studies.raters(made.study)[0]
    studies.begin("pilot", rater.token)
    studies.answer("pilot", rater.token, 0, 0)
    told = study_results(studies, "pilot")
    assert told.overall.judged == 1 == len(told.items) and not told.raters[0].finished


def test_what_was_taken_for_what(study):
    kinds = {"zebra": "animal", "okapi": "animal", "piano": "instrument", "violin": "instrument"}
    studies, _ = study("category", categorise=kinds.get, raters=3)
    judge(studies, lambda rater, trial: trial.word != "okapi")
    told = study_results(studies, "pilot")
    assert told.categories.names == ("animal", "instrument") and told.categories.counts == ((3, 3), (0, 6))
    assert told.categories.within[0].share == 0.5 and told.categories.within[1].share == 1
    shown = told.as_dict()
    assert shown["confusion"] == ((3, 3), (0, 6)) and shown["within"]["animal"]["right"] == 3


def test_the_table_has_a_row_for_each_judgment(study):
    studies, made = study(raters=2, attention=1)
    judge(studies, lambda rater, trial: rater == 1)
    rows = list(csv.DictReader(io.StringIO(judgments_csv(studies, "pilot"))))
    assert len(rows) == 10 == made.study.raters * made.study.trials
    plans = {each.number: each.plan for each in studies.raters(made.study)}
    for row in rows:
        places = row["places"].split("|")
        assert sorted(places) == sorted(row["options"].split("|"))
        assert places[int(row["answer_place"])] == row["answer"] == row["word"]
        assert places[int(row["chosen_place"])] == row["chosen"]
        assert row["right"] == str(int(row["chosen"] == row["answer"])) == str(int(row["rater"] == "1"))
        assert plans[int(row["rater"])][int(row["position"])].trial == int(row["trial"])
        assert row["rater_flagged"] == str(int(row["rater"] == "2")) and row["response_ms"] == f"{row['rater']}000"
        assert (row["picture_origins"] == "shipped") == (row["kind"] == "attention")


def test_a_word_that_looks_like_a_formula_is_no_formula_in_the_table():
    assert [_plain(each) for each in ("=1+1", "@x", "-dash", "zebra")] == ["'=1+1", "'@x", "'-dash", "zebra"]


FIVE = "zebra,okapi,piano,violin,cat"


def test_the_interval_of_enough_raters_and_words_resamples_both(study):
    studies, _ = study(words=FIVE, raters=6)
    judge(studies, lambda rater, trial: trial.word != "okapi")
    told = study_results(studies, "pilot")
    low, high = told.overall.interval
    assert low <= told.overall.crossed[0] < 0.8 < told.overall.crossed[1] <= high
    assert low < told.overall.exact[0] and "allowed for, roughly" in told.scope


@pytest.mark.parametrize(
    ("raters", "answered", "exact", "few"),
    [
        (1, 1, (0.025, 1), "other raters and other words are not allowed for"),
        (1, 5, (0.025 ** (1 / 5), 1), "other raters are not allowed for"),
        (2, 10, (0.025 ** (1 / 10), 1), "other raters are not allowed for"),
        (5, 25, (0.025 ** (1 / 25), 1), "all being equal, they do not tell"),
    ],
    ids=["one answer", "one rater", "two who agree", "five who agree"],
)  # fmt: skip
def test_all_right_is_not_told_as_certain(raters, answered, exact, few, study):
    studies, _ = study(words=FIVE, raters=raters)
    if answered == 1:
        judge_once(studies)
    else:
        judge(studies, lambda rater, trial: True)
    told = study_results(studies, "pilot")
    assert (told.overall.right, told.overall.judged) == (answered, answered)
    assert told.overall.interval == pytest.approx(exact) and few in told.scope
    assert "roughly" not in told.scope
    shown = told.as_dict()
    assert shown["accuracy"]["interval"] == pytest.approx(exact) and shown["interval_scope"] == told.scope
    lines = "\n".join(result_lines(told))
    assert f"95 %: {exact[0]:.3f}–1.000 ({told.scope})" in lines and "resampled" not in lines
