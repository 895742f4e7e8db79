"""The contract of every way to make pictures of targets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mindseye.engine.errors import UsageError
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.synthesis.target import Target

Start = Literal["noise", "recollection", "blend"]


@dataclass(frozen=True)
class Recalled:
    """A picture from memory and how similar it is to the target.

    picture: a PIL image, or an array (h, w, 3), uint8 or floats in 0..1; similarity: the cosine of their visual
    vectors, lite0's and lite1's side by side.
    """

    picture: Image.Image | NDArray[np.generic]
    similarity: float


@dataclass(frozen=True)
class Step:
    """One step of a run: how many are done, of how many; look(): its pictures as they are now, (n, size, size, 3)."""

    done: int
    total: int
    look: Callable[[], NDArray[np.uint8]]


OnStep = Callable[[Step], None]
"""Told each step; an exception that it raises cancels the run."""


@dataclass(frozen=True)
class Imagined:
    """An imagined picture and how it came to be.

    picture: (size, size, 3); similarity: network → cosine to the target that it reached; steps: taken; start: where
    it began, None for a method that begins nowhere; recalled: places in its memory of the pictures that seeded it,
    nearest first.
    """

    picture: NDArray[np.uint8]
    similarity: dict[str, float]
    steps: int
    start: Start | None
    seed: int
    recalled: tuple[int, ...] = ()


class Method(Protocol):
    """A way to make pictures of targets; what it is trained on, if it is, is trained elsewhere (`…_fit.py`).

    name: as users ask for it; parameters: JSON values, everything but target, memory and seed that a picture depends
    on, its size too.
    """

    @property
    def name(self) -> str: ...

    @property
    def parameters(self) -> dict[str, Any]: ...

    def target(self, space: JointSpace, query: Query) -> Target:
        """Return what of a text query it makes a picture of."""
        ...

    def __call__(
        self,
        targets: Sequence[Target],
        memory: Sequence[Sequence[Recalled]],
        seeds: Sequence[int],
        on_step: OnStep | None = None,
    ) -> list[Imagined]:
        """Return one picture for each target.

        memory: for each target, pictures that may seed it; seeds: one for each. A picture depends on its own target,
        memory and seed and on the parameters, not on its neighbours. Nothing is returned when `on_step` raises.
        Raises VectorError for a target that is zero, not finite, or not of this method, and UsageError when the
        sequences differ in length.
        """
        ...


def check_lengths(targets: Sequence[Target], memory: Sequence[Sequence[Recalled]], seeds: Sequence[int]) -> None:
    """Raise UsageError when there is not one memory and one seed for each target."""
    if not len(targets) == len(memory) == len(seeds):
        counts = f"{len(targets)} targets, {len(memory)} memories and {len(seeds)} seeds"
        raise UsageError(f"{counts} do not match", "give one memory (empty perhaps) and one seed for each")
