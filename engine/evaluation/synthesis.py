"""How well imagined pictures show their concepts, told by judges that took no part in imagining them."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation import forced_choice
from mindseye.engine.evaluation.concepts import Concept
from mindseye.engine.evaluation.judges import Judge, Pictures
from mindseye.engine.synthesis import Method, OnStep, Recalled, Step, Target
from mindseye.engine.vectors import FloatArray

LOWPASS = 40  # pixels a side that the low-pass keeps

Figures = dict[str, float]


@dataclass(frozen=True)
class Trial:
    """What is imagined: concepts, for each the target of its word, and pictures that may seed it.

    The targets come from a mapping that never saw the concepts' classes, and no remembered picture is of one
    of these classes.
    """

    concepts: Sequence[Concept]
    targets: Sequence[Target]
    memory: Sequence[Sequence[Recalled]]


def evaluate_synthesis(
    trial: Trial,
    judges: Sequence[Judge],
    method: Method,
    seeds: Sequence[int] = (0,),
    on_step: OnStep | None = None,
) -> dict[str, Any]:
    """Return {judge: {figure: mean over the seeds}}, with `seconds_per_picture` and what was reached.

    Figures are fractions, at full size and, as `…_lowpass`, after a reduction to 40 pixels; with several
    seeds `standard_deviation` holds their spread. Raises UsageError for fewer than 16 concepts.
    """
    _check(trial)
    runs, count = [], len(trial.concepts)
    began = time.perf_counter()
    for number, seed in enumerate(seeds):
        places = [seed * 1000 + place for place in range(count)]
        progress = _shifted(on_step, number, len(seeds))
        runs.append(method(trial.targets, trial.memory, places, progress))
    seconds = (time.perf_counter() - began) / (count * len(seeds))
    sets = [np.stack([one.picture for one in run]) for run in runs]
    every = [one for run in runs for one in run]
    judged = {
        judge.name: _over_seeds([judge_pictures(judge, pictures, trial.concepts) for pictures in sets])
        for judge in judges
    }
    return {
        "seconds_per_picture": round(seconds, 2),
        "similarity": {name: _mean([one.similarity[name] for one in every]) for name in every[0].similarity},
        "starts": dict(Counter(one.start for one in every)),
        **judged,
    }


def judge_pictures(judge: Judge, pictures: Pictures, concepts: Sequence[Concept]) -> Figures:
    """Return a judge's figures for pictures (n, h, w, 3), one of each concept, and for their low-pass."""
    return {
        **_figures(judge.logits(pictures), concepts, ""),
        **_figures(judge.logits(lowpass(pictures)), concepts, "_lowpass"),
    }


def lowpass(pictures: Pictures) -> Pictures:
    """Return pictures (n, h, w, 3) reduced to 40 pixels a side by averaging, and enlarged again."""
    return np.stack([_lowpass(Image.fromarray(picture)) for picture in pictures])


def _lowpass(picture: Image.Image) -> Pictures:
    small = picture.resize((LOWPASS, LOWPASS), Image.Resampling.BOX)
    return np.asarray(small.resize(picture.size, Image.Resampling.BICUBIC))


def _figures(logits: FloatArray, concepts: Sequence[Concept], suffix: str) -> Figures:
    classes = [concept.class_index for concept in concepts]
    categories = [concept.category for concept in concepts]
    return {
        f"two_way_random{suffix}": forced_choice.two_way_random(logits, classes),
        f"two_way_same_category{suffix}": forced_choice.two_way_same_category(logits, classes, categories),
        f"sixteen_way{suffix}": forced_choice.sixteen_way(logits, classes),
        f"category_of_choice{suffix}": forced_choice.category_of_choice(logits, classes, categories),
    }


def _over_seeds(figures: Sequence[Figures]) -> dict[str, Any]:
    means: dict[str, Any] = {name: _mean([one[name] for one in figures]) for name in figures[0]}
    if len(figures) > 1:
        spread = {name: float(np.std([one[name] for one in figures], ddof=1)) for name in figures[0]}
        means["standard_deviation"] = spread
    return means


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _shifted(on_step: OnStep | None, number: int, of: int) -> OnStep | None:
    """Count one seed's steps within those of all seeds."""
    if on_step is None:
        return None
    return lambda step: on_step(Step(number * step.total + step.done, of * step.total, step.look))


def _check(trial: Trial) -> None:
    needed = forced_choice.OTHERS + 1
    if len(trial.concepts) < needed:
        raise UsageError(f"{len(trial.concepts)} concepts are too few", f"sixteen-way choice needs {needed}")
