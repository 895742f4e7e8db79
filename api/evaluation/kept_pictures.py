"""Pictures that an evaluation imagined, kept one by one: a run that was stopped goes on where it was."""

import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from PIL import Image

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.evaluation.judge import Pictures
from mindseye.engine.files import replace_file
from mindseye.engine.vision.pictures import read_picture, write_imagined_png


@dataclass(frozen=True)
class Making:
    """How a picture came to be: its similarity to its target, its share of its batch's time, the batch's peak.

    similarity: network → cosine; start: as the method tells; peak_memory_mb: of the process, None where it is not told.
    """

    similarity: dict[str, float]
    start: str | None
    seconds: float
    peak_memory_mb: float | None


@dataclass(frozen=True)
class Kept:
    """A picture (size, size, 3), the key that it is kept under, and how it came to be."""

    key: str
    picture: Pictures
    making: Making


class KeptPictures:
    """Pictures below a folder, a PNG and a JSON file each; the JSON is written last, so that half of one is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> Kept | None:
        """Return the picture of a key, or None when it is not there, or damaged."""
        try:
            told = json.loads(self._path(key, "json").read_text(encoding="utf-8"))
            picture = read_picture(self._path(key, "png").read_bytes(), key).image
            return Kept(key, np.asarray(picture), Making(**told))
        except (OSError, ValueError, TypeError, UnreadableFileError):
            return None

    def put(self, kept: Kept) -> None:
        """Keep a picture, marked as imagined."""
        self._folder.mkdir(parents=True, exist_ok=True)
        png = write_imagined_png(Image.fromarray(kept.picture), kept.key, version("mindseye"))
        replace_file(self._path(kept.key, "png"), lambda path: path.write_bytes(png))
        told = json.dumps(asdict(kept.making))
        replace_file(self._path(kept.key, "json"), lambda path: path.write_text(told, encoding="utf-8"))

    def _path(self, key: str, suffix: str) -> Path:
        return self._folder / f"{key}.{suffix}"
