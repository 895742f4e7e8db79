"""Tiles read from their rasters, each raster opened once for those of it that stand together."""

import io
from collections.abc import Generator, Iterable
from itertools import groupby

from PIL import Image
from rasterio.errors import RasterioError

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.vision.pictures import Picture
from mindseye.indexer.files import digest
from mindseye.indexer.gis.opening import Source as Raster
from mindseye.indexer.gis.opening import opened
from mindseye.indexer.gis.pixels import read_picture
from mindseye.indexer.reading import Reading
from mindseye.indexer.records import Skip
from mindseye.indexer.sources import TileSource

MEDIA_TYPE = "image/x-portable-pixmap"


def read_windows(sources: Iterable[TileSource]) -> Generator[Reading | Skip, None, None]:
    """Yield what each tile shows, in order; one that cannot be read yields its Skip instead."""
    for path, some in groupby(sources, lambda each: each.path):
        tiles = list(some)
        try:
            with opened(path) as raster:
                for source in tiles:
                    yield _read(raster, source)
        except UnreadableFileError as error:  # of opening it
            yield from (_skip(source, error) for source in tiles)


def pixels(image: Image.Image) -> bytes:
    """Return a picture as a binary PPM: the bytes that name the content of a tile."""
    buffer = io.BytesIO()
    image.save(buffer, "PPM")
    return buffer.getvalue()


def _read(raster: Raster, source: TileSource) -> Reading | Skip:
    try:
        image = read_picture(raster, source.window, source.rendering)
    except UnreadableFileError as error:
        return _skip(source, error)
    except (RasterioError, MemoryError, ValueError) as error:
        return Skip(source.uri, f"{source.place} cannot be read ({error.__cause__ or error})", "unreadable_file")
    data = pixels(image)
    return Reading(source, len(data), digest(data), Picture(image, MEDIA_TYPE, *image.size))


def _skip(source: TileSource, error: UnreadableFileError) -> Skip:
    return Skip(source.uri, error.what.removeprefix(f"{source.path} "), error.code)
