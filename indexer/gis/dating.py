"""When imagery was taken: what a raster's tags say, else what its name says."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

_TAGS = {  # by name, in the order in which they are believed; TIFF's own date may be that of the file
    "ACQUISITIONDATETIME": ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"),
    "DATE_ACQUIRED": ("%Y-%m-%d",),
    "PRODUCT_START_TIME": ("%Y-%m-%dT%H:%M:%S.%fZ",),
    "TIFFTAG_DATETIME": ("%Y:%m:%d %H:%M:%S",),
}
_YEAR = r"(?<!\d)(?P<year>(?:19|20)\d\d)"
_DAY = re.compile(_YEAR + r"[-_.]?(?P<month>0[1-9]|1[0-2])[-_.]?(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_DAY_OF_YEAR = re.compile(_YEAR + r"[-_.]?(?P<ordinal>[0-3]\d\d)(?!\d)")
_MONTH = re.compile(_YEAR + r"[-_.](?P<month>0[1-9]|1[0-2])(?!\d)")
_ONLY_YEAR = re.compile(_YEAR + r"(?!\d)")


def date_of_tags(tags: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the date, ISO 8601, and the tag that tells it."""
    for name, patterns in _TAGS.items():
        for pattern in patterns:
            try:
                return datetime.strptime(tags[name].strip(), pattern).date().isoformat(), f"its tag {name}"
            except (KeyError, ValueError):
                continue
    return None


def date_of_name(stem: str) -> tuple[str, str] | None:
    """Return the date in a file's name, ISO 8601, as exact as it is told: a day, a day of the year, a month, a year."""
    for find in (_day, _day_of_year, _month, _year):
        if (found := find(stem)) is not None:
            return found, "its name"
    return None


def _day(stem: str) -> str | None:
    for found in _DAY.finditer(stem):
        try:
            return date(int(found["year"]), int(found["month"]), int(found["day"])).isoformat()
        except ValueError:  # the 31st of June
            continue
    return None


def _day_of_year(stem: str) -> str | None:
    for found in _DAY_OF_YEAR.finditer(stem):
        year = int(found["year"])
        day = date(year, 1, 1) + timedelta(days=int(found["ordinal"]) - 1)
        if day.year == year:
            return day.isoformat()
    return None


def _month(stem: str) -> str | None:
    found = _MONTH.search(stem)
    return f"{found['year']}-{found['month']}" if found else None


def _year(stem: str) -> str | None:
    found = _ONLY_YEAR.search(stem)
    return found["year"] if found else None
