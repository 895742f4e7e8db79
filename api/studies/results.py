"""What a study found: accuracy with intervals, every item with its exact test, every rater with their checks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

import numpy as np

from mindseye.api.studies.making import study_as_dict
from mindseye.engine.evaluation.judgments import (
    FEW,
    LEVEL,
    Answers,
    Proportion,
    adjusted,
    agreement,
    confusion,
    crossed_interval,
    exact_p,
    krippendorff_alpha,
    proportion,
)
from mindseye.indexer.studies import Judgment, Rater, Studies, Study, Trial
from mindseye.indexer.studies.records import ATTENTION, JUDGED


@dataclass(frozen=True)
class ItemResult:
    """A trial that was judged: how many chose right, how likely that is by chance, adjusted for the number of items."""

    trial: int
    word: str
    against: str | None
    category: str | None
    right: int
    judged: int
    p: float
    p_adjusted: float
    significant: bool
    median_ms: float | None


@dataclass(frozen=True)
class RaterResult:
    """A rater: share of right answers, attention checks, the share of answers on the left, whether they are counted.

    flagged: fewer of the checks right than the study's limit; left: None where there are more than two places.
    """

    number: int
    finished: bool
    right: int
    judged: int
    attention_right: int
    attention_judged: int
    flagged: bool
    counted: bool
    left: float | None
    median_ms: float | None


@dataclass(frozen=True)
class CategoryResult:
    """How often each category was shown (rows) and chosen (columns), and the accuracy within each."""

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    within: tuple[Proportion, ...]


@dataclass(frozen=True)
class StudyResults:
    """All that a study found; see `study_results`."""

    study: Study
    chance: float
    overall: Proportion
    p: float
    items: tuple[ItemResult, ...]
    raters: tuple[RaterResult, ...]
    left_out: int
    agreement: float | None
    alpha: float | None
    categories: CategoryResult | None
    attentive_only: bool

    @property
    def significant(self) -> int:
        """How many items are above chance, by the adjusted test."""
        return sum(each.significant for each in self.items)

    @property
    def scope(self) -> str:
        """What the interval that is told allows for, and what it does not, in words."""
        if self.overall.crossed:
            return (
                "raters and words resampled, and never narrower than the exact interval: other raters and words like"
                " these are allowed for, roughly"
            )
        if few := self._few():
            return f"exact, for these answers alone: {few} are not allowed for, since fewer than {FEW} took part"
        return "exact, for these answers alone: all being equal, they do not tell what other raters or words would do"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values; shares are fractions 0–1."""
        told = {
            "study": study_as_dict(self.study), "chance": self.chance, "level": LEVEL,
            "correction": "benjamini_hochberg", "attentive_only": self.attentive_only, "raters_left_out": self.left_out,
            "accuracy": _share(self.overall), "interval_scope": self.scope, "p": self.p,
            "items_above_chance": self.significant, "agreement": self.agreement, "krippendorff_alpha": self.alpha,
            "items": [asdict(each) for each in self.items], "raters": [asdict(each) for each in self.raters],
        }  # fmt: skip
        if self.categories is None:
            return told
        within = {name: _share(each) for name, each in zip(self.categories.names, self.categories.within, strict=True)}
        return told | {"categories": self.categories.names, "confusion": self.categories.counts, "within": within}

    def _few(self) -> str:
        """Name those of raters and words that are too few to speak for others."""
        raters = sum(each.counted and each.judged > 0 for each in self.raters)
        return " and ".join(
            f"other {name}" for name, count in (("raters", raters), ("words", len(self.items))) if count < FEW
        )


def study_results(studies: Studies, name: str, attentive: bool = False) -> StudyResults:
    """Return what a study found so far, of all raters, or of those alone who pay attention.

    Items are tested one-sided against chance (exact binomial), adjusted over the items that were judged. Raises
    NotFoundError for an unknown study.
    """
    study = studies.get(name)
    trials, raters, judgments = studies.trials(study), studies.raters(study), studies.judgments(study)
    by_rater = {rater.number: [each for each in judgments if each.rater == rater.number] for rater in raters}
    told = [_rater(study, trials, rater, by_rater[rater.number]) for rater in raters]
    told = [replace(each, counted=not (attentive and each.flagged)) for each in told]
    counted = {each.number for each in told if each.counted}
    judged = [each for each in trials if each.kind == JUDGED]
    answers = [each for each in judgments if each.rater in counted and trials[each.trial].kind == JUDGED]
    chance = 1 / len(judged[0].options)
    chosen, right = _table(answers, judged, [each.number for each in told])
    overall = proportion(int(np.nansum(right)), len(answers), crossed_interval(right) if answers else None)
    is_category = study.question == "category"
    compared = chosen if is_category else right
    return StudyResults(
        study, chance, overall, exact_p(overall.right, overall.judged, chance), _items(study, judged, answers, chance),
        tuple(told), len(told) - len(counted), agreement(compared), krippendorff_alpha(compared),
        _categories(judged, answers) if is_category else None, attentive,
    )  # fmt: skip


def _rater(study: Study, trials: Sequence[Trial], rater: Rater, answers: Sequence[Judgment]) -> RaterResult:
    own = [each for each in answers if trials[each.trial].kind == JUDGED]
    checks = [each for each in answers if trials[each.trial].kind == ATTENTION]
    passed = _right(checks, trials)
    places = [rater.plan[each.position].places.index(each.chosen) for each in own]
    pairs = study.question != "category" and places
    return RaterResult(
        rater.number, rater.finished, _right(own, trials), len(own), passed, len(checks),
        bool(checks) and passed / len(checks) < study.attention_limit, True,
        places.count(0) / len(places) if pairs else None, _median(own),
    )  # fmt: skip


def _right(answers: Sequence[Judgment], trials: Sequence[Trial]) -> int:
    return sum(each.chosen == trials[each.trial].answer for each in answers)


def _table(answers: Sequence[Judgment], judged: Sequence[Trial], raters: Sequence[int]) -> tuple[Answers, Answers]:
    """Return what was chosen and whether it was right, (raters, items), nan where nothing was."""
    rows = {number: place for place, number in enumerate(raters)}
    columns = {each.number: place for place, each in enumerate(judged)}
    chosen = np.full((len(raters), len(judged)), np.nan)
    for each in answers:
        chosen[rows[each.rater], columns[each.trial]] = each.chosen
    right = np.where(np.isnan(chosen), np.nan, chosen == np.array([each.answer for each in judged]))
    return chosen, right


def _items(study: Study, judged: Sequence[Trial], answers: Sequence[Judgment], chance: float) -> tuple[ItemResult, ...]:
    of_each = {each.number: [answer for answer in answers if answer.trial == each.number] for each in judged}
    asked = [each for each in judged if of_each[each.number]]
    p = [exact_p(_right_of(each, of_each[each.number]), len(of_each[each.number]), chance) for each in asked]
    return tuple(
        ItemResult(
            each.number, each.word, _against(study, each), each.category, _right_of(each, of_each[each.number]),
            len(of_each[each.number]), own, fair, fair <= LEVEL, _median(of_each[each.number]),
        )
        for each, own, fair in zip(asked, p, adjusted(p), strict=True)
    )  # fmt: skip


def _right_of(trial: Trial, answers: Sequence[Judgment]) -> int:
    return sum(each.chosen == trial.answer for each in answers)


def _against(study: Study, trial: Trial) -> str | None:
    return None if study.question == "category" else trial.options[1 - trial.answer]


def _categories(judged: Sequence[Trial], answers: Sequence[Judgment]) -> CategoryResult:
    names, shown = judged[0].options, {each.number: each.answer for each in judged}
    counts = confusion([shown[each.trial] for each in answers], [each.chosen for each in answers], len(names))
    rows = tuple(tuple(int(count) for count in row) for row in counts)
    return CategoryResult(names, rows, tuple(proportion(row[place], sum(row)) for place, row in enumerate(rows)))


def _median(answers: Sequence[Judgment]) -> float | None:
    times = [each.response_ms for each in answers if each.response_ms is not None]
    return float(median(times)) if times else None


def _share(told: Proportion) -> dict[str, Any]:
    share = told.share if told.judged else None
    return {"right": told.right, "judged": told.judged, "share": share} | {
        name: getattr(told, name) for name in ("interval", "wilson", "exact", "crossed")
    }
