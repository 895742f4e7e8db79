"""How well imagined pictures show their concepts, told by judges that took no part in imagining them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from mindseye.engine.evaluation import forced_choice
from mindseye.engine.evaluation.categories import shipped
from mindseye.engine.evaluation.concepts import Concept
from mindseye.engine.evaluation.forced_choice import Choices
from mindseye.engine.evaluation.judge import Pictures
from mindseye.engine.evaluation.significance import interval, items_above_chance, pooled
from mindseye.engine.vectors import FloatArray

LOWPASS = 40  # pixels a side that the low-pass keeps


def figures(
    logits: Sequence[FloatArray], lowpassed: Sequence[FloatArray], shown: Sequence[Concept], table: Sequence[Concept]
) -> dict[str, Any]:
    """Return one judge's figures, each the mean over seeds: {task: fraction, task_lowpass: fraction, …}.

    logits, lowpassed: for each seed the judge's (n, 1000) for the pictures of the `shown` concepts, at full size and
    after the low-pass; table: the concepts that are chosen among. `interval`: 95 %, concepts resampled;
    `items_above_chance`: share of concepts, by exact tests, corrected; with several seeds `standard_deviation`.
    Raises UsageError for a table of fewer than 16 concepts.
    """
    runs = [
        _tasks(full, shown, table, "") | _tasks(low, shown, table, "_lowpass")
        for full, low in zip(logits, lowpassed, strict=True)
    ]
    means: dict[str, float] = {}
    spread: dict[str, float] = {}
    intervals: dict[str, list[float]] = {}
    above: dict[str, float] = {}
    for name, first in runs[0].items():
        if not first.trials.any():
            continue  # no concept takes part: none has a category, say
        fractions, together = [run[name].fraction for run in runs], pooled([run[name] for run in runs])
        means[name], intervals[name] = float(np.mean(fractions)), interval(together)
        if len(runs) > 1:
            spread[name] = float(np.std(fractions, ddof=1))
        if (share := items_above_chance(together)) is not None:
            above[name] = share
    told = {**means, "interval": intervals, "items_above_chance": above}
    return {**told, "standard_deviation": spread} if spread else told


def lowpass(pictures: Pictures) -> Pictures:
    """Return pictures (n, h, w, 3) reduced to 40 pixels a side by averaging, and enlarged again."""
    return np.stack([_lowpass(Image.fromarray(picture)) for picture in pictures])


def _lowpass(picture: Image.Image) -> Pictures:
    small = picture.resize((LOWPASS, LOWPASS), Image.Resampling.BOX)
    return np.asarray(small.resize(picture.size, Image.Resampling.BICUBIC))


def _tasks(logits: FloatArray, shown: Sequence[Concept], table: Sequence[Concept], suffix: str) -> dict[str, Choices]:
    return {
        f"two_way_random{suffix}": forced_choice.two_way_random(logits, shown),
        f"two_way_same_category{suffix}": forced_choice.two_way_same_category(logits, shown, table),
        f"sixteen_way{suffix}": forced_choice.sixteen_way(logits, shown, table),
        f"category_of_choice{suffix}": forced_choice.category_of_choice(logits, shown, table),
        f"macro_category{suffix}": forced_choice.macro_category(logits, shown, shipped().macro_categories),
    }
