"""Pictures from bytes: decoded, upright, in RGB and no larger than an encoder needs; imagined ones to bytes."""

import io
import json
import threading
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageFile, _imaging
from PIL.PngImagePlugin import PngInfo

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.vision import limits, metadata
from mindseye.engine.vision.quiet import QuietDecoders
from mindseye.engine.vision.reasons import reason
from mindseye.engine.vision.reduction import SHORT_SIDE, reduced

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp"})
LARGE = 30_000_000  # pixels: two pictures above are never decoded at once, so that memory stays bounded
_imaging.set_block_size(1 << 26)  # bytes of pixels in a piece: glibc keeps freed ones below 32 MB, for each thread

# Only these are tried: the other readers of Pillow start programs or read formats nobody photographs in.
_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a JPEG that carries further views; the first is read
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
}
_Transpose = Image.Transpose
_TURNS = {  # by EXIF orientation
    2: _Transpose.FLIP_LEFT_RIGHT,
    3: _Transpose.ROTATE_180,
    4: _Transpose.FLIP_TOP_BOTTOM,
    5: _Transpose.TRANSPOSE,
    6: _Transpose.ROTATE_270,
    7: _Transpose.TRANSVERSE,
    8: _Transpose.ROTATE_90,
}
_MARK = "mindseye:"
_DESCRIPTION = ExifTags.Base.ImageDescription


@dataclass(frozen=True)
class Picture:
    """A decoded picture: RGB, upright, its shorter side at most 2 × SHORT_SIDE where it could be reduced.

    width, height: of the file, in px, upright. synthetic: the mark of an imagined picture (keys `version` and
    `provenance`), None for any other. taken, keywords: as `mindseye.engine.vision.metadata` reads them.
    """

    image: Image.Image
    media_type: str
    width: int
    height: int
    synthetic: dict[str, str] | None = None
    taken: str | None = None
    keywords: tuple[str, ...] = ()


def read_picture(data: bytes, name: str) -> Picture:
    """Decode the bytes of a picture file; of an animation the first frame.

    name: stands before the reason in messages. Raises UnreadableFileError for anything that is not a whole
    picture within `limits`.
    """
    if not data:
        raise UnreadableFileError(f"{name} is empty (0 bytes)")
    with _quiet:
        try:
            return _decode(data)
        except Exception as error:  # decoders of broken files raise nearly anything
            raise UnreadableFileError(f"{name} {reason(error, data)}") from error


def write_imagined_png(image: Image.Image, provenance_id: str, version: str) -> bytes:
    """Return `image` as PNG bytes whose text chunks mark it as imagined, with version and provenance id."""
    marks = PngInfo()
    for key, value in _marks(provenance_id, version).items():
        marks.add_text(key, value)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", pnginfo=marks)
    return buffer.getvalue()


def write_imagined_film(
    frames: Sequence[Image.Image], media_type: str, milliseconds: int, provenance_id: str, version: str
) -> bytes:
    """Return frames as an endless film, marked as imagined: image/gif by its comment, image/webp by its EXIF.

    milliseconds: that each frame is shown.
    """
    buffer, (first, *others), exif = io.BytesIO(), frames, imagined_exif(provenance_id, version)
    kind = media_type.removeprefix("image/").upper()
    marks = {"comment": exif[_DESCRIPTION]} if kind == "GIF" else {"exif": exif, "quality": 90}
    first.save(buffer, kind, save_all=True, append_images=others, duration=milliseconds, loop=0, **marks)
    return buffer.getvalue()


def imagined_exif(provenance_id: str, version: str) -> Image.Exif:
    """Return EXIF that marks a JPEG, WebP or TIFF as imagined, with version and provenance id."""
    exif = Image.Exif()
    exif[_DESCRIPTION] = json.dumps(_marks(provenance_id, version))
    return exif


def _marks(provenance_id: str, version: str) -> dict[str, str]:
    return {f"{_MARK}synthetic": "true", f"{_MARK}version": version, f"{_MARK}provenance": provenance_id}


_quiet = QuietDecoders()
_one_large = threading.Lock()


def _decode(data: bytes) -> Picture:
    opened = Image.open(io.BytesIO(data), formats=[name for name in _MEDIA_TYPES if name != "MPO"])
    pixels = limits.check(opened, data)
    with _one_large if pixels > LARGE else nullcontext():
        picture = _decoded(opened)
        del opened  # and all that its decoder holds, before the next one begins
    return picture


def _decoded(opened: ImageFile.ImageFile) -> Picture:
    width, height = opened.size
    media_type = _MEDIA_TYPES[opened.format or ""]
    opened.draft(None, (SHORT_SIDE, SHORT_SIDE))
    opened.load()
    image, turn = reduced(opened), _turn(opened)
    told = _synthetic_mark(opened), metadata.taken(opened), metadata.keywords(opened)
    if turn is not None:
        image = image.transpose(turn)
    if turn in list(_TURNS.values())[3:]:
        width, height = height, width
    image.info = {}  # texts and profiles may be far larger than the picture
    return Picture(image, media_type, width, height, *told)


def _turn(image: ImageFile.ImageFile) -> Image.Transpose | None:
    """Return what makes a loaded picture upright, None for nothing: the reader of TIFF has turned it already."""
    with suppress(Exception):  # damaged EXIF raises nearly anything; the picture may be whole
        if image.format != "TIFF":
            return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    return None


def _synthetic_mark(image: ImageFile.ImageFile) -> dict[str, str] | None:
    texts = getattr(image, "text", None) or _told(image)  # PNG has texts of its own
    if str(texts.get(f"{_MARK}synthetic")) != "true":
        return None
    return {key: str(texts.get(_MARK + key, "")) for key in ("version", "provenance")}


def _told(image: ImageFile.ImageFile) -> dict[str, str]:
    """Return what a GIF's comment or another picture's description says, when it is an object of JSON."""
    with suppress(Exception):  # as above
        comment = image.info.get("comment", b"") if image.format == "GIF" else None
        told = image.getexif().get(_DESCRIPTION, "") if comment is None else comment
        values = json.loads(told)
        return values if isinstance(values, dict) else {}
    return {}
