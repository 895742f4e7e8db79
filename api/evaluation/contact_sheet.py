"""Imagined pictures to look at without knowing what they show, or how they were made; the answers lie beside."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from mindseye.api.evaluation.kept_pictures import Kept
from mindseye.api.outputs import write_sheet, write_whole
from mindseye.api.sheets import sheet
from mindseye.engine.evaluation.concepts import Concept

MOST = 40  # pictures of a sheet
_COLUMNS = 8
_SIDE = 160  # pixels, of each picture


def write_contact_sheet(
    path: Path, pictures: Mapping[str, Sequence[Kept]], concepts: Sequence[Concept], seed: int = 0
) -> None:
    """Write a sheet of at most 40 numbered pictures in seeded order, and what they show as JSON of the same name.

    pictures: method → a picture of each concept.
    """
    every = [
        (method, concept, kept)
        for method, made in pictures.items()
        for concept, kept in zip(concepts, made, strict=True)
    ]
    drawn = [every[place] for place in np.random.default_rng(seed).permutation(len(every))[:MOST]]
    images = [Image.fromarray(kept.picture).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC) for _, _, kept in drawn]
    numbers = [str(number) for number in range(1, len(drawn) + 1)]
    write_sheet(path, sheet(images, numbers, _COLUMNS), [kept.key for _, _, kept in drawn])
    answers = [
        {"number": number, "word": concept.word, "category": concept.category, "method": method}
        for number, (method, concept, _) in enumerate(drawn, 1)
    ]
    write_whole(path.with_suffix(".json"), json.dumps(answers, indent=2, ensure_ascii=False).encode())
