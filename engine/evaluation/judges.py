"""Judges of imagined pictures: classifiers that take no part in imagining them."""

import importlib
import warnings
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from mindseye.engine.errors import UsageError
from mindseye.engine.vectors import FloatArray
from mindseye.engine.vision.backbone import Backbone, load_backbone

Pictures = NDArray[np.uint8]
CLASSES = 1000
_BATCH = 16


class Judge(Protocol):
    """A classifier over ImageNet's 1,000 classes: pictures (n, h, w, 3) uint8 → logits (n, 1000)."""

    @property
    def name(self) -> str: ...

    def logits(self, pictures: Pictures) -> FloatArray: ...


def load_judge(name_or_file: str | Path) -> Judge:
    """Return the judge `lite2`, or the one in a TensorFlow Lite file.

    Raises UsageError when there is no such judge, or its runtime is not installed.
    """
    if str(name_or_file) == "lite2":
        return BackboneJudge(load_backbone("lite2"))
    if Path(name_or_file).is_file():
        return TFLiteJudge(Path(name_or_file))
    raise UsageError(f"no judge {str(name_or_file)!r}", "use lite2, or a TensorFlow Lite classifier's path")


class BackboneJudge:
    """A network of the ensemble's family that the ensemble leaves out."""

    def __init__(self, backbone: Backbone) -> None:
        self.name = backbone.name
        self._backbone = backbone

    def logits(self, pictures: Pictures) -> FloatArray:
        """Return logits (n, 1000) of pictures (n, h, w, 3) uint8."""
        side, head = self._backbone.input_size, self._backbone.head
        parts = [_none()]
        for first in range(0, len(pictures), _BATCH):
            resized = torch.from_numpy(_resized(pictures[first : first + _BATCH], side)).permute(0, 3, 1, 2)
            with torch.inference_mode():
                features = self._backbone.features(resized / 255).numpy()
            parts.append(features @ head.weights.T + head.bias)
        return np.concatenate(parts)


class TFLiteJudge:
    """A quantised classifier in a TensorFlow Lite file, read before its softmax.

    The softmax's own output has 256 steps and is mostly zero; the tensor before it is fine enough to rank.
    A 1,001st class, the first, is background and dropped.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self._interpreter = _interpreter(path)
        self._input = self._interpreter.get_input_details()[0]
        self._logits = _before_softmax(self._interpreter)

    def logits(self, pictures: Pictures) -> FloatArray:
        """Return logits (n, 1000) of pictures (n, h, w, 3) uint8."""
        return np.concatenate([_none(), *(self._judge(picture[None]) for picture in pictures)])

    def _judge(self, picture: Pictures) -> FloatArray:
        side = int(self._input["shape"][1])
        self._interpreter.set_tensor(self._input["index"], _resized(picture, side))
        self._interpreter.invoke()
        step, zero = self._logits["quantization"]
        values = self._interpreter.get_tensor(self._logits["index"])[:, -CLASSES:].astype(np.float32)
        return np.asarray((values - zero) * step, dtype=np.float32)


def _none() -> FloatArray:
    return np.zeros((0, CLASSES), dtype=np.float32)


def _interpreter(path: Path) -> Any:
    try:
        runtime = importlib.import_module("ai_edge_litert.interpreter")
    except ImportError as error:
        hint = "pip install 'mindseye[judge]'"
        raise UsageError(f"judging by {path.name} needs ai-edge-litert", hint) from error
    with warnings.catch_warnings():
        # Keeping inner tensors costs memory, says the runtime; for one small network it is the point.
        warnings.simplefilter("ignore", UserWarning)
        try:
            interpreter = runtime.Interpreter(str(path), experimental_preserve_all_tensors=True)
        except ValueError as error:
            raise UsageError(f"{path} is not a TensorFlow Lite model: {error}") from error
    interpreter.allocate_tensors()
    return interpreter


def _before_softmax(interpreter: Any) -> dict[str, Any]:
    """Return the last tensor as wide as the output and of its kind that is not the output itself."""
    output = interpreter.get_output_details()[0]
    for tensor in reversed(interpreter.get_tensor_details()):
        same = list(tensor["shape"]) == list(output["shape"]) and tensor["dtype"] == output["dtype"]
        if same and tensor["index"] != output["index"]:
            found: dict[str, Any] = tensor
            return found
    raise UsageError("the judge's model has no tensor before its softmax", "use a classifier with a softmax")


def _resized(pictures: Pictures, side: int) -> Pictures:
    """Return pictures (n, side, side, 3)."""
    images = [Image.fromarray(picture) for picture in pictures]
    return np.stack([np.asarray(image.resize((side, side), Image.Resampling.BICUBIC)) for image in images])
