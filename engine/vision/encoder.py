"""The picture encoder: features of two EfficientNets (Tan & Le 2019) side by side, before any mapping."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from mindseye.engine.fingerprints import fingerprint, sha256_of_file
from mindseye.engine.runtime import Runtime, open_runtime
from mindseye.engine.vectors import FloatArray, rows


class PictureEncoder(Protocol):
    """RGB pictures in, raw feature rows out; the fingerprint names weights and preprocessing."""

    @property
    def width(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def runtime(self) -> Runtime: ...

    def encode(self, pictures: Sequence[Image.Image]) -> FloatArray: ...


NETWORKS = ("lite0", "lite1")


class LiteFeatures:
    """Pooled features of EfficientNet-lites, trained on ImageNet, side by side: 1,280 numbers each.

    model: where the networks converted for OpenVINO are kept (`.xml`), as one; networks: which. Why two: decision 0010.
    """

    preprocessing = "whole picture to 240 x 240 bicubic, (x - 0.5) / 0.5"
    batch = 16  # as fast as 32, and 350 MB less

    def __init__(self, model: Path, networks: tuple[str, ...] = NETWORKS) -> None:
        self._model = model
        self.networks = networks
        self.width = 1280 * len(networks)

    @cached_property
    def fingerprint(self) -> str:
        from mindseye.engine.vision.backbone import weights_path

        weights = [sha256_of_file(weights_path(network)) for network in self.networks]
        return fingerprint(self.networks, weights, self.preprocessing)

    @cached_property
    def runtime(self) -> Runtime:
        return open_runtime(self.module, self._example, self._model, "f32")

    def module(self) -> Any:
        """Return the torch module: normalised pictures (n, 3, 240, 240) to features (n, width)."""
        from mindseye.engine.vision.backbone import SideBySide, load_backbone

        return SideBySide([load_backbone(network).module for network in self.networks])

    def encode(self, pictures: Sequence[Image.Image]) -> FloatArray:
        """Return features (n, width) of RGB pictures of any size."""
        from mindseye.engine.vision.preprocessing import prepared

        batches = [pictures[i : i + self.batch] for i in range(0, len(pictures), self.batch)]
        features = [self.runtime(prepared(batch)) for batch in batches]
        return rows(np.vstack(features) if features else np.zeros((0, self.width)))

    def _example(self) -> list[Any]:
        import torch

        return [torch.zeros(2, 3, 240, 240)]
