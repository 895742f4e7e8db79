"""Candidates of a word, best first, by the eyes of a network that took no part in imagining them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from mindseye.api.answers import ImaginedPicture
from mindseye.engine.mixture import Mixture, mixed_target
from mindseye.engine.space import JointSpace
from mindseye.engine.synthesis import feature_target
from mindseye.engine.synthesis.objective import similarities

VIEW = "lite2"  # the evaluation, where it is a judge, ranks nothing


def ranked(space: JointSpace, mixture: Mixture, pictures: Sequence[ImaginedPicture]) -> list[ImaginedPicture]:
    """Return pictures of one mixture with their `view`, most like it first.

    The view is the cosine of a picture's features, in a network that no way of imagining inverts, to what the mixture
    maps to there.
    """
    target = mixed_target(mixture, [feature_target(space, query, (VIEW,)) for query in mixture.queries])
    seen = similarities(np.stack([_pixels(each) for each in pictures]), [target] * len(pictures))
    told = [replace(each, view=cosines[VIEW]) for each, cosines in zip(pictures, seen, strict=True)]
    return sorted(told, key=lambda each: -(each.view or 0.0))


def _pixels(picture: ImaginedPicture) -> np.ndarray:
    with Image.open(picture.path) as image:
        return np.asarray(image.convert("RGB"))
