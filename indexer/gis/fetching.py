"""What a raster needs of a layer: the features around it, cut to there, repaired, as simple parts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from pyproj import CRS

from mindseye.indexer.gis.placing import Ground, moved, swapped
from mindseye.indexer.gis.records import Box
from mindseye.indexer.gis.rules import LayerRules
from mindseye.indexer.gis.vectors import Features, Layer

_COLLECTION = 7  # shapely's number of this type


@dataclass(frozen=True)
class Fetched:
    """Features around a raster. parts: (m,) points, lines and polygons, valid, in the layer's CRS; owners: (m,) the
    feature that each is of; columns: (n,) values by name; repaired: how many features were invalid; without: how many
    have no geometry, or a damaged one."""

    parts: np.ndarray
    owners: np.ndarray
    columns: Mapping[str, np.ndarray]
    features: int
    repaired: int
    without: int


def fetch(layer: Layer, told: LayerRules, crs: CRS, ground: Ground, margin: float, fields: Sequence[str]) -> Fetched:
    """Return a layer's features within `margin` metres of the raster. Raises UnreadableFileError."""
    reach = ground.reach(crs, margin)
    reads = [_read(layer, told, box, turn, fields) for box, turn in _boxes(reach, crs)]
    geometries = np.concatenate([features.geometries for features in reads])
    columns = {name: np.concatenate([features.columns[name] for features in reads]) for name in fields}
    repaired = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
    parts, owners = simple_parts(geometries)
    if reach is not None:
        parts, kept = cut(parts, shapely.box(*reach))
        owners = owners[kept]
    return Fetched(parts, owners, columns, len(geometries), int(repaired.sum()), reads[0].without)


def _boxes(reach: Box | None, crs: CRS) -> Iterator[tuple[Box | None, float]]:
    """Yield what to read, and how far to move it: what is past the date line lies a turn away in the file."""
    yield reach, 0.0
    if reach is not None and crs.is_geographic:
        west, south, east, north = reach
        if east > 180:
            yield (west - 360, south, east - 360, north), 360.0
        if west < -180:
            yield (west + 360, south, east + 360, north), -360.0


def _read(layer: Layer, told: LayerRules, box: Box | None, turn: float, fields: Sequence[str]) -> Features:
    if told.swap_axes and box is not None:
        box = box[1], box[0], box[3], box[2]
    features = layer.read(box, fields)
    geometries = swapped(features.geometries) if told.swap_axes else features.geometries
    return replace(features, geometries=moved(geometries, turn, 0) if turn else geometries)


def simple_parts(geometries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the valid points, lines and polygons of geometries, (m,), and whose they are, (m,).

    An invalid polygon is repaired by shapely's `make_valid`; what it leaves of lower dimension (spikes) is dropped.
    """
    dimensions = shapely.get_dimensions(geometries)
    mixed = shapely.get_type_id(geometries) == _COLLECTION
    invalid = ~shapely.is_valid(geometries)
    whole = geometries.copy()
    whole[invalid] = shapely.make_valid(geometries[invalid])
    parts, owners = shapely.get_parts(whole, return_index=True)
    while (shapely.get_type_id(parts) >= 4).any():  # collections of collections
        parts, inner = shapely.get_parts(parts, return_index=True)
        owners = owners[inner]
    kept = ~shapely.is_empty(parts) & (mixed[owners] | (shapely.get_dimensions(parts) == dimensions[owners]))
    return parts[kept], owners[kept]


def cut(parts: np.ndarray, box: shapely.Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Return what of parts lies in a box, (m,), and the number of each; what only touches it is left out."""
    west, south, east, north = shapely.bounds(parts).T
    limits = box.bounds
    within = (west >= limits[0]) & (south >= limits[1]) & (east <= limits[2]) & (north <= limits[3])
    found = parts.copy()
    found[~within] = shapely.intersection(parts[~within], box)
    kept = np.flatnonzero(~shapely.is_empty(found) & (shapely.get_dimensions(found) == shapely.get_dimensions(parts)))
    return found[kept], kept
