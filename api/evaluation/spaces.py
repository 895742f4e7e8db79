"""The pocket space refitted with classes held out: what zero-shot, calibration and synthesis are measured in."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindseye.api.progress import Progress
from mindseye.engine.pocket import Parts, encoders, fit_pocket, load_parts
from mindseye.engine.space import JointSpace


class Refitter:
    """Fits the pocket space to any of its classes; the texts are encoded once."""

    def __init__(self, cache: Path, progress: Progress | None = None) -> None:
        self.text, self.picture, self.lexicon = encoders(cache)
        self.parts: Parts = load_parts(cache, progress)

    def __call__(self, classes: NDArray[np.int64] | None = None) -> JointSpace:
        """Return the space fitted to `classes` (numbers among ImageNet's 1,000), all when None."""
        return fit_pocket(self.text, self.picture, self.lexicon, self.parts, classes)
