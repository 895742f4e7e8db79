"""Pictures that are sent: their bytes and pixels within bounds before anything is decoded."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from warnings import catch_warnings, simplefilter

from fastapi import UploadFile
from PIL import Image

from mindseye.api.service.limits import MEGABYTE, Limits
from mindseye.engine.errors import MindseyeError, UnreadableFileError

_NAMED = "picture"  # what stands for a name that was not sent


class TooLargeError(MindseyeError):
    """More was sent than is taken."""

    code = "too_large"


def read_upload(upload: UploadFile, limits: Limits) -> bytes:
    """Return the bytes of a picture that was sent.

    Raises TooLargeError when it has too many bytes or pixels, UnreadableFileError when it is no picture at all.
    """
    name = upload.filename or _NAMED
    data = upload.file.read(limits.upload + 1)
    if len(data) > limits.upload:
        raise TooLargeError(f"{name} has more than {limits.upload / MEGABYTE:,.0f} MB", "choose a smaller one")
    pixels = _pixels(data, name)
    if pixels > limits.pixels:
        has, most = (f"{each / MEGABYTE:,.0f} million pixels" for each in (pixels, limits.pixels))
        raise TooLargeError(f"{name} has {has}, over the limit of {most}", "choose a smaller one")
    return data


@contextmanager
def as_file(data: bytes, name: str | None) -> Iterator[Path]:
    """Yield a temporary file that holds a picture, named as it was sent."""
    with TemporaryDirectory(prefix="mindseye-") as folder:
        path = Path(folder) / _plain(name or _NAMED)
        path.write_bytes(data)
        yield path


def _pixels(data: bytes, name: str) -> int:
    """Return how many pixels a picture's header tells of."""
    try:
        with catch_warnings():
            simplefilter("ignore")  # of large pictures: they are counted here
            with Image.open(io.BytesIO(data)) as opened:
                return opened.width * opened.height
    except Image.DecompressionBombError as error:
        raise TooLargeError(f"{name} has far too many pixels", "choose a smaller one") from error
    except Exception as error:  # decoders of broken files raise nearly anything
        raise UnreadableFileError(f"{name} is no picture that can be read", "send a JPEG, PNG or WebP") from error


def _plain(name: str) -> str:
    """Return a name without folders and signs that no file system would take."""
    kept = "".join(each for each in name.replace("\\", "/").rpartition("/")[2] if each.isprintable())
    return kept.encode("utf-8", "replace").decode()[:60].strip(". ") or _NAMED
