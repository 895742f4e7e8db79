"""A piece of Earth as a picture: rasters, reduced, side by side in longitude and latitude, and values over them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.enums import MergeAlg, Resampling
from rasterio.features import rasterize
from rasterio.warp import reproject

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis.opening import Source, opened
from mindseye.indexer.gis.pixels import read_picture, read_valid
from mindseye.indexer.gis.records import Rendering, Ring, Window
from mindseye.indexer.gis.rings import EARTH

_READ = 2  # pixels of a raster that are read for one of the picture, in either direction
Values = NDArray[np.float32]
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Piece:
    """A part of a raster to draw, and how."""

    raster: Path
    window: Window
    rendering: Rendering


@dataclass(frozen=True)
class Ground:
    """A box of degrees that is drawn `width` pixels wide and `height` high; east may be past 180."""

    west: float
    south: float
    east: float
    north: float
    width: int
    height: int

    @classmethod
    def around(cls, rings: Iterable[Ring], longest: int) -> Self:
        """Return the smallest ground around footprints, its longer side of `longest` pixels.

        Degrees of longitude are drawn as much shorter as they are in its middle.
        """
        longitudes, latitudes = np.array([corner for ring in rings for corner in ring], np.float64).T
        west, east, south, north = longitudes.min(), longitudes.max(), latitudes.min(), latitudes.max()
        across, along = (east - west) * math.cos(math.radians((south + north) / 2)), north - south
        scale = longest / max(across, along)
        size = max(1, round(across * scale)), max(1, round(along * scale))
        return cls(float(west), float(south), float(east), float(north), *size)

    @property
    def transform(self) -> Affine:
        """Pixels (column, row) to longitude and latitude."""
        across, along = (self.east - self.west) / self.width, (self.north - self.south) / self.height
        return Affine(across, 0, self.west, 0, -along, self.north)


def draw_pieces(ground: Ground, pieces: Sequence[Piece]) -> tuple[Picture, list[str]]:
    """Return rasters on a ground (height, width, 4), transparent where none has data, and what could not be read."""
    shown = np.zeros((4, ground.height, ground.width), np.uint8)
    unread = []
    for piece in pieces:
        try:
            with opened(piece.raster) as source:
                _draw(source, piece, ground, shown)
        except UnreadableFileError as error:
            unread.append(error.what)
    return np.ascontiguousarray(np.moveaxis(shown, 0, -1)), unread


def averaged(ground: Ground, footprints: Sequence[Ring], values: Sequence[float]) -> Values:
    """Return the mean value of the footprints over each pixel (height, width), NaN where there is none."""
    shapes = [{"type": "Polygon", "coordinates": [(*ring, ring[0])]} for ring in footprints]
    sums, counts = np.zeros((2, ground.height, ground.width), np.float64)
    for out, told in ((sums, values), (counts, [1.0] * len(shapes))):
        pairs = list(zip(shapes, map(float, told), strict=True))
        rasterize(pairs, out=out, transform=ground.transform, merge_alg=MergeAlg.add)
    return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0).astype(np.float32)


def _draw(source: Source, piece: Piece, ground: Ground, shown: Picture) -> None:
    window = piece.window
    shrunk = min(1.0, _READ * max(ground.width, ground.height) / max(window.width, window.height))
    size = max(1, round(window.width * shrunk)), max(1, round(window.height * shrunk))
    picture = np.moveaxis(np.asarray(read_picture(source, window, piece.rendering, size)), -1, 0)
    opacity = np.where(read_valid(source, window, size), 255, 0).astype(np.uint8)
    pixel = Affine.scale(window.width / size[0], window.height / size[1])
    reproject(
        np.concatenate([picture, opacity[None]]), shown,
        src_transform=source.transform @ Affine.translation(window.column, window.row) @ pixel, src_crs=source.crs,
        dst_transform=ground.transform, dst_crs=EARTH, src_alpha=4, dst_alpha=4, init_dest_nodata=False,
        resampling=Resampling.average if shrunk < 1 else Resampling.nearest,
    )  # fmt: skip
