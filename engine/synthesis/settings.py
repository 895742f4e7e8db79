"""How pictures are imagined: every number of it, with the values that were measured to serve best."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from mindseye.engine.errors import UsageError
from mindseye.engine.synthesis.method import Start
from mindseye.engine.synthesis.transforms import Views

_FIRST = 160  # pixels at most of the first stage: the networks see whole things at about this size
_SOFTEST = 0.3  # of the side: three deviations to either side must find pixels
SIZES = 32, 512  # pixels: below, the networks see nothing; above, a picture takes minutes


@dataclass(frozen=True)
class InversionSettings:
    """How pictures are imagined. Raises UsageError for a size, steps, a softness or a start out of range."""

    size: int = 160  # side of the picture, pixels
    steps: int = 240  # at most, at the first size
    growing_steps: int = 80  # at most, at each larger one
    start: Literal["auto"] | Start = "auto"  # auto: recollection when memory knows the target
    learning_rate: float = 0.02
    decay: float = 1.3  # of the spectrum's amplitude with frequency
    grain: float = 0.01  # deviation of the noise that a picture starts from: nearly grey, so objects centre
    blend_grain: float = 0.3  # of the noise laid over a recollection in a blend
    smoothness: float = 150.0  # weight of the squared differences between neighbouring pixels
    naturalness: float = 2.0  # weight of how far the networks' activations are from those of photographs
    softness: float = 1 / 160  # deviation of the blur of the finished picture, in sides of the first stage
    nearest: int = 12  # pictures that a recollection is the mean of
    limit: float = 0.1  # similarity from which memory is trusted
    fewest: int = 4  # pictures that must reach it: one alone would show through as a ghost
    patience: int = 30  # steps over which the similarity must have risen, compared with as many before
    least_gain: float = 0.002
    views: Views = field(default_factory=Views)

    def __post_init__(self) -> None:
        check_size(self.size)
        if self.steps < 1:
            raise UsageError(f"imagining takes at least one step, not {self.steps}")
        if self.growing_steps < 0:
            raise UsageError(f"a picture cannot grow by {self.growing_steps} steps")
        if not 0 < self.softness <= _SOFTEST:
            what = f"a picture cannot be blurred by {self.softness} of its side"
            raise UsageError(what, f"ask for more than 0, at most {_SOFTEST}")
        if self.start not in ("auto", *get_args(Start)):
            raise UsageError(f"no start is called {self.start!r}", f"use auto or one of {get_args(Start)}")

    @property
    def stages(self) -> tuple[tuple[int, int], ...]:
        """The sizes that a picture grows through, in pixels, and the steps at each."""
        sizes = [self.size]
        while sizes[0] > _FIRST:
            sizes.insert(0, max(_FIRST, sizes[0] // 2))
        return tuple((size, self.growing_steps if number else self.steps) for number, size in enumerate(sizes))


def check_size(size: int) -> None:
    """Raise UsageError for a side in pixels that no method makes."""
    low, high = SIZES
    if not low <= size <= high:
        raise UsageError(f"a picture cannot be {size} pixels wide", f"ask for {low} to {high}")
