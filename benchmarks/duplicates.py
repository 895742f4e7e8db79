"""How alike copies of photographs are, and other photographs: `python benchmarks/duplicates.py DIR`, as JSON."""

import argparse
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from mindseye.api.settings import Settings
from mindseye.engine.pocket import load_pocket
from mindseye.engine.space import JointSpace
from mindseye.engine.vectors import FloatArray
from mindseye.engine.vision.pictures import SUFFIXES, read_picture

LIKENESSES = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
Change = Callable[[Image.Image], Image.Image]


def scaled(share: float) -> Change:
    """Return what makes a picture smaller."""
    return lambda picture: picture.resize((max(1, int(picture.width * share)), max(1, int(picture.height * share))))


def cropped(share: float) -> Change:
    """Return what cuts a share off each side."""

    def crop(picture: Image.Image) -> Image.Image:
        across, down = int(share * picture.width), int(share * picture.height)
        return picture.crop((across, down, picture.width - across, picture.height - down))

    return crop


def compressed(picture: Image.Image) -> Image.Image:
    """Return a picture as JPEG of quality 30 keeps it."""
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=30)
    return Image.open(data).convert("RGB")


CHANGES: dict[str, Change] = {
    "half the size": scaled(0.5),
    "a quarter of the size": scaled(0.25),
    "JPEG quality 30": compressed,
    "cropped by 5 %": cropped(0.05),
    "cropped by 10 %": cropped(0.1),
    "a fifth brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.2),
    "grey": lambda picture: picture.convert("L").convert("RGB"),
    "mirrored": ImageOps.mirror,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, metavar="DIR")
    parser.add_argument("--photographs", type=int, default=1000, help="how many are compared with each other")
    parser.add_argument("--copied", type=int, default=150, help="how many of them are copied")
    options = parser.parse_args()
    space, rng = load_pocket(Settings().cache), np.random.default_rng(0)
    files = sorted(path for path in options.pictures.rglob("*") if path.suffix.lower() in SUFFIXES)
    chosen = [files[each] for each in sorted(rng.permutation(len(files))[: options.photographs])]
    pictures = [read_picture(path.read_bytes(), path.name).image for path in chosen]
    json.dump(figures(space, pictures, rng.permutation(len(pictures))[: options.copied].tolist()), sys.stdout, indent=2)
    sys.stdout.write("\n")


def figures(space: JointSpace, pictures: Sequence[Image.Image], copied: Sequence[int]) -> dict[str, Any]:
    """Return the share of copies, and the number of pairs of others, that are at least that alike."""
    looks = visual(space, pictures)
    others = (looks @ looks.T)[np.triu_indices(len(looks), 1)]
    told: dict[str, Any] = {"pairs": len(others), "other_pairs": {str(t): int((others >= t).sum()) for t in LIKENESSES}}
    for name, change in CHANGES.items():
        alike = (visual(space, [change(pictures[each]) for each in copied]) * looks[copied]).sum(axis=1)
        told[name] = {str(t): round(float((alike >= t).mean()), 3) for t in LIKENESSES}
    return told


def visual(space: JointSpace, pictures: Sequence[Image.Image]) -> FloatArray:
    """Return the visual halves (n, dv) of pictures."""
    return space.image_rows(space.encode_images(pictures))[:, space.text.width :]


if __name__ == "__main__":
    main()
