"""How far a picture's activations are from those of photographs, without a photograph.

Where a batch normalisation was, each channel has a mean and a deviation over natural pictures that the network kept
from its training. Source: Yin et al., Dreaming to Distill: data-free knowledge transfer via DeepInversion (CVPR
2020); here of each picture by itself, so that no picture depends on its neighbours, and at the blocks' narrow ends
alone, which cost little.
"""

import torch
from torch import Tensor

from mindseye.engine.vision.backbone import Backbone, Normalised

_NARROW = ("network._bn0", "_bn2")  # the stem's, and each block's last
_LEAST_DEVIATION = 0.05  # a channel that hardly varies would rule the rest
_LEAST_VARIANCE = 1e-6  # a root's gradient has no end at 0, which a flat picture would reach
_FARTHEST = 25.0  # squared deviations; beyond it a channel pulls no more: one rare channel must not rule a picture


class Naturalness:
    """Watches a network's activations; ask after each pass through it."""

    def __init__(self, backbone: Backbone) -> None:
        self._distances: list[Tensor] = []
        for name, module in backbone.module.named_modules():
            if isinstance(module, Normalised) and name.endswith(_NARROW):
                module.register_forward_hook(self._watch)

    def distance(self) -> Tensor:
        """Return the mean squared distance (n,) of the last pass's statistics, in deviations, and forget them."""
        distance = torch.stack(self._distances).mean(0)
        self._distances.clear()
        return distance

    def _watch(self, norm: Normalised, _: tuple[Tensor, ...], activations: Tensor) -> None:
        seen = activations.float()
        mean = seen.mean((2, 3))
        variance = seen.square().mean((2, 3)) - mean.square()
        deviation = variance.clamp(min=_LEAST_VARIANCE).sqrt()
        scale = norm.deviation.clamp(min=_LEAST_DEVIATION)
        moved = ((mean - norm.mean) / scale).square() + (deviation / scale - 1).square()
        self._distances.append(moved.clamp(max=_FARTHEST).mean(1))
