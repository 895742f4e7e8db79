"""What the ways of imagining that are learned from pictures see of each."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mindseye.engine.synthesis.decoder import SIDE


def training_picture(picture: Image.Image) -> NDArray[np.uint8]:
    """Return a whole picture as (64, 64, 3), squashed as the encoder sees it, so that its features are of all of it."""
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
