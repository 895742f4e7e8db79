"""What memory shows of a target: the mean of its nearest pictures.

Source: Lazaridou, Nguyen & Baroni, "Do distributed semantic models dream of electric sheep?" (2015), which
stops there; here it is where the inversion starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor


@dataclass(frozen=True)
class Recalled:
    """A picture from memory and its similarity to the target: the cosine of their lite0 visual vectors.

    picture: a PIL image, or an array (h, w, 3), uint8 or floats in 0..1.
    """

    picture: Image.Image | NDArray[np.generic]
    similarity: float


class Recollection(NamedTuple):
    """The mean of recalled pictures, (3, size, size) in 0..1, and their places in memory, nearest first."""

    mean: Tensor
    places: tuple[int, ...]


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
