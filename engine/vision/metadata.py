"""What a picture file says of itself: when it was taken, and the keywords that people gave it."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from PIL import ExifTags, ImageFile, IptcImagePlugin

_IPTC_KEYWORDS = (2, 25)
MOST_KEYWORDS = 100
LONGEST_KEYWORD = 100  # characters


def taken(image: ImageFile.ImageFile) -> str | None:
    """Return when a picture was taken, by the camera's clock: ISO 8601 without a zone; None when it does not say."""
    for told in _times(image):
        with contextlib.suppress(ValueError, TypeError):
            return datetime.strptime(str(told).strip("\0 "), "%Y:%m:%d %H:%M:%S").isoformat()
    return None


def keywords(image: ImageFile.ImageFile) -> tuple[str, ...]:
    """Return the keywords in a picture's IPTC and XMP data, each once, in small letters; whatever is junk is left out.

    At most MOST_KEYWORDS of at most LONGEST_KEYWORD characters.
    """
    words = (" ".join(word.casefold().split()) for word in (*_iptc(image), *_xmp(image)))
    fitting = (word for word in words if 0 < len(word) <= LONGEST_KEYWORD and word.isprintable())
    return tuple(dict.fromkeys(fitting))[:MOST_KEYWORDS]


def _times(image: ImageFile.ImageFile) -> Iterator[Any]:
    with contextlib.suppress(Exception):  # damaged EXIF raises nearly anything; the picture may be whole
        exif = image.getexif()
        yield exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
        yield exif.get(ExifTags.Base.DateTime)


def _iptc(image: ImageFile.ImageFile) -> list[str]:
    try:
        told = (IptcImagePlugin.getiptcinfo(image) or {}).get(_IPTC_KEYWORDS, [])
        return [word.decode("utf-8", "replace") for word in ([told] if isinstance(told, bytes) else told)]
    except Exception:  # as above
        return []


def _xmp(image: ImageFile.ImageFile) -> list[str]:
    """Return the words of XMP's `dc:subject`, one or a list of them."""
    try:
        node: Any = image.getxmp()["xmpmeta"]["RDF"]["Description"]
        told = [_bag(each) for each in (node if isinstance(node, list) else [node])]
        return [word for words in told for word in words]
    except Exception:  # no XMP, or damaged: Pillow reads it with defusedxml
        return []


def _bag(description: dict[str, Any]) -> list[str]:
    told = description.get("subject", {})
    words = told.get("Bag", told.get("Seq", {})).get("li", [])
    return [word for word in ([words] if isinstance(words, str) else words) if isinstance(word, str)]
