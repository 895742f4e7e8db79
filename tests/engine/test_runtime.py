"""OpenVINO says what torch says, row by row, and torch takes over where OpenVINO cannot run."""

import logging
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from mindseye.engine.runtime import OpenVINORuntime, gpu_present, open_runtime
from mindseye.engine.vision.preprocessing import prepared

on_processor = pytest.mark.skipif(gpu_present(), reason="torch runs on the GPU here")

TEXTS = ["okapi", "a red motorcycle in a garage", "crane: a large long-necked wading bird " * 20]


def cosines(a, b):
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


@pytest.fixture(scope="module")
def pictures(demo_manifest):
    return [Image.open(picture.path).convert("RGB") for picture in demo_manifest.pictures]


@on_processor
def test_pictures_are_encoded_in_float32_as_torch_does(pocket, pictures):
    with torch.inference_mode():
        expected = pocket.picture.module()(torch.from_numpy(prepared(pictures))).numpy()
    assert isinstance(pocket.picture.runtime, OpenVINORuntime) and pocket.picture.runtime.precision == "f32"
    assert cosines(pocket.encode_images(pictures), expected).min() >= 0.9999


def test_texts_are_encoded_as_sentence_transformers_does(pocket):
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(pocket.text._folder), device="cpu")
    expected = reference.encode(TEXTS, normalize_embeddings=True)
    assert cosines(pocket.encode_texts(TEXTS), expected).min() >= 0.9999


def test_a_text_does_not_depend_on_its_neighbours(pocket):
    alone = pocket.encode_texts(TEXTS[:1])
    together = pocket.encode_texts([*TEXTS, *["and many others"] * 70])[:1]
    assert cosines(alone, together)[0] >= 0.9999


def test_many_texts_of_all_lengths_come_back_in_their_order(pocket):
    from sentence_transformers import SentenceTransformer

    rng = np.random.default_rng(7)
    words = ["heron", "granite", "violin", "harbour", "justice", "kettle", "prairie", "turbine"]
    texts = [" ".join(rng.choice(words, size)) for size in rng.integers(1, 260, 90)]
    told = []
    encoded = pocket.encode_texts(texts, lambda done, total: told.append((done, total)))
    reference = SentenceTransformer(str(pocket.text._folder), device="cpu")
    assert cosines(encoded, reference.encode(texts, normalize_embeddings=True)).min() >= 0.9999
    assert len(told) > 2 and told[-1] == (90, 90) and told == sorted(told)


@on_processor
def test_batches_run_side_by_side_come_back_in_order(tmp_path):
    layer = torch.nn.Linear(3, 2)
    runtime = open_runtime(lambda: layer, lambda: [torch.zeros(1, 3)], tmp_path / "layer.xml", "f32")
    batches = [np.full((rows, 3), number, np.float32) for number, rows in enumerate((5, 1, 900, 2, 1, 300, 7))]
    outputs = list(runtime.each([batch] for batch in batches))
    assert [len(output) for output in outputs] == [5, 1, 900, 2, 1, 300, 7]
    for batch, output in zip(batches, outputs, strict=True):
        assert np.allclose(output, layer(torch.from_numpy(batch)).detach().numpy(), atol=1e-5)
    assert list(runtime.each([])) == []


@on_processor
def test_torch_takes_over_with_a_message_where_openvino_cannot_run(tmp_path, monkeypatch, caplog):
    def broken(self, model, precision, threads):
        raise RuntimeError("no plugin for this processor")

    monkeypatch.setattr(OpenVINORuntime, "__init__", broken)
    layer = torch.nn.Linear(3, 2)
    with caplog.at_level(logging.WARNING):
        runtime = open_runtime(lambda: layer, lambda: [torch.zeros(1, 3)], tmp_path / "layer.xml", "f32")
    assert runtime.name == "torch"
    assert "OpenVINO cannot run layer here (no plugin for this processor)" in caplog.text
    values = np.ones((4, 3), dtype=np.float32)
    assert np.allclose(runtime(values), layer(torch.from_numpy(values)).detach().numpy())
    (again,) = runtime.each([[values]])
    assert np.array_equal(again, runtime(values))


@on_processor
def test_a_network_is_converted_once(tmp_path):
    made = []

    def module():
        made.append(1)
        return torch.nn.Linear(3, 2)

    first, second = (open_runtime(module, lambda: [torch.zeros(1, 3)], tmp_path / "layer.xml", "f32") for _ in range(2))
    values = np.ones((1, 3), dtype=np.float32)
    assert len(made) == 1 and np.array_equal(first(values), second(values))


@pytest.mark.slow
@on_processor
def test_openvino_reports_to_nobody(tmp_path):
    code = (
        "import torch, mindseye.engine.runtime as runtime\n"
        "from pathlib import Path\n"
        f"runtime.open_runtime(lambda: torch.nn.Linear(3, 2), lambda: [torch.zeros(1, 3)], "
        f"Path({str(tmp_path / 'layer.xml')!r}), 'f32')"
    )
    environment = {k: v for k, v in os.environ.items() if k != "CI"} | {"HOME": str(tmp_path / "home")}
    (tmp_path / "home").mkdir()
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
    assert (tmp_path / "layer.xml").exists() and not (tmp_path / "home" / "intel").exists()


@on_processor
def test_a_damaged_conversion_is_made_again(tmp_path):
    model = tmp_path / "layer.xml"
    model.write_text("cut")
    layer = torch.nn.Linear(3, 2)
    runtime = open_runtime(lambda: layer, lambda: [torch.zeros(1, 3)], model, "f32")
    values = np.ones((1, 3), dtype=np.float32)
    assert runtime.name == "openvino"
    assert np.allclose(runtime(values), layer(torch.from_numpy(values)).detach().numpy(), atol=1e-6)


LET_GO = """
import gc, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started this in the background
import numpy as np, torch
from pathlib import Path
from mindseye.engine.runtime import OpenVINORuntime, open_runtime

model = Path(sys.argv[1]) / "linear.xml"
open_runtime(lambda: torch.nn.Linear(4, 2), lambda: [torch.zeros(1, 4)], model, "f32")
first, second = OpenVINORuntime(model, "f32"), OpenVINORuntime(model, "f32")
del first
gc.collect()
del second
gc.collect()
filled = [np.ones(1 << 12) for _ in range(1000)]
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("interrupted")
"""


@on_processor
def test_ctrl_c_interrupts_a_process_that_has_let_networks_go(tmp_path):
    done = subprocess.run([sys.executable, "-c", LET_GO, tmp_path], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "interrupted\n")
