"""Judges in ONNX files, by ONNX Runtime."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.judge import Pictures, imagenet_logits, in_batches
from mindseye.engine.fingerprints import sha256_of_file
from mindseye.engine.vectors import FloatArray

_SIDE = 224  # pixels, of a network that takes any size
_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)  # of ImageNet's colours, 0..1
_DEVIATION = np.array([0.229, 0.224, 0.225], dtype=np.float32)


class ONNXJudge:
    """A classifier in an ONNX file with one picture input and ImageNet's classes as its first output.

    The input's form says how it was trained to see: (n, 3, h, w) as torch's networks, by ImageNet's mean and deviation;
    (n, h, w, 3) as TensorFlow's, from -1 to 1; whole numbers as plain pixels.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self._session = _session(path)
        self.fingerprint = sha256_of_file(path)
        self._input = self._session.get_inputs()[0]
        shape = self._input.shape
        if len(shape) != 4 or 3 not in (shape[1], shape[3]):
            raise UsageError(f"{path} takes an input of shape {shape}, no pictures", "use a picture classifier")
        self._channels_first = shape[1] == 3
        side = shape[2]
        self._side = side if isinstance(side, int) else _SIDE
        self._alone = shape[0] == 1  # a network that was exported for one picture at a time

    def logits(self, pictures: Pictures) -> FloatArray:
        """Return logits (n, 1000) of pictures (n, h, w, 3) uint8."""
        return in_batches(pictures, self._side, self._judge)

    def _judge(self, batch: Pictures) -> FloatArray:
        parts = np.split(batch, len(batch)) if self._alone else [batch]
        outputs = [self._session.run(None, {self._input.name: self._prepared(part)})[0] for part in parts]
        return np.concatenate([imagenet_logits(output, self.name) for output in outputs])

    def _prepared(self, batch: Pictures) -> NDArray[np.generic]:
        seen = self._scaled(batch)
        return np.ascontiguousarray(seen.transpose(0, 3, 1, 2) if self._channels_first else seen)

    def _scaled(self, batch: Pictures) -> NDArray[np.generic]:
        if self._input.type == "tensor(uint8)":
            return batch
        scaled = batch.astype(np.float32) / np.float32(255)
        seen = (scaled - _MEAN) / _DEVIATION if self._channels_first else 2 * scaled - 1
        return seen.astype(np.float16 if self._input.type == "tensor(float16)" else np.float32)


def _session(path: Path) -> Any:
    try:
        runtime = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise UsageError(f"judging by {path.name} needs onnxruntime", "pip install 'mindseye[judge]'") from error
    try:
        return runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors share no class
        raise UsageError(f"{path} is not an ONNX model: {str(error).splitlines()[0]}") from error
