"""Judges by name or file: lite2, and any TensorFlow Lite, ONNX or torchvision classifier."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.judge import BATCH, Judge, Pictures, resized
from mindseye.engine.evaluation.onnx_judge import ONNXJudge
from mindseye.engine.evaluation.tflite_judge import TFLiteJudge
from mindseye.engine.evaluation.torchvision_judge import TorchvisionJudge, architectures
from mindseye.engine.vectors import FloatArray
from mindseye.engine.vision.backbone import FEATURE_WIDTH, Backbone, load_backbone

_OF_FILES: dict[str, Callable[[Path], Judge]] = {".tflite": TFLiteJudge, ".onnx": ONNXJudge}
_NO_FEATURES = np.zeros((0, FEATURE_WIDTH), dtype=np.float32)
_USE = "use lite2, FILE.tflite, FILE.onnx, or ARCHITECTURE:FILE for torchvision's weights (resnet50:weights.pth)"


def load_judge(name_or_file: str | Path) -> Judge:
    """Return the judge `lite2`, or the one in a file.

    name_or_file: `lite2`, a .tflite or .onnx file, or `architecture:file` for torchvision's weights.
    Raises UsageError when there is no such judge, when it is no classifier of ImageNet's classes, and when its runtime
    is not installed.
    """
    told = str(name_or_file)
    if told == "lite2":
        return BackboneJudge(load_backbone(told))
    architecture, colon, file = told.partition(":")
    if colon and architecture in architectures():
        return TorchvisionJudge(architecture, _existing(Path(file)))
    path = _existing(Path(told))
    if path.suffix not in _OF_FILES:
        raise UsageError(f"no judge can be read from {path}", _USE)
    return _OF_FILES[path.suffix](path)


class BackboneJudge:
    """A network of the ensemble's family that the ensemble leaves out."""

    def __init__(self, backbone: Backbone) -> None:
        self.name = backbone.name
        self.fingerprint = backbone.weights_hash
        self._backbone = backbone
        backbone.module.to(memory_format=torch.channels_last)

    def logits(self, pictures: Pictures) -> FloatArray:
        """Return logits (n, 1000) of pictures (n, h, w, 3) uint8."""
        head = self._backbone.head
        return np.asarray(self.features(pictures) @ head.weights.T + head.bias)

    def features(self, pictures: Pictures) -> FloatArray:
        """Return pooled features (n, 1280) of pictures (n, h, w, 3) uint8."""
        batches = range(0, len(pictures), BATCH)
        return np.concatenate([_NO_FEATURES, *(self._features(pictures[i : i + BATCH]) for i in batches)])

    def _features(self, batch: Pictures) -> FloatArray:
        seen = torch.from_numpy(resized(batch, self._backbone.input_size)).permute(0, 3, 1, 2) / 255
        with torch.inference_mode():
            return np.asarray(self._backbone.features(seen.contiguous(memory_format=torch.channels_last)).numpy())


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise UsageError(f"no judge {str(path)!r}", _USE)
    return path
