"""What lies within a distance of a place on Earth, and within a box of degrees; with the poles and the date line."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from mindseye.engine.errors import UsageError
from mindseye.indexer.gis.records import Box

_SMALLEST_RADIUS = 6335.0  # km: of curvature, anywhere on WGS 84, so that boxes are never too small
_FARTHEST = 20_004.0  # km from pole to pole


@dataclass(frozen=True)
class Circle:
    """All that is within some kilometres of a point; latitude and longitude in degrees of WGS 84."""

    latitude: float
    longitude: float
    kilometres: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            what = f"there is no latitude {self.latitude:g} with longitude {self.longitude:g}"
            raise UsageError(what, "write latitude (-90 to 90), then longitude (-180 to 180): -34.02,20.44")
        if not 0 < self.kilometres <= _FARTHEST:
            raise UsageError(f"{self.kilometres:g} km is no distance on Earth", f"choose up to {_FARTHEST:,.0f} km")

    @property
    def box(self) -> Box:
        """A box around it, a little wider than need be."""
        angle = 1.01 * self.kilometres / _SMALLEST_RADIUS
        south, north = self.latitude - math.degrees(angle), self.latitude + math.degrees(angle)
        if south <= -90 or north >= 90:  # a pole is in it, and so is every longitude
            return -180.0, max(south, -90.0), 180.0, min(north, 90.0)
        across = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(self.latitude)))))
        if across >= 180:
            return -180.0, south, 180.0, north
        return _wrapped(self.longitude - across), south, _wrapped(self.longitude + across), north


def checked(box: Box) -> Box:
    """Return a box that is one: west > east crosses the date line. Raises UsageError for any other."""
    west, south, east, north = box
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south < north <= 90 and west - east not in (0, 360)):
        told = ",".join(f"{each:g}" for each in box)
        raise UsageError(f"{told} is no box on Earth", "write west,south,east,north in degrees: 20.3,-34.1,20.6,-33.9")
    return box


def is_near(
    west: float, south: float, east: float, north: float, latitude: float, longitude: float, kilometres: float
) -> bool:
    """Return whether a box comes within a distance of a point, on the ellipsoid of WGS 84."""
    if south <= latitude <= north and _spans(west, east, longitude):
        return True
    nearest = [(edge, _nearest_latitude(latitude, edge - longitude, south, north)) for edge in (west, east)]
    if _spans(west, east, longitude):
        nearest += [(longitude, min(max(latitude, south), north))]
    return any(_metres(longitude, latitude, *point) <= 1000 * kilometres for point in nearest)


def _nearest_latitude(latitude: float, across: float, south: float, north: float) -> float:
    """Return where an edge from south to north is nearest to a point; across: degrees of longitude to the edge."""
    point, turn = math.radians(latitude), math.radians(across)
    foot = math.degrees(math.atan2(math.sin(point), math.cos(point) * math.cos(turn)))  # of the perpendicular
    if south <= foot <= north:
        return foot
    return min((south, north), key=lambda end: abs((end - foot + 180) % 360 - 180))  # the foot may lie past a pole


def _spans(west: float, east: float, longitude: float) -> bool:
    return west <= longitude <= east if west <= east else longitude >= west or longitude <= east


def _wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


def _metres(*points: float) -> float:
    return float(_ellipsoid().inv(*points)[2])


@cache
def _ellipsoid() -> Any:
    from pyproj import Geod  # a search without a place does without it

    return Geod(ellps="WGS84")
