"""Where a training that was broken off goes on: its tensors and how far it was, in one file that is replaced whole."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mindseye.engine.files import replace_file

_FORM = "1"  # to be raised when the same tensors come to mean something else


def keep(path: Path, inputs: str, tensors: Mapping[str, Tensor], seconds: float, errors: Sequence[float]) -> None:
    """Write a checkpoint.

    inputs: fingerprint of what is learned from; tensors: all that training changes; seconds: trained for; errors: one
    for each step taken. Raises OSError as `replace_file`.
    """
    facts = {"form": _FORM, "inputs": inputs, "seconds": str(seconds), "errors": json.dumps(list(errors))}
    whole = {name: tensor.contiguous() for name, tensor in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda temporary: save_file(whole, temporary, facts))


def resume(path: Path, inputs: str, tensors: Mapping[str, Tensor]) -> tuple[float, list[float]] | None:
    """Copy a checkpoint into the tensors it was made of, and return its seconds and errors.

    None, and nothing copied, where there is no whole one of this form, these inputs and tensors of these shapes.
    """
    try:
        with safe_open(path, "pt") as file:
            facts = file.metadata() or {}
            kept = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        seconds, errors = float(facts["seconds"]), json.loads(facts["errors"])
    except (OSError, SafetensorError, KeyError, ValueError):
        return None
    if (facts.get("form"), facts.get("inputs"), _shapes(kept)) != (_FORM, inputs, _shapes(tensors)):
        return None
    for name, tensor in tensors.items():
        tensor.copy_(kept[name])
    return seconds, errors


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}
