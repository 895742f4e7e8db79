"""Places as people write them: `20.3,-34.1,20.6,-33.9`, `-34.02,20.44` or `Swellendam`, and `20km` around."""

import re
from collections.abc import Callable

from mindseye.api.gis.gazetteer import Town, ambiguity, towns
from mindseye.engine.errors import UsageError
from mindseye.indexer.gis.nearness import Circle, checked
from mindseye.indexer.gis.records import Box

RADIUS = "20km"  # around a place, when none is told
_NUMBER = r"\s*([+-]?\d{1,3}(?:\.\d+)?)\s*"
_POINT = re.compile(f"{_NUMBER},{_NUMBER}")
_BOX = re.compile(",".join([_NUMBER] * 4))
_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(km|m|mi)?\s*")
_KILOMETRES = {None: 1.0, "km": 1.0, "m": 0.001, "mi": 1.609344}


def read_box(told: str | None) -> Box | None:
    """Return the box of "west,south,east,north" in degrees, None for None. Raises UsageError for what is none."""
    if told is None:
        return None
    if not (found := _BOX.fullmatch(told)):
        raise UsageError(f"{told!r} is no box", "write west,south,east,north in degrees: 20.3,-34.1,20.6,-33.9")
    west, south, east, north = map(float, found.groups())
    return checked((west, south, east, north))


def read_near(told: str | None, radius: str | None, tell: Callable[[str], None] = lambda line: None) -> Circle | None:
    """Return the circle around "latitude,longitude" or a town, None where none is named.

    radius: as `read_kilometres` takes it, 20 km when None; `tell` is told which town of several is meant. Raises
    UsageError for what is no point, distance or circle, NotFoundError for an unknown town.
    """
    if told is None:
        if radius is not None:
            raise UsageError("a radius is told, but not of what", "say --near, too")
        return None
    kilometres = read_kilometres(radius or RADIUS)
    if found := _POINT.fullmatch(told):
        latitude, longitude = map(float, found.groups())
        return Circle(latitude, longitude, kilometres)
    named = towns(told)
    if line := ambiguity(named):
        tell(line)
    return Circle(named[0].latitude, named[0].longitude, kilometres)


def towns_meant(told: str | None) -> tuple[Town, ...]:
    """Return the towns that a place may mean, first the one that `read_near` takes; none of a point or None.

    Raises NotFoundError for an unknown town.
    """
    return () if told is None or _POINT.fullmatch(told) else towns(told)


def read_kilometres(told: str) -> float:
    """Return the kilometres of "20km", "500m", "12mi" or "20". Raises UsageError for what is no distance."""
    found = _LENGTH.fullmatch(told.lower())
    if not found:
        raise UsageError(f"{told!r} is no distance", "write it like 20km or 500m")
    return float(found[1]) * _KILOMETRES[found[2]]
