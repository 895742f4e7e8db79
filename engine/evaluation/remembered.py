"""A folder of pictures as memory: for each target, the pictures nearest to it."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.engine.synthesis import Recalled
from mindseye.engine.text.encoder import Progress
from mindseye.engine.vectors import FloatArray, unit
from mindseye.engine.vision.encoder import PictureEncoder
from mindseye.engine.vision.pictures import SUFFIXES, read_picture

_AT_A_TIME = 256  # pictures decoded and encoded together


def remember(
    folder: Path,
    excluded: Collection[str],
    targets: FloatArray,
    feature_mean: FloatArray,
    encoder: PictureEncoder,
    nearest: int,
    progress: Progress | None = None,
) -> list[list[Recalled]]:
    """Return, for each target, the `nearest` pictures of the folder by the encoder's visual vectors.

    targets (n, p): unit; feature_mean (p,): what features are centred on; folder: holds one folder of pictures for each
    class, named by its WordNet id, which `_name` may follow; excluded: WordNet ids whose folders are left out. A file
    that is no picture is passed over; progress is told (done, total). Raises UsageError when no picture is left.
    """
    paths = _paths(folder, excluded)
    readable, vectors = _visual_vectors(paths, feature_mean, encoder, progress)
    if not readable:
        raise UsageError(f"no pictures in {folder}", "give a folder with one folder a class: n01440764_tench")
    return [_nearest(row, readable, nearest) for row in targets @ vectors.T]


def _nearest(similarities: FloatArray, paths: Sequence[Path], nearest: int) -> list[Recalled]:
    order = np.argsort(-similarities, kind="stable")[:nearest]
    return [Recalled(_open(paths[place]), float(similarities[place])) for place in order]


def _visual_vectors(
    paths: Sequence[Path], mean: FloatArray, encoder: PictureEncoder, progress: Progress | None
) -> tuple[list[Path], FloatArray]:
    readable: list[Path] = []
    vectors = [np.zeros((0, len(mean)), dtype=np.float32)]
    pictures = _pictures(paths)
    while batch := list(islice(pictures, _AT_A_TIME)):
        readable += [path for path, _ in batch]
        vectors.append(unit(encoder.encode([picture for _, picture in batch]) - mean))
        if progress:
            progress(len(readable), len(paths))
    return readable, np.concatenate(vectors)


def _pictures(paths: Sequence[Path]) -> Iterator[tuple[Path, Image.Image]]:
    for path in paths:
        try:
            yield path, _open(path)
        except UnreadableFileError:
            continue


def _open(path: Path) -> Image.Image:
    return read_picture(path.read_bytes(), path.name).image


def _paths(folder: Path, excluded: Collection[str]) -> list[Path]:
    classes = (path for path in folder.iterdir() if path.is_dir() and path.name.split("_")[0] not in excluded)
    files = (path for each in classes for path in each.rglob("*") if path.suffix.lower() in SUFFIXES)
    return sorted(files)
