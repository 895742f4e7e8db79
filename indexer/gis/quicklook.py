"""A whole raster at a glance."""

from pathlib import Path

from PIL import Image

from mindseye.indexer.gis.opening import opened
from mindseye.indexer.gis.pixels import read_picture
from mindseye.indexer.gis.records import Rendering, Window


def quicklook(raster: Path, rendering: Rendering, side: int) -> tuple[Image.Image, float]:
    """Return a raster reduced to at most `side` pixels a side, and by which factor it was.

    Raises UnreadableFileError.
    """
    with opened(raster) as source:
        factor = max(1.0, max(source.width, source.height) / side)
        size = (max(1, round(source.width / factor)), max(1, round(source.height / factor)))
        return read_picture(source, Window(0, 0, source.width, source.height), rendering, size), factor
