"""Small pictures of contents, made when they are first asked for: a cache that may be deleted at any time."""

from pathlib import Path

from PIL import Image
from sqlalchemy.orm import Session

from mindseye.engine.errors import NotFoundError
from mindseye.engine.vision.pictures import Picture, imagined_exif
from mindseye.indexer.files import replacing
from mindseye.indexer.records import Item, Skip
from mindseye.indexer.stored import read_item

FOLDER = "thumbnails"
SIDE = 512  # px, of the longer side: what a gallery shows, on dense screens too
_QUALITY = 85


def thumbnail_path(root: Path, sha256: str) -> Path:
    """Return where the thumbnail of a content is kept in the library at `root`."""
    return root / FOLDER / sha256[:2] / f"{sha256}.jpg"


def thumbnail(session: Session, root: Path, item: Item) -> Path:
    """Return the thumbnail of an item's content, made from its file, or from a copy, when it is not there.

    Raises NotFoundError for a text and when no file holds the content any more, OSError when it cannot be written.
    """
    if item.modality != "image":
        raise NotFoundError(f"item {item.id} is a {item.modality} and has no picture", "name a picture")
    path = thumbnail_path(root, item.sha256)
    if not path.is_file():
        outcome = read_item(session, item)
        if isinstance(outcome, Skip):
            raise NotFoundError(f"{item.path} is gone or has changed", "index its folder again")
        _write(path, outcome.picture)
    return path


def _write(path: Path, picture: Picture) -> None:
    small, mark = picture.image.copy(), picture.synthetic
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        exif = imagined_exif(mark["provenance"], mark["version"]) if mark else Image.Exif()
        small.save(temporary, "JPEG", quality=_QUALITY, exif=exif)
