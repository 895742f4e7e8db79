"""How a raster is shown, chosen once for the whole of it so that its tiles can be compared."""

from collections.abc import Sequence

import numpy as np
from rasterio.enums import ColorInterp, Resampling

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis.opening import Source
from mindseye.indexer.gis.pixels import palette_of, read_valid
from mindseye.indexer.gis.records import Rendering, Window

STRETCH = (2.0, 98.0)  # percentiles
_SAMPLED = 1024  # pixels a side that the percentiles are of
_COLOURS = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)


def choose_rendering(
    source: Source, bands: Sequence[int] | None = None, stretch: tuple[float, float] | None = None
) -> Rendering:
    """Return how an open raster is shown; bands, from 1, and stretch (percentiles) say what is not to be chosen.

    Bands: those that are red, green and blue by colour interpretation, else the palette's, else the first three that
    are not alpha, else the first. Values of 8 bits stay as they are unless a stretch is given; others are stretched
    between percentiles of one reduced read. Raises UnreadableFileError for bands that it lacks, complex numbers and
    no data.
    """
    chosen = tuple(bands or _bands_of(source))
    if max(chosen) > source.count:
        raise UnreadableFileError(f"{source.name} has {source.count} bands, not {max(chosen)}", "mend `render: bands:`")
    if np.dtype(source.dtypes[chosen[0] - 1]).kind not in "uif":
        raise UnreadableFileError(f"{source.name} holds complex numbers", "make a raster of their amplitude")
    plain = Rendering(chosen)
    as_it_is = all(source.dtypes[band - 1] == "uint8" for band in chosen) and stretch is None
    if as_it_is or palette_of(source, plain) is not None:
        return plain
    return Rendering(chosen, _ranges(source, chosen, stretch or STRETCH))


def _bands_of(source: Source) -> Sequence[int]:
    kinds = list(source.colorinterp)
    if all(colour in kinds for colour in _COLOURS):
        return [kinds.index(colour) + 1 for colour in _COLOURS]
    if ColorInterp.palette in kinds:
        return [kinds.index(ColorInterp.palette) + 1]
    shown = [band for band, kind in enumerate(kinds, 1) if kind != ColorInterp.alpha] or [1]
    return shown[:3] if len(shown) >= 3 else shown[:1]


def _ranges(source: Source, bands: Sequence[int], stretch: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    reduced = max(1.0, max(source.width, source.height) / _SAMPLED)
    size = (max(1, int(source.width / reduced)), max(1, int(source.height / reduced)))
    values = source.read(list(bands), out_shape=(len(bands), size[1], size[0]), resampling=Resampling.nearest)
    valid = read_valid(source, Window(0, 0, source.width, source.height), size)
    if not valid.any():
        raise UnreadableFileError(f"{source.name} holds no data", "all of it is masked, transparent or nodata")
    spans = [np.percentile(band[valid].astype(np.float64), stretch) for band in values]
    return tuple((float(low), float(high) if high > low else float(low) + 1) for low, high in spans)
