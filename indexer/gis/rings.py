"""The edges of tiles on Earth: rings of longitudes and latitudes, of as many corners as they need to be true."""

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from mindseye.indexer.gis.records import Ring

EARTH = "OGC:CRS84"  # longitude and latitude, in this order, in degrees of WGS 84
_FEW, _MANY = 8, 32  # places along each edge: looked at, and corners of an edge that is not straight in degrees
_BOW = 0.01  # of a tile's diagonal: edges that are off by less from straight ones in degrees count as straight
_LEAP = 90.0  # degrees of longitude between two such places: a pole lies between them, or too near to tell
_POLE = 1e-6  # degrees: what is so near to a pole touches it
_DECIMALS = 9  # of degrees: a tenth of a millimetre

Corners = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def rings_of(corners: Corners, crs: CRS) -> list[Ring | None]:
    """Return quadrangles (n, 4, 2) of a CRS as rings on Earth, counterclockwise.

    Longitudes of a ring across the date line run on past 180; a ring begins within -180 and 180. None for what no ring
    of degrees can tell: around a pole, or partly beyond the Earth.
    """
    to_earth = Transformer.from_crs(crs, EARTH, always_xy=True)
    traced = _traced(corners, to_earth, _FEW)
    straight = _closed(traced) & _straight(traced)
    bowed = _traced(corners[~straight], to_earth, _MANY)
    true = _closed(bowed) & (np.abs(bowed[..., 1]).max(axis=1, initial=0) < 90 - _POLE)
    true[true] = shapely.is_valid(shapely.polygons(bowed[true]))
    found = np.full(len(corners), None, object)
    found[straight] = _oriented(traced[straight, ::_FEW])
    found[np.flatnonzero(~straight)[true]] = _oriented(bowed[true])
    return list(found)


def _traced(corners: Corners, to_earth: Transformer, steps: int) -> Corners:
    """Return places along the edges (n, 4 * steps, 2) in degrees, longitudes running on from each to the next."""
    edges = np.roll(corners, -1, axis=1) - corners
    places = (corners[:, :, None] + edges[:, :, None] * _shares(steps)).reshape(len(corners), 4 * steps, 2)
    degrees = np.stack(to_earth.transform(places[..., 0], places[..., 1]), axis=-1).reshape(places.shape)
    degrees[~np.isfinite(degrees)] = np.nan
    degrees[..., 0] = np.unwrap(degrees[..., 0], axis=1, period=360)
    return degrees


def _shares(steps: int) -> npt.NDArray[np.float64]:
    return (np.arange(steps) / steps)[:, None]


def _closed(traced: Corners) -> Flags:
    """Return which rings (n, k, 2) end where they begin, neither turning around a pole nor leaping over it."""
    leaps = np.abs(traced[..., 0] - np.roll(traced[..., 0], 1, axis=1))
    return np.asarray(np.isfinite(traced).all(axis=(1, 2)) & (leaps < _LEAP).all(axis=1))


def _straight(traced: Corners) -> Flags:
    """Return where straight lines of degrees between the corners are the edges."""
    corners = traced[:, ::_FEW]
    chords = corners[:, :, None] + (np.roll(corners, -1, axis=1) - corners)[:, :, None] * _shares(_FEW)
    off = np.linalg.norm(_on_sphere(chords.reshape(traced.shape)) - _on_sphere(traced), axis=-1).max(axis=1, initial=0)
    diagonal = np.linalg.norm(_on_sphere(corners[:, 0]) - _on_sphere(corners[:, 2]), axis=-1)
    return np.asarray(off < _BOW * diagonal)


def _on_sphere(degrees: Corners) -> Corners:
    longitude, latitude = np.radians(degrees[..., 0]), np.radians(degrees[..., 1])
    parallel = np.cos(latitude)
    return np.stack([parallel * np.cos(longitude), parallel * np.sin(longitude), np.sin(latitude)], axis=-1)


def _oriented(degrees: Corners) -> npt.NDArray[np.object_]:
    """Return rings (n, k, 2) as tuples, counterclockwise."""
    west = degrees[..., 0].min(axis=1, keepdims=True, initial=360)
    degrees = degrees + np.stack([((west + 180) % 360 - 180 - west).round(_DECIMALS), np.zeros_like(west)], axis=-1)
    polygons = shapely.orient_polygons(shapely.polygons(degrees.round(_DECIMALS)))
    corners = shapely.get_coordinates(polygons).reshape(len(degrees), degrees.shape[1] + 1, 2)[:, :-1]
    found = np.empty(len(degrees), object)
    found[:] = [tuple((x, y) for x, y in ring) for ring in corners.tolist()]
    return found
