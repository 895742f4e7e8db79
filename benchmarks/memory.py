"""Peak resident memory of `mindseye index` by the number of pictures, as JSON: `make bench`."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from mindseye.engine.vision.pictures import SUFFIXES

NUMBERS = (1000, 3000)
SIZE = (640, 480)
COMMAND = Path(sys.executable).with_name("mindseye")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="take these, instead of painting some")
    parser.add_argument("--numbers", type=int, nargs="+", default=NUMBERS, help="how many, ascending")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="mindseye-bench-") as folder:
        place = Path(folder)
        files = found(options.pictures) if options.pictures else painted(place / "painted", max(options.numbers))
        runs = [measured(files[:number], place / str(number)) for number in options.numbers]
    json.dump(figures(runs), sys.stdout, indent=2)
    sys.stdout.write("\n")


def painted(folder: Path, number: int) -> list[Path]:
    """Write different JPEG pictures of SIZE: coarse colours, as of a scene, under fine grain."""
    folder.mkdir()
    rng, files = np.random.default_rng(0), []
    for each in range(number):
        coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8)).resize(SIZE, Image.Resampling.BICUBIC)
        grain = Image.fromarray(rng.integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8))
        files.append(folder / f"{each:05}.jpg")
        Image.blend(coarse, grain, 0.1).save(files[-1], quality=90)
    return files


def found(folder: Path) -> list[Path]:
    """Return the picture files below a folder."""
    return sorted(path.resolve() for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def measured(files: Sequence[Path], place: Path) -> dict[str, Any]:
    """Index links to the files in a new library, in a process of its own, and return what it took."""
    (place / "pictures").mkdir(parents=True)
    for each, path in enumerate(files):
        (place / "pictures" / f"{each:05}{path.suffix}").symlink_to(path)
    command = [COMMAND, "--library", place / "library", "index", place / "pictures", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        report = json.load(process.stdout)
        _, _, usage = os.wait4(process.pid, 0)
    manifest = json.loads((place / "library" / "index" / "manifest.json").read_bytes())
    return {
        "pictures": manifest["count"],
        "peak_mb": round(usage.ru_maxrss / 1024, 1),
        "seconds": round(report["seconds"], 1),
        "vector_kb": manifest["width"] * 4 / 1024,
    }


def figures(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the runs and by how much each picture more raised the peak, beside the size of its vector."""
    first, last = runs[0], runs[-1]
    more = (last["peak_mb"] - first["peak_mb"]) * 1024 / max(1, last["pictures"] - first["pictures"])
    return {"runs": list(runs), "growth_kb_per_picture": round(more, 2), "vector_kb_per_picture": last["vector_kb"]}


if __name__ == "__main__":
    main()
