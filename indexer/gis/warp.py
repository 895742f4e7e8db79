"""Rasters as maps on the web draw them: tiles of 256 px in Web Mercator, at any enlargement, in little memory."""

import io
import math
from pathlib import Path
from threading import Lock

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from PIL import Image
from pyproj import CRS, Transformer
from rasterio.enums import Resampling
from rasterio.warp import reproject

from mindseye.indexer.gis.opening import Source, opened
from mindseye.indexer.gis.pixels import palette_of, read_picture, read_valid
from mindseye.indexer.gis.records import Rendering, Window

SIDE = 256  # px of a tile
_MERCATOR = "EPSG:3857"
_HALF = math.pi * 6_378_137.0  # m from the middle of the plane to its edges
_READ = 2 * SIDE  # px: no more is read for a tile, in either direction
_AROUND = 2  # px of the raster beside what a tile shows, for smooth edges
_PROBES = 17  # places along a tile's side at which it is looked for in the raster

_WARPING = Lock()  # rasterio quiets a warning for all threads while it warps arrays
Bounds = tuple[float, float, float, float]
Colours = NDArray[np.uint8]  # (4, height, width): red, green, blue, opacity


def draw_tile(raster: Path, rendering: Rendering, zoom: int, column: int, row: int) -> bytes:
    """Return a tile of a raster as PNG, transparent where it has no data.

    zoom, column, row: counted from 0 in the north-west, as slippy maps do. At most 512 px in either direction are read,
    from overviews where the file has some, and then warped: a warped view of the whole file would hold all its pixels
    where a tile shows much of it. Raises UnreadableFileError.
    """
    bounds = tile_bounds(zoom, column, row)
    shown = np.zeros((4, SIDE, SIDE), np.uint8)
    with opened(raster) as source:
        window = _window(source, bounds)
        if window:
            _warp(source, window, rendering, bounds, shown)
    return _png(shown)


def tile_bounds(zoom: int, column: int, row: int) -> Bounds:
    """Return left, bottom, right and top of a tile in metres of Web Mercator."""
    side = 2 * _HALF / 2**zoom
    left, top = column * side - _HALF, _HALF - row * side
    return left, top - side, left + side, top


def _window(source: Source, bounds: Bounds) -> Window | None:
    """Return the part of a raster that may be seen in a tile, None where it has none."""
    left, bottom, right, top = bounds
    xs, ys = np.meshgrid(np.linspace(left, right, _PROBES), np.linspace(bottom, top, _PROBES))
    to_raster = Transformer.from_crs(_MERCATOR, CRS.from_user_input(source.crs.to_wkt()), always_xy=True)
    there = np.array(to_raster.transform(xs.ravel(), ys.ravel()))
    there = there[:, np.isfinite(there).all(axis=0)]  # a projection need not know all of the Earth
    if not there.size:
        return None
    columns, rows = ~source.transform @ (there[0], there[1])
    size = np.array([source.width, source.height])
    first = np.clip(np.floor([columns.min(), rows.min()]) - _AROUND, 0, size).astype(int)
    width, height = np.clip(np.ceil([columns.max(), rows.max()]) + _AROUND, 0, size).astype(int) - first
    return Window(int(first[0]), int(first[1]), int(width), int(height)) if width > 0 and height > 0 else None


def _warp(source: Source, window: Window, rendering: Rendering, bounds: Bounds, shown: Colours) -> None:
    """Draw a window of a raster into what is shown of it."""
    width, height = size = min(window.width, _READ), min(window.height, _READ)
    picture = np.asarray(read_picture(source, window, rendering, size))
    opacity = np.where(read_valid(source, window, size), 255, 0).astype(np.uint8)
    pixel = Affine.scale(window.width / width, window.height / height)
    left, bottom, right, top = bounds
    corner = source.transform @ Affine.translation(window.column, window.row)
    placed = {
        "src_crs": source.crs, "src_transform": corner @ pixel,
        "dst_crs": _MERCATOR, "dst_transform": Affine((right - left) / SIDE, 0, left, 0, (bottom - top) / SIDE, top),
        "src_alpha": 4, "dst_alpha": 4, "init_dest_nodata": False,
        "resampling": Resampling.nearest if palette_of(source, rendering) else Resampling.bilinear,
    }  # fmt: skip
    with _WARPING:
        reproject(np.concatenate([np.moveaxis(picture, 2, 0), opacity[None]]), shown, **placed)


def _png(shown: Colours) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.moveaxis(shown, 0, 2), "RGBA").save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
