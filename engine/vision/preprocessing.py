"""From pictures to what the networks read: torchvision's transforms, nothing else."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import v2

from mindseye.engine.vectors import FloatArray

SIZE = 240  # the whole picture at 240: its middle shows about as large as in a centre crop of 224

_transform = v2.Compose(
    [
        v2.Resize((SIZE, SIZE), interpolation=v2.InterpolationMode.BICUBIC),
        v2.PILToTensor(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize([0.5] * 3, [0.5] * 3),
    ]
)


def prepared(pictures: Sequence[Image.Image]) -> FloatArray:
    """Return RGB pictures as one batch (n, 3, 240, 240), normalised."""
    return np.stack([_transform(picture).numpy() for picture in pictures])
