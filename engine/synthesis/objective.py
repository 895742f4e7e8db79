"""How much a picture's features look like a target, through an ensemble of frozen networks."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from mindseye.engine.synthesis.target import Target, stack_targets
from mindseye.engine.vision.backbone import Backbone, load_backbone

_LEAST_COSINE = 0.1  # keeps a gradient while a picture does not look like its target at all


class Likeness:
    """Similarity of pictures to targets in the centred feature space of a network.

    The objective is (f − mean)·t · cos(f − mean, t): the cosine asks for the target's direction, the product
    for much of it. Source: "dot × cosine" of Carter et al., Activation Atlas (2019).
    """

    def __init__(self, targets: Mapping[str, Tensor], device: torch.device) -> None:
        self.networks = sorted(targets)
        self._precision = _precision(device)
        self._backbones = {name: _at_work(load_backbone(name), device) for name in self.networks}
        self._targets = {name: rows.to(device) for name, rows in targets.items()}
        self._means = {name: _mean(backbone, device) for name, backbone in self._backbones.items()}

    def __call__(self, pictures: Tensor, network: str) -> tuple[Tensor, Tensor]:
        """Return the objective and the cosine, (n,) each, of pictures (n, 3, h, w) in 0..1."""
        target = self._targets[network]
        centred = self._features(self._backbones[network], pictures) - self._means[network]
        cosine = functional.cosine_similarity(centred, target)
        return (centred * target).sum(1) * cosine.clamp(min=_LEAST_COSINE), cosine

    def _features(self, backbone: Backbone, pictures: Tensor) -> Tensor:
        shrunk = self._precision != torch.float32
        with torch.autocast(pictures.device.type, self._precision, enabled=shrunk):
            return backbone.features(pictures.contiguous(memory_format=torch.channels_last)).float()


def similarities(pictures: NDArray[np.uint8], targets: Sequence[Target]) -> list[dict[str, float]]:
    """Return for each picture (n, h, w, 3) the cosine to its target that it reaches in each network.

    Raises VectorError for a target that is zero, not finite or of another width.
    """
    likeness = Likeness(stack_targets(targets), torch.device("cpu"))
    seen = torch.from_numpy(pictures).permute(0, 3, 1, 2) / 255
    with torch.inference_mode():
        cosines = {name: likeness(seen, name)[1].tolist() for name in likeness.networks}
    return [{name: values[place] for name, values in cosines.items()} for place in range(len(pictures))]


def _at_work(backbone: Backbone, device: torch.device) -> Backbone:
    backbone.module.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return backbone


def _mean(backbone: Backbone, device: torch.device) -> Tensor:
    return torch.from_numpy(backbone.head.feature_mean).to(device)


def _precision(device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware multiplies it, which halves the time; float32 elsewhere."""
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        capabilities: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
        native = capabilities.get("avx512_bf16", False) or capabilities.get("amx_bf16", False)
    return torch.bfloat16 if native else torch.float32
