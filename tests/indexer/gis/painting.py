"""Rasters of known pixels, written for a test."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import rasterio
import shapely
from rasterio import Affine
from rasterio.enums import ColorInterp

UTM = "EPSG:32733"
NORTH_UP = Affine(10, 0, 300_000, 0, -10, 6_200_000)  # pixels of 10 m


def write_raster(
    path: Path, values: Any, crs: str | None = UTM, transform: Affine | None = NORTH_UP,
    colours: Sequence[ColorInterp] | None = None, tags: dict[str, str] | None = None, **options: Any,
) -> Path:  # fmt: skip
    """Write values (bands, height, width) as a raster and return its path."""
    values = np.asarray(values)
    bands, height, width = values.shape
    shape = {"count": bands, "height": height, "width": width, "dtype": values.dtype.name}
    place = {name: value for name, value in {"crs": crs, "transform": transform}.items() if value is not None}
    with rasterio.open(path, "w", **{"driver": "GTiff"} | shape | place | options) as raster:
        if colours:
            raster.colorinterp = colours
        raster.update_tags(**tags or {})
        raster.write(values)
    return path


def noise(bands: int, height: int, width: int, kind: Any = np.uint8, seed: int = 0) -> np.ndarray:
    """Return values 1 to 250 at random."""
    return np.random.default_rng(seed).integers(1, 250, (bands, height, width)).astype(kind)


def write_boxes(path: Path, boxes: Sequence[tuple[float, float, float, float]], crs: str = UTM) -> Path:
    """Write boxes (left, bottom, right, top) as the polygons of a layer and return its file."""
    frame = geopandas.GeoDataFrame(
        {"number": range(len(boxes))}, geometry=[shapely.box(*box) for box in boxes], crs=crs
    )
    frame.to_file(path)
    return path
