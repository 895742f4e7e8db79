"""What every judge of imagined pictures is: a classifier of ImageNet's classes that takes no part in imagining."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mindseye.engine.errors import UsageError
from mindseye.engine.vectors import FloatArray

Pictures = NDArray[np.uint8]
CLASSES = 1000
BATCH = 16


class Judge(Protocol):
    """A classifier over ImageNet's 1,000 classes: pictures (n, h, w, 3) uint8 → logits (n, 1000).

    name: as figures are told under; fingerprint: of its weights.
    """

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    def logits(self, pictures: Pictures) -> FloatArray: ...


def in_batches(pictures: Pictures, side: int, judge: Callable[[Pictures], FloatArray]) -> FloatArray:
    """Return what `judge` says, (n, 1000), of pictures resized to (…, side, side, 3), a batch at a time.

    The whole picture is shown, not its middle: imagined pictures have no margin to cut.
    """
    parts = [np.zeros((0, CLASSES), dtype=np.float32)]
    for first in range(0, len(pictures), BATCH):
        parts.append(judge(resized(pictures[first : first + BATCH], side)))
    return np.concatenate(parts)


def resized(pictures: Pictures, side: int) -> Pictures:
    """Return pictures (n, side, side, 3)."""
    images = [Image.fromarray(picture) for picture in pictures]
    return np.stack([np.asarray(image.resize((side, side), Image.Resampling.BICUBIC)) for image in images])


def imagenet_logits(output: NDArray[np.generic], name: str) -> FloatArray:
    """Return logits (n, 1000) of a network's output (n, 1000) or (n, 1001), whose first class is background.

    Probabilities become their logarithms. Raises UsageError for another width, naming the judge.
    """
    values = np.asarray(output, dtype=np.float32)
    if values.ndim != 2 or values.shape[1] not in (CLASSES, CLASSES + 1):
        what = f"{name} gives an output of shape {values.shape}, not (n, {CLASSES}) or (n, {CLASSES + 1})"
        raise UsageError(what, "use a classifier of ImageNet's 1,000 classes")
    if len(values) and values.min() >= 0 and np.allclose(values.sum(axis=1), 1, atol=0.02):
        values = np.log(values.clip(1e-12))
    return np.ascontiguousarray(values[:, -CLASSES:])
