"""What a picture is told by while a decoder learns it.

A decoder is asked with imagined targets, which know less than a picture's own features: a mapping reaches the classes
that a thing is like, not the pose and the light of one photograph.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from mindseye.engine.mapping.crossmodal import class_prototypes
from mindseye.engine.synthesis.decoder import noisy
from mindseye.engine.synthesis.target import ENSEMBLE
from mindseye.engine.vectors import FloatArray, unit
from mindseye.engine.vision.backbone import read_head

_CLASSES = 10  # most probable ones whose prototypes a picture is likened to


class TrainingTargets:
    """Random blends of a picture's own direction and of the prototypes of the classes that it looks like, with noise.

    features: (n, 2560) raw, of all pictures. The classes are weighted as ConSE does (Norouzi et al. 2013), in visual
    space, sharply or flatly by chance.
    """

    def __init__(self, features: FloatArray, device: torch.device) -> None:
        heads = [read_head(name) for name in ENSEMBLE]
        parts = np.split(features, len(heads), axis=1)
        logits = sum(part @ head.weights.T + head.bias for part, head in zip(parts, heads, strict=True)) / len(heads)
        centred = [unit(part - head.feature_mean) for part, head in zip(parts, heads, strict=True)]
        self.own = torch.from_numpy(np.hstack(centred)).to(device)
        self.prototypes = torch.from_numpy(np.hstack([class_prototypes(head.weights) for head in heads])).to(device)
        self.logits, self.likely = torch.from_numpy(logits).to(device).topk(_CLASSES)

    def __call__(self, chosen: Tensor, generator: torch.Generator) -> Tensor:
        """Return noisy targets (n, 2560) of pictures by number (n,)."""
        share, flatness = torch.rand(2, len(chosen), 1, generator=generator).to(self.own)
        weights = (self.logits[chosen] / (1 + 2 * flatness)).softmax(1)
        likeness = torch.einsum("nk,nkp->np", weights, self.prototypes[self.likely[chosen]])
        told = share * self.own[chosen] + (1 - share) * _unit_parts(likeness)
        drawn = torch.randn(told.shape, generator=generator).to(told)
        return noisy(_unit_parts(told), drawn)


def _unit_parts(targets: Tensor) -> Tensor:
    return functional.normalize(targets.view(len(targets), len(ENSEMBLE), -1), dim=2).flatten(1)
