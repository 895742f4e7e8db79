"""Studies as lines for people."""

from collections.abc import Sequence

from mindseye.api.studies.making import MadeStudy
from mindseye.api.studies.results import CategoryResult, ItemResult, RaterResult, StudyResults
from mindseye.engine.evaluation.judgments import Proportion
from mindseye.indexer.studies import Study


def made_lines(made: MadeStudy) -> list[str]:
    """Tell of a study that was just made."""
    study = made.study
    checks = f", {study.attention} of them checks of attention" if study.attention else ""
    return [
        f"study {study.name}: {study.trials} choices{checks}, for {study.raters} raters",
        f"links: mindseye study links {study.name}; serve them with mindseye serve",
    ]


def study_lines(studies: Sequence[Study]) -> list[str]:
    """Tell of every study in a line."""
    return [
        f"{each.name}  {each.question}{_against(each)}  {each.trials - each.attention} items"
        f"  {each.finished}/{each.raters} raters finished  {each.judgments} judgments  {each.created[:10]}"
        for each in studies
    ] or ["no study yet; make one with `mindseye study new NAME --words …`"]


def result_lines(told: StudyResults) -> list[str]:
    """Tell what a study found."""
    study = told.study
    lines = [
        f"study {study.name}: {study.question}{_against(study)}, {study.finished} of {study.raters} raters finished",
    ]
    if not told.overall.judged:
        return [*lines, "nobody has answered yet"]
    items = len(told.items)
    lines += [
        f"accuracy {_share(told.overall)}; chance {told.chance:.3f}, p {_p(told.p)}",
        f"  95 %: {_interval(told.overall.interval)} ({told.scope})",
        f"  answers taken for independent: Wilson {_interval(told.overall.wilson)},"
        f" exact {_interval(told.overall.exact)}",
        f"{told.significant} of {items} items above chance (exact binomial, one-sided; Benjamini-Hochberg at 0.05)",
        *_agreement_lines(told),
        "",
        "item: right, p, p adjusted",
        *(_item_line(each) for each in told.items),
        "",
        "rater: right, checks of attention",
        *(_rater_line(each) for each in told.raters),
    ]
    return lines + (_category_lines(told.categories) if told.categories else [])


def _against(study: Study) -> str:
    if study.confounders is None:
        return ""
    return f" against {'one of the same category' if study.confounders == 'category' else 'any other'}"


def _agreement_lines(told: StudyResults) -> list[str]:
    if told.agreement is None:
        return ["agreement: no item was judged by two raters"]
    alpha = "not defined, all answers being equal" if told.alpha is None else f"{told.alpha:.2f}"
    return [f"agreement between raters: {told.agreement:.2f} of pairs; Krippendorff's alpha {alpha}"]


def _item_line(item: ItemResult) -> str:
    against = f" against {item.against}" if item.against else f" ({item.category})" if item.category else ""
    mark = " *" if item.significant else ""
    return f"  {item.word}{against}  {item.right}/{item.judged}  {_p(item.p)}  {_p(item.p_adjusted)}{mark}"


def _rater_line(rater: RaterResult) -> str:
    checks = f"{rater.attention_right}/{rater.attention_judged}"
    flag = "  flagged: inattentive" + ("" if rater.counted else ", left out") if rater.flagged else ""
    left = "" if rater.left is None else f"  {rater.left:.0%} left"
    pace = "" if rater.median_ms is None else f"  {rater.median_ms / 1000:.1f} s"
    ended = "" if rater.finished else "  unfinished"
    return f"  {rater.number}  {rater.right}/{rater.judged}  {checks}{left}{pace}{ended}{flag}"


def _category_lines(told: CategoryResult) -> list[str]:
    width = max(map(len, told.names))
    head = " ".join(f"{name:>{max(len(name), 4)}}" for name in told.names)
    rows = [
        f"  {name:<{width}} " + " ".join(f"{n:>{max(len(to), 4)}}" for to, n in zip(told.names, row, strict=True))
        + f"  {_share(within)}"
        for name, row, within in zip(told.names, told.counts, told.within, strict=True)
    ]  # fmt: skip
    return ["", "shown (rows) and chosen (columns)", f"  {'':<{width}} {head}", *rows]


def _share(told: Proportion) -> str:
    return f"{told.share:.3f} ({told.right}/{told.judged})" if told.judged else "–"


def _interval(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:.3f}–{bounds[1]:.3f}"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
