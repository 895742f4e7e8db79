"""Hit@k of many methods as curves, drawn by matplotlib without a display."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mindseye.engine.evaluation.metrics import KS


def plot_hits(figures: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Write a PNG: on the left methods on word vectors, on the right those on sentence embeddings, pocket in black."""
    pocket = [name for name in figures if name.startswith("pocket")]
    sentences = [name for name in figures if name.endswith("_minilm")]
    panels = {
        "on GloVe vectors of class names": [n for n in figures if n not in (*pocket, *sentences)],
        "on MiniLM embeddings of pocket's class texts": sentences,
    }
    drawn = {title: names for title, names in panels.items() if names} or {"pocket": []}
    figure = Figure(figsize=(7.5 * len(drawn), 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(drawn), sharey=True, squeeze=False)[0]
    for place, (title, names) in zip(axes, drawn.items(), strict=True):
        _draw(place, figures, names, pocket)
        place.set_title(title)
    axes[0].set_ylabel("pictures whose class is among the first k, %")
    figure.savefig(path, dpi=130)


def _draw(axes: Axes, figures: Mapping[str, Mapping[str, Any]], names: Iterable[str], pocket: Iterable[str]) -> None:
    """Draw the curves of one panel, the legend in the order of their heights."""
    colours, dashes = colormaps["tab10"].colors, ("-", "--", "-.", ":")  # type: ignore[attr-defined]
    styles = {name: (colours[i % 10], 1.4, "-") for i, name in enumerate(names)}
    styles |= {name: ("black", 2.0, dashes[i % len(dashes)]) for i, name in enumerate(pocket)}
    for name in sorted(styles, key=lambda name: -figures[name]["hit_at_5"]):
        colour, width, dash = styles[name]
        heights = [100 * figures[name][f"hit_at_{k}"] for k in KS]
        axes.plot(KS, heights, dash, color=colour, linewidth=width, marker="o", markersize=3.5, label=name)
    axes.set_xscale("log")
    axes.set_xticks(KS, [str(k) for k in KS])
    axes.minorticks_off()
    axes.set(xlabel="k", ylim=(0, 100))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
