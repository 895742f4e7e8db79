"""The picture encoder: EfficientNet-lite0 features (Tan & Le 2019), 1,280 numbers before any mapping."""

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


class LiteFeatures:
    """Pooled features of EfficientNet-lite0, trained on ImageNet.

    model: where the network converted for OpenVINO is kept (`.xml`).
    """

    width = 1280
    network = "lite0"
    batch = 32

    def __init__(self, model: Path) -> None:
        self._model = model

    @cached_property
    def fingerprint(self) -> str:
        from mindseye.engine.vision.backbone import weights_path
        from mindseye.engine.vision.preprocessing import RECIPE

        return fingerprint(self.network, sha256_of_file(weights_path(self.network)), RECIPE)

    @cached_property
    def runtime(self) -> Runtime:
        return open_runtime(self.module, self._example, self._model, "f32")

    def module(self) -> Any:
        """Return the torch module: normalised pictures (n, 3, 224, 224) to features (n, 1280)."""
        from mindseye.engine.vision.backbone import load_backbone

        return load_backbone(self.network).module

    def encode(self, pictures: Sequence[Image.Image]) -> FloatArray:
        """Return features (n, 1280) of RGB pictures of any size."""
        from mindseye.engine.vision.preprocessing import prepared

        batches = [pictures[i : i + self.batch] for i in range(0, len(pictures), self.batch)]
        features = [self.runtime(prepared(batch)) for batch in batches]
        return rows(np.vstack(features) if features else np.zeros((0, self.width)))

    def _example(self) -> list[Any]:
        import torch

        return [torch.zeros(2, 3, 224, 224)]
