"""Judges of torchvision's architectures, with weights from a local file."""

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchvision
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision.transforms.v2.functional import normalize

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.judge import Pictures, imagenet_logits, in_batches
from mindseye.engine.fingerprints import sha256_of_file
from mindseye.engine.vectors import FloatArray


@cache
def architectures() -> tuple[str, ...]:
    """Return the names of torchvision's picture classifiers."""
    return tuple(torchvision.models.list_models(module=torchvision.models))


class TorchvisionJudge:
    """A torchvision classifier with weights from a file: a state dict as .safetensors, or as .pth without code in it.

    Pictures are prepared as torchvision's own first weights of the architecture ask. Raises UsageError for a file that
    does not hold weights of the architecture.
    """

    def __init__(self, architecture: str, path: Path) -> None:
        self.name = f"{architecture}_{path.stem}"
        self.fingerprint = sha256_of_file(path)
        self._network = _network(architecture, path)
        self._preset: Any = next(iter(torchvision.models.get_model_weights(architecture))).transforms()

    def logits(self, pictures: Pictures) -> FloatArray:
        """Return logits (n, 1000) of pictures (n, h, w, 3) uint8."""
        return in_batches(pictures, self._preset.crop_size[0], self._judge)

    def _judge(self, batch: Pictures) -> FloatArray:
        seen = torch.from_numpy(batch).permute(0, 3, 1, 2) / 255
        with torch.inference_mode():
            output = self._network(normalize(seen, self._preset.mean, self._preset.std))
        return imagenet_logits(np.asarray(output.numpy()), self.name)


def _network(architecture: str, path: Path) -> nn.Module:
    state = _state(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of networks that will start from other noise one day
        network: nn.Module = torchvision.models.get_model(architecture, weights=None)
    try:
        network.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        reason = str(error).splitlines()[0]
        what = f"{path} does not hold weights of {architecture} for ImageNet's 1,000 classes ({reason})"
        raise UsageError(what, "name the architecture that they are of") from error
    return network.eval().requires_grad_(False)


def _state(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return dict(load_file(path))
        state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError) as error:
        raise UsageError(f"{path} holds no weights ({error})") from error
    except Exception as error:  # torch's readers raise nearly anything
        reason = str(error).splitlines()[0]
        raise UsageError(f"{path} holds no plain weights ({reason})", "save the network's state_dict") from error
    return state
