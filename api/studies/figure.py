"""What a study found as one picture: items, raters and, of categories, what was taken for what."""

import io
from textwrap import fill

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mindseye.api.studies.results import CategoryResult, StudyResults
from mindseye.engine.errors import UsageError

_GOOD, _PLAIN, _CHANCE = "#1f6468", "#b9b3ab", "#a3272c"
_ITEM = 0.24  # inches of an item's bar


def results_figure(told: StudyResults) -> bytes:
    """Return a PNG of the results. Raises UsageError when nobody has answered."""
    if not told.items:
        raise UsageError(f"nobody has answered in the study {told.study.name!r} yet", "send its links first")
    with rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        panels = 3 if told.categories else 2
        height = max(3.4, 1.2 + _ITEM * len(told.items))
        figure = Figure(figsize=(4.6 * panels, height), layout="constrained")
        axes = figure.subplots(1, panels)
        _items(axes[0], told)
        _raters(axes[1], told)
        if told.categories:
            _confusion(axes[2], told.categories)
        overall = told.overall
        low, high = overall.interval
        figure.suptitle(
            f"{told.study.name}: {overall.share:.1%} right of {overall.judged} answers"
            f" (95 % {low:.1%} to {high:.1%}; chance {told.chance:.1%})\n" + fill(f"Interval: {told.scope}.", 90)
        )
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=150)
    return png.getvalue()


def _items(axes: Axes, told: StudyResults) -> None:
    items = sorted(told.items, key=lambda each: (each.right / each.judged, each.word))
    shares = [each.right / each.judged for each in items]
    axes.barh(range(len(items)), shares, color=[_GOOD if each.significant else _PLAIN for each in items])
    axes.set_yticks(range(len(items)), [each.word for each in items])
    axes.axvline(told.chance, color=_CHANCE, linestyle="--", linewidth=1)
    axes.set(xlim=(0, 1), xlabel="share of right answers", title="items (dark: above chance, corrected)")


def _raters(axes: Axes, told: StudyResults) -> None:
    raters = [each for each in told.raters if each.judged]
    for each in raters:
        marker, color = "x" if each.flagged else "o", _GOOD if each.counted else _PLAIN
        axes.plot(each.right / each.judged, each.number, marker=marker, color=color)
    axes.axvline(told.chance, color=_CHANCE, linestyle="--", linewidth=1)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    flagged = " (×: inattentive)" if any(each.flagged for each in raters) else ""
    axes.set(xlim=(-0.03, 1.03), xlabel="share of right answers", ylabel="rater", title=f"raters{flagged}")


def _confusion(axes: Axes, told: CategoryResult) -> None:
    shares = [[count / max(sum(row), 1) for count in row] for row in told.counts]
    axes.imshow(shares, cmap="Greens", vmin=0, vmax=1, aspect="auto")
    for place, row in enumerate(told.counts):
        for column, count in enumerate(row):
            dark = shares[place][column] > 0.6
            axes.text(column, place, str(count), ha="center", va="center", color="white" if dark else "black")
    axes.set_xticks(range(len(told.names)), told.names, rotation=30, ha="right")
    axes.set_yticks(range(len(told.names)), told.names)
    axes.set(xlabel="chosen", ylabel="shown", title="categories")
