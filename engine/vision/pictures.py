"""Pictures from bytes: decoded, upright, in RGB and no larger than an encoder needs; imagined ones to bytes."""

import io
import json
import re
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from mindseye.engine.errors import UnreadableFileError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp"})
MAX_PIXELS = 170_000_000  # below the size at which Pillow itself refuses to open a picture
SHORT_SIDE = 520  # twice the widest encoder input (260 px): larger pictures are decoded reduced

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
_MARK = "mindseye:"


@dataclass(frozen=True)
class Picture:
    """A decoded picture: RGB, upright, its shorter side at most 2 × SHORT_SIDE where it could be reduced.

    width, height: of the file, in px, upright. synthetic: the mark of an imagined picture (keys `version` and
    `provenance`), None for any other.
    """

    image: Image.Image
    media_type: str
    width: int
    height: int
    synthetic: dict[str, str] | None = None


def read_picture(data: bytes, name: str) -> Picture:
    """Decode the bytes of a picture file; of an animation the first frame.

    name: stands before the reason in messages. Raises UnreadableFileError for anything that is not a whole
    picture of at most MAX_PIXELS.
    """
    if not data:
        raise UnreadableFileError(f"{name} is empty (0 bytes)")
    with _quiet_pillow:
        try:
            return _decode(data)
        except Exception as error:  # decoders of broken files raise nearly anything
            raise UnreadableFileError(f"{name} {_reason(error)}") from error


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
    buffer, (first, *others), told = io.BytesIO(), frames, json.dumps(_marks(provenance_id, version))
    kind = media_type.removeprefix("image/").upper()
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = told
    marks = {"comment": told} if kind == "GIF" else {"exif": exif, "quality": 90}
    first.save(buffer, kind, save_all=True, append_images=others, duration=milliseconds, loop=0, **marks)
    return buffer.getvalue()


def _marks(provenance_id: str, version: str) -> dict[str, str]:
    return {f"{_MARK}synthetic": "true", f"{_MARK}version": version, f"{_MARK}provenance": provenance_id}


class _QuietPillow:
    """Silences Pillow's warnings while any thread decodes.

    `catch_warnings` swaps a list that all threads share, so overlapping uses would restore each other's
    filters: the first thread in silences, the last one out restores.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._saved = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._saved = warnings.catch_warnings()
                self._saved.__enter__()
                warnings.filterwarnings("ignore", module="PIL")
            self._inside += 1

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._saved.__exit__(None, None, None)


_quiet_pillow = _QuietPillow()


def _decode(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data), formats=[name for name in _MEDIA_TYPES if name != "MPO"]) as opened:
        width, height = opened.size
        if width * height > MAX_PIXELS:
            raise Image.DecompressionBombError(f"{width * height} pixels")
        on_its_side = opened.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
        if on_its_side and opened.format != "TIFF":  # whose reader turns the size by itself
            width, height = height, width
        media_type = _MEDIA_TYPES[opened.format or ""]
        opened.draft(None, (SHORT_SIDE, SHORT_SIDE))
        opened.load()
        synthetic = _synthetic_mark(opened)
        image = _reduce(_rgb(ImageOps.exif_transpose(opened)))
    return Picture(image, media_type, width, height, synthetic)


def _rgb(image: Image.Image) -> Image.Image:
    """Convert any colour mode to RGB: deep greys are scaled, transparency lies on white."""
    if image.mode.startswith("I;16"):
        return _grey(np.asarray(image).astype(np.float32) / 257)
    if image.mode in ("I", "F"):  # no natural range: the picture's own
        values = np.nan_to_num(np.asarray(image, dtype=np.float64))
        spread = float(np.ptp(values)) or 1.0
        return _grey((values - values.min()) / spread * 255)
    if image.has_transparency_data:
        upper = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", upper.size, "white"), upper).convert("RGB")
    return image.convert("RGB")


def _grey(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.rint(values).astype(np.uint8)).convert("RGB")


def _reduce(image: Image.Image) -> Image.Image:
    factor = min(image.size) // SHORT_SIDE
    return image.reduce(factor) if factor > 1 else image


def _synthetic_mark(image: ImageFile.ImageFile) -> dict[str, str] | None:
    texts = getattr(image, "text", None) or _told(image)  # PNG has texts of its own
    if str(texts.get(f"{_MARK}synthetic")) != "true":
        return None
    return {key: str(texts.get(_MARK + key, "")) for key in ("version", "provenance")}


def _told(image: ImageFile.ImageFile) -> dict[str, str]:
    """Return what a GIF's comment or a WebP's description says, when it is an object of JSON as a film carries."""
    comment = image.info.get("comment", b"") if image.format == "GIF" else None
    told = image.getexif().get(ExifTags.Base.ImageDescription, "") if comment is None else comment
    try:
        values = json.loads(told)
    except (TypeError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "is not a picture: text or another format"
    if isinstance(error, Image.DecompressionBombError):
        size = re.search(r"\d+", str(error))  # the size is told in the message only
        pixels = f"{int(size[0]) / 1e6:,.0f} million" if size else "too many"
        return f"has {pixels} pixels, over the limit of {MAX_PIXELS / 1e6:,.0f} million"
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return "is cut short"
    return f"is damaged ({str(error) or type(error).__name__})"
