"""Imagining with an up-convolutional decoder: features in, picture out, in one pass.

Source: Dosovitskiy & Brox, Inverting visual representations with convolutional networks (CVPR 2016). Its weights are
learned from the user's own pictures (`mindseye.engine.synthesis.decoder_fit`); none are shipped (decision 0011).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from mindseye.engine.errors import MindseyeError, SpaceMismatchError, UsageError
from mindseye.engine.files import replace_file
from mindseye.engine.fingerprints import sha256_of_file
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.synthesis.at_once import imagined_at_once
from mindseye.engine.synthesis.method import Imagined, OnStep, Recalled, check_lengths
from mindseye.engine.synthesis.settings import check_size
from mindseye.engine.synthesis.target import ENSEMBLE, Target, ensemble_fingerprint, feature_target, side_by_side
from mindseye.engine.vision.backbone import FEATURE_WIDTH

SIDE = 64  # pixels, of the pictures it makes and of those that it and the dictionary learn from
NOISE = 0.3  # length of the noise beside a unit target, in training and after: what the seed draws
_CHANNELS = 256, 256, 128, 64, 32  # from 4 × 4 to 64 × 64
_FORMAT = "mindseye-decoder-1"


class UpConvolutions(nn.Module):
    """Targets of the ensemble side by side, (n, 2560), each unit, to pictures (n, 3, 64, 64) in 0..1."""

    def __init__(self) -> None:
        super().__init__()
        width = FEATURE_WIDTH * len(ENSEMBLE)
        self.first = nn.Sequential(nn.Linear(width, 4 * 4 * _CHANNELS[0]), nn.Unflatten(1, (_CHANNELS[0], 4, 4)))
        self.ups = nn.Sequential(nn.LeakyReLU(0.2), *(_up(*pair) for pair in pairwise(_CHANNELS)))
        self.last = nn.Conv2d(_CHANNELS[-1], 3, 3, padding=1)

    def forward(self, targets: Tensor) -> Tensor:
        # Unit vectors of 1,280 numbers are tiny ones: at their natural scale the first layer learns as the others do.
        colours: Tensor = self.last(self.ups(self.first(targets * FEATURE_WIDTH**0.5)))
        return colours.sigmoid()


def _up(channels: int, to: int) -> nn.Sequential:
    # Nearest pixels doubled, then a convolution: no chequers (Odena et al. 2016), and twice as fast on a CPU.
    convolution = nn.Conv2d(channels, to, 3, padding=1, bias=False)
    return nn.Sequential(nn.Upsample(scale_factor=2), convolution, nn.BatchNorm2d(to), nn.LeakyReLU(0.2))


@dataclass(frozen=True)
class Decoder:
    """Imagining by a trained decoder; the seed draws the noise that its targets are joined by.

    network: in evaluation mode; trained: what names its weights; size: side of the pictures, pixels, enlarged from 64.
    """

    network: UpConvolutions = field(repr=False)
    trained: str
    size: int = 160
    name = "decoder"

    def __post_init__(self) -> None:
        check_size(self.size)

    @property
    def parameters(self) -> dict[str, Any]:
        return {"size": self.size, "noise": NOISE, "trained": self.trained}

    def target(self, space: JointSpace, query: Query) -> Target:
        return feature_target(space, query)

    def __call__(
        self,
        targets: Sequence[Target],
        memory: Sequence[Sequence[Recalled]],
        seeds: Sequence[int],
        on_step: OnStep | None = None,
    ) -> list[Imagined]:
        check_lengths(targets, memory, seeds)
        if not targets:
            return []
        pictures = self._pictures(side_by_side(targets), seeds)
        return imagined_at_once(pictures, targets, seeds, on_step)

    def _pictures(self, targets: Tensor, seeds: Sequence[int]) -> NDArray[np.uint8]:
        drawn = [torch.randn(targets.shape[1], generator=torch.Generator().manual_seed(seed)) for seed in seeds]
        with torch.inference_mode():
            small = self.network(noisy(targets, torch.stack(drawn)))
            large = functional.interpolate(small, (self.size, self.size), mode="bicubic", antialias=True).clamp(0, 1)
        return np.ascontiguousarray((large * 255).round().byte().permute(0, 2, 3, 1).numpy())


def noisy(targets: Tensor, drawn: Tensor) -> Tensor:
    """Return targets (n, 2560) joined by normal noise (n, 2560) of length NOISE in each network, unit again."""
    joined = (targets + NOISE / FEATURE_WIDTH**0.5 * drawn).unflatten(1, (len(ENSEMBLE), FEATURE_WIDTH))
    return functional.normalize(joined, dim=2).flatten(1)


def save_decoder(network: UpConvolutions, path: Path, told: dict[str, Any]) -> None:
    """Write a decoder whole or not at all; told: JSON values on how it was trained."""
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    facts = {"format": _FORMAT, "networks": ensemble_fingerprint(), "told": json.dumps(told)}
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda temporary: save_file(tensors, temporary, facts))


def load_decoder(path: Path, size: int | None = None) -> Decoder:
    """Read a trained decoder.

    Raises UsageError when there is none, SpaceMismatchError for one of other networks, MindseyeError for a damaged one.
    """
    hint = "train one with `mindseye space fit --decoder`"
    if not path.is_file():
        raise UsageError(f"no decoder has been trained ({path} is not there)", hint)
    try:
        with safe_open(path, "pt") as file:
            facts = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        if facts.get("format") != _FORMAT or facts.get("networks") != ensemble_fingerprint():
            raise SpaceMismatchError(f"the decoder in {path} is of other networks or an older form", hint)
        network = UpConvolutions()
        network.load_state_dict(tensors)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise MindseyeError(f"{path} cannot be read as a decoder ({error})", hint) from error
    trained = sha256_of_file(path)
    return Decoder(network.eval(), trained) if size is None else Decoder(network.eval(), trained, size)
