"""Footprints as GeoJSON (RFC 7946): degrees of WGS 84, rings counterclockwise and closed, cut at the date line."""

from collections.abc import Sequence
from typing import Any

from mindseye.indexer.gis.records import Ring

PLACES = 7  # decimals of a degree: a centimetre
Point = tuple[float, float]


def geometry(ring: Ring) -> dict[str, Any]:
    """Return a Polygon, or a MultiPolygon of what lies on either side of the date line."""
    rings = [[_written(point) for point in _closed(part)] for part in parts(ring)]
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings}
    return {"type": "MultiPolygon", "coordinates": [[each] for each in rings]}


def parts(ring: Ring) -> list[list[Point]]:
    """Return the rings, counterclockwise and open, that a footprint is made of: two across the date line."""
    turned = _turned(ring)
    if max(longitude for longitude, _ in ring) <= 180:
        return [turned]
    west = _cut(turned, 1)
    east = [(longitude - 360, latitude) for longitude, latitude in _cut(turned, -1)]
    return [part for part in (west, east) if len(part) > 2]


def _turned(ring: Sequence[Point]) -> list[Point]:
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    area = sum(x * y1 - x1 * y for (x, y), (x1, y1) in pairs)
    return list(ring) if area > 0 else list(reversed(ring))


def _cut(ring: Sequence[Point], side: int) -> list[Point]:
    """Return what of a ring lies west (1) or east (-1) of longitude 180 (Sutherland and Hodgman 1974)."""
    kept: list[Point] = []
    for (x, y), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if side * (180 - x) >= 0:
            kept.append((x, y))
        if (x - 180) * (x1 - 180) < 0:
            kept.append((180.0, y + (y1 - y) * (180 - x) / (x1 - x)))
    return list(dict.fromkeys(kept))


def _closed(ring: Sequence[Point]) -> list[Point]:
    return [*ring, ring[0]]


def _written(point: Point) -> list[float]:
    return [round(each, PLACES) for each in point]
