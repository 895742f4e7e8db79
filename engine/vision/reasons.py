"""Why a file is no picture, in words that a person understands."""

import re

from PIL import Image, UnidentifiedImageError

from mindseye.engine.vision import limits

_SIGNATURES = re.compile(
    rb"(?P<JPEG>\xff\xd8\xff)|(?P<PNG>\x89PNG)|(?P<WebP>RIFF.{4}WEBP)|(?P<GIF>GIF8)|(?P<TIFF>II[*+]\0|MM\0[*+])|(?P<BMP>BM)",
    re.DOTALL,
)
_UNSAYING = re.compile(r"decoder error -?\d+|could not create decoder object|cannot load this image")


def reason(error: Exception, data: bytes) -> str:
    """Say after a file's name what the decoder's error means; data: the file."""
    told = str(error)
    if isinstance(error, UnidentifiedImageError):
        return _unidentified(data)
    if isinstance(error, Image.DecompressionBombError):
        size = re.search(r"\((\d+) pixels\)", told)  # Pillow tells it in the message only
        return limits.too_many(int(size[1])) if size else told
    if isinstance(error, MemoryError):
        return "needs more memory than there is"
    if isinstance(error, EOFError) or "truncated" in told.lower():
        return "is cut short"
    if "MAX_TEXT" in told or "text chunks" in told:
        return "holds a compressed text or profile that swells beyond all measure"
    if not isinstance(error, (OSError, SyntaxError, ValueError)):  # Python's own words about what the header led to
        return "is damaged (its header contradicts itself)"
    return f"is damaged ({_UNSAYING.sub('its pixels cannot be decoded', told) or type(error).__name__})"


def _unidentified(data: bytes) -> str:
    if not data.strip(b"\0"):
        return "holds nothing but zeros"
    if begins := _SIGNATURES.match(data):
        return f"begins like a {begins.lastgroup} but its header is damaged or cut short"
    return "is not a picture: text or another format"
