"""A folder of pictures as memory: for each target, the pictures nearest to it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.engine.synthesis import Recalled
from mindseye.engine.vectors import FloatArray, unit
from mindseye.engine.vision.encoder import PictureEncoder
from mindseye.engine.vision.pictures import SUFFIXES, read_picture

_AT_A_TIME = 64  # pictures decoded and encoded together


@dataclass(frozen=True)
class Memory:
    """Pictures of known classes: their files, the WordNet id of each, and their raw features (n, p)."""

    paths: Sequence[Path]
    wnids: Sequence[str]
    features: FloatArray

    def without(self, wnids: Collection[str]) -> "Memory":
        """Return the memory without some classes. Raises UsageError when nothing is left."""
        kept = [place for place, wnid in enumerate(self.wnids) if wnid not in wnids]
        if not kept:
            raise UsageError("memory holds pictures of the concepts' own classes only", "give pictures of others too")
        return Memory([self.paths[p] for p in kept], [self.wnids[p] for p in kept], self.features[kept])

    def recall(self, targets: FloatArray, feature_mean: FloatArray, nearest: int) -> list[list[Recalled]]:
        """Return, for each target, the `nearest` pictures by their visual vectors.

        targets (t, p): unit; feature_mean (p,): what features are centred on.
        """
        vectors = unit(self.features - feature_mean)
        return [self._nearest(row, nearest) for row in targets @ vectors.T]

    def _nearest(self, similarities: FloatArray, nearest: int) -> list[Recalled]:
        order = np.argsort(-similarities, kind="stable")[:nearest]
        return [Recalled(open_picture(self.paths[place]), float(similarities[place])) for place in order]


def encoded(paths: Sequence[Path], encoder: PictureEncoder) -> tuple[list[int], FloatArray]:
    """Return which of the files are pictures, by their places, and the raw features (n, p) of these."""
    pictures = _pictures(paths)
    places: list[int] = []
    features = [np.zeros((0, encoder.width), dtype=np.float32)]
    while batch := list(islice(pictures, _AT_A_TIME)):
        places += [place for place, _ in batch]
        features.append(encoder.encode([picture for _, picture in batch]))
    return places, np.concatenate(features)


def class_pictures(folder: Path) -> dict[str, list[Path]]:
    """Return the picture files of each WordNet id: of the folders that are named by it, which `_name` may follow.

    Raises UsageError when there is no such folder with a picture.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", "name one with a folder of pictures for each WordNet id")
    found: dict[str, list[Path]] = {}
    for each in sorted(path for path in folder.iterdir() if path.is_dir()):
        pictures = sorted(path for path in each.rglob("*") if path.suffix.lower() in SUFFIXES)
        if pictures:
            found.setdefault(each.name.split("_")[0], []).extend(pictures)
    if not found:
        raise UsageError(f"no pictures in {folder}", "give a folder with one folder a class: n01440764_tench")
    return found


def open_picture(path: Path) -> Image.Image:
    """Decode a picture file. Raises UnreadableFileError when it is none."""
    return read_picture(path.read_bytes(), path.name).image


def _pictures(paths: Sequence[Path]) -> Iterator[tuple[int, Image.Image]]:
    for place, path in enumerate(paths):
        try:
            yield place, open_picture(path)
        except UnreadableFileError:
            continue
