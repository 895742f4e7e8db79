"""The pictures of studies, kept below the library's folder as raters see them.

A photo may be moved or changed, an imagined picture removed: what was judged stays. Names, keywords and places that a
file tells of itself would give answers away, so nothing but the pixels, and the mark of imagined ones, is kept.
"""

import io
from collections.abc import Collection
from pathlib import Path

from PIL import Image

from mindseye.engine.errors import LibraryError
from mindseye.engine.vision.pictures import read_picture, write_imagined_png
from mindseye.indexer.files import digest, replacing
from mindseye.indexer.studies.records import Shown

FOLDER = "studies"
SIDE = 512  # px, of the longer side at most


def kept_path(root: Path, file: str) -> Path:
    """Return where the picture of that hash is kept in the library at `root`."""
    return root / FOLDER / f"{file}.png"


def keep(root: Path, source: Path, origin: str, item_id: int | None) -> Shown:
    """Keep what raters see of a picture file and return it.

    Raises UnreadableFileError when it is no picture, LibraryError when it cannot be read or kept.
    """
    try:
        original = source.read_bytes()
        data = _rendered(original, source.name)
        path = kept_path(root, digest(data))
        if not path.is_file():
            path.parent.mkdir(exist_ok=True)
            with replacing(path) as temporary:
                temporary.write_bytes(data)
    except OSError as error:
        what = f"a picture of the study cannot be kept: {error.filename or root} ({error.strerror or error})"
        raise LibraryError(what, "make room or check permissions") from error
    return Shown(digest(data), digest(original), origin, item_id)


def discard(root: Path, files: Collection[str]) -> None:
    """Delete kept pictures that no study needs any more."""
    for file in files:
        kept_path(root, file).unlink(missing_ok=True)


def _rendered(data: bytes, name: str) -> bytes:
    """Return a picture as PNG without any of its metadata; an imagined one keeps its mark."""
    picture = read_picture(data, name)
    image = picture.image.convert("RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    if mark := picture.synthetic:
        return write_imagined_png(image, mark["provenance"], mark["version"])
    clean, buffer = Image.frombytes("RGB", image.size, image.tobytes()), io.BytesIO()
    clean.save(buffer, "PNG")
    return buffer.getvalue()
