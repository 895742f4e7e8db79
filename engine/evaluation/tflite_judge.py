"""Judges in TensorFlow Lite files, by `ai-edge-litert`."""

import importlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.judge import Pictures, imagenet_logits, in_batches
from mindseye.engine.fingerprints import sha256_of_file
from mindseye.engine.vectors import FloatArray


class TFLiteJudge:
    """A quantised classifier in a TensorFlow Lite file, read before its softmax.

    The softmax's own output has 256 steps and is mostly zero; the tensor before it is fine enough to rank.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self._interpreter = _interpreter(path)
        self.fingerprint = sha256_of_file(path)
        self._input = self._interpreter.get_input_details()[0]
        self._logits = _before_softmax(self._interpreter)

    def logits(self, pictures: Pictures) -> FloatArray:
        """Return logits (n, 1000) of pictures (n, h, w, 3) uint8."""
        side = int(self._input["shape"][1])
        return in_batches(pictures, side, lambda batch: np.concatenate([self._judge(one[None]) for one in batch]))

    def _judge(self, picture: Pictures) -> FloatArray:
        self._interpreter.set_tensor(self._input["index"], self._prepared(picture))
        self._interpreter.invoke()
        values = self._interpreter.get_tensor(self._logits["index"])
        step, zero = self._logits["quantization"]
        plain = (values.astype(np.float32) - zero) * step if step else values
        return imagenet_logits(plain, self.name)

    def _prepared(self, picture: Pictures) -> NDArray[np.generic]:
        """Return a picture in the network's own numbers; TensorFlow's networks see pixels as -1 to 1."""
        if self._input["dtype"] == np.uint8:
            return picture
        seen = picture.astype(np.float32) / np.float32(127.5) - 1
        step, zero = self._input["quantization"]
        if not step:
            return seen
        range_ = np.iinfo(self._input["dtype"])  # white may lie one step beyond it, and would come round as black
        whole: NDArray[np.generic] = (seen / step + zero).round().clip(range_.min, range_.max).astype(range_.dtype)
        return whole


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
            interpreter.allocate_tensors()
        except ValueError as error:
            raise UsageError(f"{path} is not a TensorFlow Lite model: {error}") from error
        except RuntimeError as error:  # operations that this runtime does not know
            raise UsageError(f"{path} cannot be run: {error}", "use a model of plain TensorFlow Lite") from error
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
