"""Labelled pictures as folders: one folder a class, named by the word, or by WordNet id and name."""

import re
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mindseye.api.progress import Progress
from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.engine.space import JointSpace
from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.text.lexicon import Lexicon
from mindseye.engine.text.segmentation import segmented
from mindseye.engine.vectors import FloatArray
from mindseye.engine.vision.pictures import SUFFIXES, read_picture

_WNID = re.compile(r"^(n\d{8})(?:_|$)")
_BATCH = 32
_lexicon = cache(Lexicon)


def class_folders(images: Path) -> list[Path]:
    """Return the folders of pictures below `images`, also when they lie one level deeper.

    Raises UsageError when there are fewer than two.
    """
    if not images.is_dir():
        raise UsageError(f"{images} is no folder", "name one with a folder of pictures for each word")
    for parent in (images, *sorted(p for p in images.iterdir() if p.is_dir())):
        folders = [p for p in sorted(parent.iterdir()) if p.is_dir() and pictures(p)]
        if len(folders) > 1:
            return folders
    raise UsageError(f"{images} does not hold folders of pictures", "name one with a folder for each word")


def pictures(folder: Path) -> list[Path]:
    """Return the picture files of a folder, sorted."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))


def folder_word(folder: Path) -> str:
    """Return the word that a folder's name says: `n02123045_tabby_cat` and `tabby_cat` both say "tabby cat".

    Words written together are told apart where the dictionary knows none such: `parkinglot`, `AnnualCrop`.
    """
    return segmented(_WNID.sub("", folder.name).replace("_", " ").strip(), _lexicon())


def labelled_by_wnid(
    images: Path, space: JointSpace, progress: Progress | None = None, most: int | None = None
) -> tuple[FloatArray, NDArray[np.int64], list[str]]:
    """Return the features (n, p) and ImageNet classes (n,) of pictures in folders named by WordNet id, and their words.

    words: for each of the 1,000 classes its folder's word, the class's own name where it has no folder; most:
    pictures of a class, all when None. Raises UsageError when no folder is named so.
    """
    numbers = {text.wnid: number for number, text in enumerate(class_texts())}
    words = [text.names[0] for text in class_texts()]
    found: list[tuple[Path, int]] = []
    for folder in class_folders(images):
        match = _WNID.match(folder.name)
        if match and match[1] in numbers:
            words[numbers[match[1]]] = folder_word(folder) or words[numbers[match[1]]]
            found += [(path, numbers[match[1]]) for path in pictures(folder)[:most]]
    if not found:
        raise UsageError(f"no folder in {images} is named by an ImageNet id", "name them like n02123045_tabby")
    paths = [path for path, _ in found]
    return stored_features(paths, space, progress), np.array([number for _, number in found]), words


def stored_features(paths: list[Path], space: JointSpace, progress: Progress | None = None) -> FloatArray:
    """Return features (n, p) as a library keeps them: rounded to float16.

    Raises UsageError naming a file that cannot be read.
    """
    features = []
    for start in range(0, len(paths), _BATCH):
        features.append(space.encode_images([_read(path) for path in paths[start : start + _BATCH]]))
        if progress:
            progress(min(start + _BATCH, len(paths)), len(paths))
    return np.concatenate(features).astype(np.float16).astype(np.float32)


def _read(path: Path) -> Image.Image:
    try:
        return read_picture(path.read_bytes(), str(path)).image
    except (OSError, UnreadableFileError) as error:
        raise UsageError(f"cannot measure with {path} ({error})", "take it out or mend it") from error
