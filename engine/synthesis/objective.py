"""How much a picture's features look like a target, through an ensemble of frozen networks."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from mindseye.engine.synthesis.naturalness import Naturalness
from mindseye.engine.synthesis.target import Target, stack_targets
from mindseye.engine.vision.backbone import Backbone, load_backbone

_BATCH = 16
_LEAST_COSINE = 0.1  # keeps a gradient while a picture does not look like its target at all


class Seen(NamedTuple):
    """What a network sees in n pictures: objective to raise, cosine to the target, distance from photographs (n,)."""

    objective: Tensor
    cosine: Tensor
    unnatural: Tensor


def backbone_at_work(name: str, device: torch.device) -> Backbone:
    """Return a network on a device, its weights laid out as pictures are to be. Raises as `load_backbone`."""
    backbone = load_backbone(name)
    backbone.module.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return backbone


# A tenth of a second each to build; what watches a network's insides must have one of its own.
_shared_backbone = cache(backbone_at_work)


class Ensemble:
    """Frozen networks, and what pictures are to look like to each.

    targets: network → rows (n, 1280), directions from the network's mean feature; load: makes a network's backbone.
    """

    def __init__(
        self,
        targets: Mapping[str, Tensor],
        device: torch.device,
        load: Callable[[str, torch.device], Backbone] = backbone_at_work,
    ) -> None:
        self.networks = sorted(targets)
        self.targets = {name: rows.to(device) for name, rows in targets.items()}
        self.backbones = {name: load(name, device) for name in self.networks}
        self.means = {name: _mean(backbone, device) for name, backbone in self.backbones.items()}
        self._precision = precision(device)

    def centred(self, pictures: Tensor, network: str) -> Tensor:
        """Return features (n, 1280), from the network's mean, of pictures (n, 3, h, w) in 0..1."""
        shrunk = self._precision != torch.float32
        with torch.autocast(pictures.device.type, self._precision, enabled=shrunk):
            features = self.backbones[network].features(pictures.contiguous(memory_format=torch.channels_last))
        return features.float() - self.means[network]


class Likeness(Ensemble):
    """Similarity of pictures to targets in the centred feature space of a network.

    The objective is (f − mean)·t · cos(f − mean, t): the cosine asks for the target's direction, the product
    for much of it. Source: "dot × cosine" of Carter et al., Activation Atlas (2019).
    """

    def __init__(self, targets: Mapping[str, Tensor], device: torch.device) -> None:
        super().__init__(targets, device)
        self._naturalness = {name: Naturalness(backbone) for name, backbone in self.backbones.items()}

    def __call__(self, pictures: Tensor, network: str) -> Seen:
        """Return what a network sees in pictures (n, 3, h, w) in 0..1."""
        centred, target = self.centred(pictures, network), self.targets[network]
        cosine = functional.cosine_similarity(centred, target)
        objective = (centred * target).sum(1) * cosine.clamp(min=_LEAST_COSINE)
        return Seen(objective, cosine, self._naturalness[network].distance())


def similarities(pictures: NDArray[np.uint8], targets: Sequence[Target]) -> list[dict[str, float]]:
    """Return for each picture (n, h, w, 3) the cosine to its target that it reaches in each network.

    Raises VectorError for a target that is zero, not finite or of another width.
    """
    ensemble = Ensemble(stack_targets(targets), torch.device("cpu"), _shared_backbone)
    seen = torch.from_numpy(pictures).permute(0, 3, 1, 2)
    parts = [seen[first : first + _BATCH] for first in range(0, len(seen), _BATCH)]
    cosines = {}
    for name in ensemble.networks:
        with torch.inference_mode():
            centred = torch.cat([ensemble.centred(part / 255, name) for part in parts])
        cosines[name] = functional.cosine_similarity(centred, ensemble.targets[name]).tolist()
    return [{name: values[place] for name, values in cosines.items()} for place in range(len(pictures))]


def _mean(backbone: Backbone, device: torch.device) -> Tensor:
    return torch.from_numpy(backbone.head.feature_mean).to(device)


def precision(device: torch.device) -> torch.dtype:
    """Return bfloat16 where a GPU multiplies it, else float32: on processors its gradients cost more than they save."""
    native = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if native else torch.float32
