"""The reliability diagram, drawn by matplotlib without a display: what was said against what came true."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mindseye.engine.evaluation.reliability import BINS, Forecasts, expected_calibration_error, reliability


def plot_reliability(forecasts: Mapping[str, Forecasts], path: Path) -> None:
    """Write a PNG with a curve for each named set of forecasts, and below how often each probability was given."""
    figure = Figure(figsize=(5.5, 6.5), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, sharex=True, height_ratios=(4, 1))
    above.plot([0, 1], [0, 1], ":", color="grey", label="perfect")
    width = 1 / BINS / (len(forecasts) + 1)
    for number, (name, each) in enumerate(forecasts.items()):
        measured = each.probabilities, each.truths, each.weights
        weight, told, came = reliability(*measured)
        error = expected_calibration_error(*measured)
        label = f"{name.replace('_', ' ')}, calibration error {error:.3f}"
        above.plot(told[weight > 0], came[weight > 0], marker="o", markersize=4, label=label)
        below.bar(np.arange(BINS) / BINS + width * (number + 1), weight, width)
    above.set(ylabel="how often it was so", ylim=(0, 1))
    below.set(xlabel="probability given", ylabel="share", xlim=(0, 1))
    above.grid(alpha=0.3)
    above.legend()
    figure.savefig(path, dpi=130)
