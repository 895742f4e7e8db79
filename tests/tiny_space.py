"""A small real space without a network: colour histograms, thrown into joint rows by a fixed projection."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from mindseye.engine.vectors import FloatArray, halves, unit

BINS = 4  # per colour channel


@dataclass
class TinySpace:
    """Pictures to histograms of BINS³ colours, those to rows [s; v]; it counts the pictures it encodes."""

    encoder: str = "tiny-histogram-1"
    mapping: str = "tiny-projection-1"
    half: int = 12
    name: str = "tiny"
    encoded: int = 0
    batches: list[int] = field(default_factory=list)

    @property
    def width(self) -> int:
        return 2 * self.half

    @property
    def raw_width(self) -> int:
        return BINS**3

    def encode_images(self, images: Sequence[Image.Image]) -> FloatArray:
        self.encoded += len(images)
        self.batches.append(len(images))
        return np.stack([self._histogram(image) for image in images])

    def image_rows(self, features: FloatArray) -> FloatArray:
        seed = sum(self.mapping.encode())
        semantic, visual = np.random.default_rng(seed).normal(size=(2, self.raw_width, self.half))
        return halves(unit(features @ semantic), unit(features @ visual))

    def _histogram(self, image: Image.Image) -> FloatArray:
        levels = np.asarray(image.convert("RGB"), np.int64) * BINS // 256
        colours = levels @ np.array([BINS * BINS, BINS, 1])
        counts = np.bincount(colours.ravel(), minlength=self.raw_width)
        return (counts / counts.sum()).astype(np.float32)
