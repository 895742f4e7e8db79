"""Rasters are opened in one way: files on this machine only, with little kept, every trouble told in words."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import rasterio
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader

from mindseye.engine.errors import UnreadableFileError

Source: TypeAlias = DatasetReader
DRIVERS = ("GTiff", "VRT", "JP2OpenJPEG", "HFA", "ENVI", "AAIGrid", "PNG", "JPEG", "GPKG")
_SETTINGS = {
    "GDAL_CACHEMAX": 64 << 20,  # bytes of decoded blocks that are kept, whatever the raster
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none",  # what a VRT names on the network is not fetched
    "VRT_SHARED_SOURCE": "NO",  # sources of a VRT are opened anew by each thread
}


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a raster for reading. Raises UnreadableFileError when it is none, or ends in the middle of what is read."""
    if readable(path) != str(path):
        raise UnreadableFileError(f"the name of {readable(path)} is no UTF-8", "rename the raster")
    if not os.path.isfile(path):  # noqa: PTH113 - pathlib's raises; and no address on the network comes past here
        raise UnreadableFileError(f"there is no raster {path}")
    try:
        with rasterio.Env(**_SETTINGS), DatasetReader(path, driver=list(DRIVERS), sharing=False) as source:
            yield source
    except RasterioError as error:
        reason = str(error.__cause__ or error)
        raise UnreadableFileError(f"{path} cannot be read as a raster ({reason})", "check that it is whole") from error


def readable(path: Path | str) -> str:
    """Return a path, or a text that names some, as text of UTF-8, with escapes for the bytes that are none."""
    return os.fsencode(path).decode(errors="backslashreplace")
