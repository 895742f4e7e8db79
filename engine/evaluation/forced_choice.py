"""Forced choices: would a judge, shown the picture, name its concept rather than another one?

Every function takes a judge's logits (n, 1000) and the class (0–999) that each picture is meant to show, and
returns a fraction from 0 to 1. Equal logits share the choice evenly.
"""

from collections.abc import Sequence

import numpy as np

from mindseye.engine.errors import UsageError
from mindseye.engine.vectors import FloatArray

RIVALS = 200
OTHERS = 15
DRAWS = 20


def two_way_random(logits: FloatArray, classes: Sequence[int], seed: int = 0) -> float:
    """Return how often the concept wins against one random class, over 200 seeded classes but its own."""
    rivals = np.random.default_rng(seed).permutation(logits.shape[1])[:RIVALS]
    return _mean(
        [_win(row, own, [rival]) for row, own in zip(logits, classes, strict=True) for rival in rivals if rival != own]
    )


def two_way_same_category(logits: FloatArray, classes: Sequence[int], categories: Sequence[str]) -> float:
    """Return how often the concept wins against one other concept of its category, the pictures' mean.

    A concept that is alone in its category takes no part.
    """
    wins = []
    for place, (row, own) in enumerate(zip(logits, classes, strict=True)):
        rivals = [
            classes[other] for other in range(len(classes)) if other != place and categories[other] == categories[place]
        ]
        if rivals:
            wins.append(_mean([_win(row, own, [rival]) for rival in rivals]))
    return _mean(wins)


def sixteen_way(logits: FloatArray, classes: Sequence[int], seed: int = 0) -> float:
    """Return how often the concept wins against fifteen others of the set, over 20 seeded draws a picture.

    Raises UsageError when the set holds fewer than sixteen concepts.
    """
    if len(classes) <= OTHERS:
        raise UsageError(f"a choice among {OTHERS + 1} needs as many concepts, not {len(classes)}")
    random = np.random.default_rng(seed)
    wins = []
    for place, row in enumerate(logits):
        others = np.delete(np.asarray(classes), place)
        draws = [random.choice(others, OTHERS, replace=False) for _ in range(DRAWS)]
        wins += [_win(row, classes[place], draw.tolist()) for draw in draws]
    return _mean(wins)


def category_of_choice(logits: FloatArray, classes: Sequence[int], categories: Sequence[str]) -> float:
    """Return how often the judge's choice among all concepts of the set is of the picture's category."""
    choices = logits[:, list(classes)].argmax(axis=1)
    return _mean([float(categories[choice] == own) for choice, own in zip(choices, categories, strict=True)])


def _win(row: FloatArray, own: int, rivals: Sequence[int]) -> float:
    """Return 1 when `own` has the highest logit, its share when it is level with the highest, else 0."""
    against = row[list(rivals)]
    if against.max() > row[own]:
        return 0.0
    return 1.0 / (1 + int((against == row[own]).sum()))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
