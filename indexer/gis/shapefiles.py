"""Shapefiles whose index is missing or lags behind them, read whole through one that GDAL makes anew."""

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyogrio

_HEADER = 100  # bytes, of .shp and .shx alike (ESRI Shapefile Technical Description, 1998)
_kept: list[TemporaryDirectory[str]] = []  # as long as the process: layers are read from there


def is_shapefile(file: Path) -> bool:
    """Return whether a file is called as the geometries of a Shapefile are."""
    return file.suffix.lower() == ".shp"


def readable(file: Path) -> Path:
    """Return what to read a Shapefile from: itself, or a folder of its own with an index made anew.

    Raises OSError when it cannot be read.
    """
    index = next((each for each in _parts(file) if each.suffix.lower() == ".shx"), None)
    return file if index is not None and _reaches_the_end(index, file) else _with_new_index(file.absolute())


def _reaches_the_end(index: Path, file: Path) -> bool:
    """Return whether the records that an index knows of are all that the file holds."""
    words = np.frombuffer(index.read_bytes()[_HEADER:], ">i4").astype(np.int64)
    if len(words) % 2:
        return False
    starts, lengths = words.reshape(-1, 2).T * 2  # bytes; a record's own header has 8
    return int((starts + lengths + 8).max(initial=_HEADER)) == file.stat().st_size


@cache
def _with_new_index(file: Path) -> Path:
    folder = TemporaryDirectory(prefix="mindseye-shapefile-")
    _kept.append(folder)
    for part in _parts(file):
        if part.suffix.lower() != ".shx":
            shutil.copy(part, folder.name)
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
    try:
        copy = Path(folder.name) / file.name
        pyogrio.read_info(copy)
    finally:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})
    return copy


def _parts(file: Path) -> list[Path]:
    return sorted(each for each in file.parent.iterdir() if each.stem == file.stem and each.is_file())
