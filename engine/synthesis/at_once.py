"""What the ways of imagining share that make a picture in one pass."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.synthesis.method import Imagined, OnStep, Step
from mindseye.engine.synthesis.objective import similarities
from mindseye.engine.synthesis.target import Target


def imagined_at_once(
    pictures: Sequence[NDArray[np.uint8]] | NDArray[np.uint8],
    targets: Sequence[Target],
    seeds: Sequence[int],
    on_step: OnStep | None = None,
    recalled: Sequence[tuple[int, ...]] | None = None,
) -> list[Imagined]:
    """Return pictures (size, size, 3) with what they reach of their targets, after telling the one step.

    recalled: for each, the places in its memory of the pictures that it is made of.
    Raises VectorError as `similarities`.
    """
    if not targets:
        return []
    stacked, of_memory = np.stack(list(pictures)), recalled or [()] * len(targets)
    if on_step is not None:
        on_step(Step(1, 1, lambda: stacked))
    return [
        Imagined(picture, cosines, steps=1, start=None, seed=seed, recalled=places)
        for picture, cosines, seed, places in zip(
            stacked, similarities(stacked, targets), seeds, of_memory, strict=True
        )
    ]
