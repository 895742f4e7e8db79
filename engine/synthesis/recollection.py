"""What memory shows of a target: the mean of its nearest pictures.

Source: Lazaridou, Nguyen & Baroni, "Do distributed semantic models dream of electric sheep?" (2015), which
stops there; here it is where the inversion starts.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from mindseye.engine.errors import UsageError
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.synthesis.at_once import imagined_at_once
from mindseye.engine.synthesis.method import Imagined, OnStep, Recalled, check_lengths
from mindseye.engine.synthesis.settings import check_size
from mindseye.engine.synthesis.target import Target, feature_target


class Recollection(NamedTuple):
    """The mean of recalled pictures, (3, size, size) in 0..1, and their places in memory, nearest first."""

    mean: Tensor
    places: tuple[int, ...]

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The mean as a picture (size, size, 3)."""
        return np.asarray((self.mean.permute(1, 2, 0) * 255).round().byte().numpy())


@dataclass(frozen=True)
class Recollecting:
    """The recollection itself as a way to imagine: what memory shows, with nothing inverted."""

    size: int = 160
    nearest: int = 12
    name = "recollection"

    def __post_init__(self) -> None:
        check_size(self.size)

    @property
    def parameters(self) -> dict[str, Any]:
        return asdict(self)

    def target(self, space: JointSpace, query: Query) -> Target:
        return feature_target(space, query)

    def __call__(
        self,
        targets: Sequence[Target],
        memory: Sequence[Sequence[Recalled]],
        seeds: Sequence[int],
        on_step: OnStep | None = None,
    ) -> list[Imagined]:
        """As the contract says; raises UsageError too for a target of which memory holds nothing."""
        check_lengths(targets, memory, seeds)
        found = [self._recollection(number, recalled) for number, recalled in enumerate(memory)]
        return imagined_at_once(
            [each.picture for each in found], targets, seeds, on_step, [each.places for each in found]
        )

    def _recollection(self, number: int, memory: Sequence[Recalled]) -> "Recollection":
        found = recollect(memory, self.size, self.nearest)
        if found is None:
            raise UsageError(f"memory holds no picture for target {number}", "index pictures first")
        return found


def recollect(memory: Sequence[Recalled], size: int, nearest: int, limit: float = -1.0) -> Recollection | None:
    """Return the mean of at most `nearest` pictures whose similarity reaches `limit`, or None without any."""
    near = [place for place, recalled in enumerate(memory) if recalled.similarity >= limit]
    places = sorted(near, key=lambda place: (-memory[place].similarity, place))[:nearest]
    if not places:
        return None
    mean = np.mean([as_square(memory[place].picture, size) for place in places], axis=0, dtype=np.float32)
    return Recollection(torch.from_numpy(mean).permute(2, 0, 1), tuple(places))


def as_square(picture: Image.Image | NDArray[np.generic], size: int) -> NDArray[np.float32]:
    """Return the middle of a picture as (size, size, 3) float32 in 0..1."""
    if not isinstance(picture, Image.Image):
        values = picture if picture.dtype == np.uint8 else np.clip(picture.astype(np.float32), 0, 1) * 255
        picture = Image.fromarray(values.astype(np.uint8))
    fitted = ImageOps.fit(picture.convert("RGB"), (size, size), Image.Resampling.BICUBIC)
    return np.asarray(fitted, dtype=np.float32) / np.float32(255)
