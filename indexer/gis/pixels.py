"""Values of a raster become pictures: bands as colours, a palette looked up, what is not of 8 bits stretched."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from rasterio.enums import ColorInterp, Resampling
from rasterio.windows import Window as Part

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis.opening import Source, opened
from mindseye.indexer.gis.records import Rendering, Window

Palette = Mapping[int, tuple[int, ...]]
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
NO_DATA = 128  # the grey of what is missing: zero to networks that take pixels centred


def read_tile(raster: Path, window: Window, rendering: Rendering) -> Image.Image:
    """Return a window of a raster as an RGB picture. Raises UnreadableFileError when the file or window cannot be."""
    with opened(raster) as source:
        return read_picture(source, window, rendering)


def read_picture(
    source: Source, window: Window, rendering: Rendering, size: tuple[int, int] | None = None
) -> Image.Image:
    """Return a window of an open raster as an RGB picture, reduced to (width, height) where a size is given.

    What holds no data is grey. Raises UnreadableFileError when the raster has no such window or bands.
    """
    part = _part(source, window, rendering)
    width, height = size or (window.width, window.height)
    bands = list(rendering.bands)
    reduced = Resampling.average if size and not palette_of(source, rendering) else Resampling.nearest
    values = source.read(bands, window=part, out_shape=(len(bands), height, width), resampling=reduced)
    valid = read_valid(source, window, (width, height))
    return Image.fromarray(to_rgb(values, valid, rendering, palette_of(source, rendering)))


def read_valid(source: Source, window: Window, size: tuple[int, int] | None = None) -> Mask:
    """Return where a window holds data (height, width): no nodata value, not masked, not wholly transparent.

    A pixel is missing when it is so in all bands; in rasters of floats also when it is no finite number in any.
    """
    width, height = size or (window.width, window.height)
    part = Part(window.column, window.row, window.width, window.height)
    valid: Mask = source.dataset_mask(window=part, out_shape=(height, width)) > 0
    if np.dtype(source.dtypes[0]).kind == "f":
        valid &= np.isfinite(source.read(window=part, out_shape=(source.count, height, width))).all(axis=0)
    return valid


def to_rgb(values: npt.NDArray[np.generic], valid: Mask, rendering: Rendering, palette: Palette | None = None) -> Bytes:
    """Return red, green and blue (height, width, 3) of bands' values (bands, height, width)."""
    if palette is not None:
        rgb = _looked_up(values[0], palette)
    else:
        if rendering.ranges:
            values = np.stack([_stretched(band, span) for band, span in zip(values, rendering.ranges, strict=True)])
        rgb = np.moveaxis(values.astype(np.uint8), 0, -1)
        rgb = np.repeat(rgb, 3, axis=-1) if rgb.shape[-1] == 1 else rgb
    rgb[~valid] = NO_DATA
    return np.ascontiguousarray(rgb)


def palette_of(source: Source, rendering: Rendering) -> Palette | None:
    """Return the colours of a rendering's one band by value, None when it is no band of a palette."""
    band = rendering.bands[0]
    if len(rendering.bands) > 1 or source.colorinterp[band - 1] != ColorInterp.palette:
        return None
    palette: Palette = source.colormap(band)
    return palette


def _part(source: Source, window: Window, rendering: Rendering) -> Part:
    inside = window.column + window.width <= source.width and window.row + window.height <= source.height
    if not inside or max(rendering.bands) > source.count:
        size = f"{source.width} x {source.height} pixels of {source.count} bands"
        asked = f"{window.place} of bands {', '.join(map(str, rendering.bands))}"
        raise UnreadableFileError(f"{source.name} has {size}, but {asked} is asked", "label it again")
    return Part(window.column, window.row, window.width, window.height)


def _looked_up(values: npt.NDArray[np.generic], palette: Palette) -> Bytes:
    table = np.zeros((max(palette) + 1, 3), np.uint8)
    table[list(palette)] = [colour[:3] for colour in palette.values()]
    colours: Bytes = table[np.clip(values.astype(np.int64), 0, len(table) - 1)]
    return colours


def _stretched(band: npt.NDArray[np.generic], span: tuple[float, float]) -> Bytes:
    low, high = span
    scaled = (band.astype(np.float64) - low) * (255 / (high - low))
    stretched: Bytes = np.clip(np.nan_to_num(scaled), 0, 255).round().astype(np.uint8)
    return stretched
