"""Files that the user asks for: checked before the work, written whole or not at all, marked when they show dreams."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from PIL import Image

from mindseye.engine.errors import MindseyeError, UsageError
from mindseye.engine.vision.pictures import write_imagined_film, write_imagined_png
from mindseye.indexer.files import replacing
from mindseye.indexer.meta import VERSION

FILMS = {".gif": "image/gif", ".webp": "image/webp"}


def check_output(path: Path | None, suffixes: Collection[str]) -> None:
    """Raise UsageError, before any work, when no file of one of these suffixes can be written at `path`."""
    if path is None:
        return
    if path.suffix.lower() not in suffixes:
        raise UsageError(f"{path} is no {' or '.join(sorted(suffixes))} file", "choose such a name")
    folder = path.resolve().parent
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", "make it first")
    if path.is_dir() or not os.access(folder, os.W_OK):
        raise UsageError(f"{path} cannot be written", "choose another place")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, in place of any before. Raises MindseyeError when it cannot be; no part of it is left then."""
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        hint = "what was imagined is kept; make room, or choose another place"
        raise MindseyeError(f"cannot write {path} ({error.strerror})", hint) from error


def write_sheet(path: Path, sheet: Image.Image, ids: Sequence[str]) -> None:
    """Write a picture of imagined pictures as PNG, marked by their provenance ids. Raises as `write_whole`."""
    write_whole(path, write_imagined_png(sheet, " ".join(ids), VERSION))


def write_film(path: Path, frames: Sequence[Image.Image], ids: Sequence[str], milliseconds: int) -> None:
    """Write frames as a GIF or WebP film by the suffix of `path`, marked by their ids. Raises as `write_whole`."""
    write_whole(path, write_imagined_film(frames, FILMS[path.suffix.lower()], milliseconds, " ".join(ids), VERSION))
