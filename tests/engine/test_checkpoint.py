"""Checkpoints: what a training goes on from, and what it must not."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from mindseye.engine.synthesis.checkpoint import keep, resume

FACTS = {"form": "1", "inputs": "these", "seconds": "2.5", "errors": "[0.3, 0.1]"}


def tensors(value: float) -> dict[str, torch.Tensor]:
    return {"weights": torch.full((3, 2), value).t(), "steps": torch.tensor(value)}


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "new" / "decoder.training.safetensors"
    keep(file, "these", tensors(7.0), 2.5, [0.3, 0.1])
    return file


def test_what_was_kept_comes_back(path):
    own = tensors(0.0)
    assert resume(path, "these", own) == (2.5, [0.3, 0.1])
    assert all(torch.equal(own[name], tensor) for name, tensor in tensors(7.0).items())
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("changed", "facts"),
    [
        ({}, FACTS | {"form": "0"}),
        ({}, {name: fact for name, fact in FACTS.items() if name != "form"}),
        ({}, FACTS | {"inputs": "others"}),
        ({}, FACTS | {"seconds": "soon"}),
        ({}, FACTS | {"errors": "[0.3,"}),
        ({}, {"form": "1", "inputs": "these"}),
        ({}, None),
        ({"weights": torch.ones(2, 4)}, FACTS),
        ({"more": torch.ones(1)}, FACTS),
        ({"steps": None}, FACTS),
    ],
    ids=["form", "no form", "inputs", "seconds", "errors", "fewer facts", "no facts", "shape", "more", "fewer"],
)
def test_another_checkpoint_is_none_and_changes_nothing(path, changed, facts):
    kept = {name: tensor for name, tensor in (load_file(path) | changed).items() if tensor is not None}
    save_file(kept, path, facts)
    own = tensors(0.0)
    assert resume(path, "these", own) is None
    assert not any(tensor.any() for tensor in own.values())


@pytest.mark.parametrize("length", [0, 5, 100, -1])
def test_a_damaged_checkpoint_is_none(path, length):
    path.write_bytes(path.read_bytes()[:length])
    assert resume(path, "these", tensors(0.0)) is None


def test_no_checkpoint_is_none(tmp_path):
    assert resume(tmp_path / "none", "these", tensors(0.0)) is None
