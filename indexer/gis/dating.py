"""When imagery was taken: what a raster's tags say, else what its name says."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta

_TAGS = ("ACQUISITIONDATETIME", "DATE_ACQUIRED", "PRODUCT_START_TIME", "TIFFTAG_DATETIME")  # by how far to be believed
_SEPARATED = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)([T ].*)?")  # TIFF writes colons
_YEAR = r"(?<!\d)(?P<year>(?:19|20)\d\d)"
_DAY = re.compile(_YEAR + r"(?P<by>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=by)(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<day>0[1-9]|[12]\d|3[01])(?P<by>[-_.])(?P<month>0[1-9]|1[0-2])(?P=by)(?P<year>(?:19|20)\d\d)(?!\d)"
)
_DAY_OF_YEAR = re.compile(_YEAR + r"[-_.]?(?P<ordinal>[0-3]\d\d)(?!\d)")
_MONTH = re.compile(_YEAR + r"[-_.](?P<month>0[1-9]|1[0-2])(?!\d|[-_.]\d)")
_ONLY_YEAR = re.compile(_YEAR + r"(?!\d)(?![NSEW]\d)")  # N1985E03000 is a place
_COUNTED = re.compile(r"(?i)(tile|row|col|sheet|part|epsg)[-_. ]?$")  # what goes before other numbers
_BESIDE = re.compile(r"\d{4}[-_., x]$|^[-_., x]\d{4}")  # numbers as long as years: places, sizes


def date_of_tags(tags: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the date, ISO 8601, and the tag that tells it: the date of an ISO 8601 time, or of TIFF's own."""
    for name in _TAGS:
        if found := _SEPARATED.fullmatch(tags.get(name, "").strip()):
            with suppress(ValueError):
                return date(*map(int, found.groups()[:3])).isoformat(), f"its tag {name}"
    return None


def date_of_name(stem: str) -> tuple[str, str] | None:
    """Return the date in a file's name, ISO 8601, as exact as it is told: a day, a day of the year, a month, a year.

    What is no day, lies in the future, beside a number as long or after words like "tile" is none, as names count and
    measure, too. A day before its month is told from a month before its day when it is beyond the 12th.
    """
    tomorrow = date.today() + timedelta(days=1)  # it is that somewhere already
    for find in (_days, _days_of_year, _months, _years):
        for found in find(stem):
            if found <= tomorrow.isoformat():
                return found, "its name"
    return None


def _days(stem: str) -> Iterator[str]:
    last = (found for found in _DAY_FIRST.finditer(stem) if int(found["day"]) > 12)
    for found in (*_DAY.finditer(stem), *last):
        with suppress(ValueError):  # the 31st of June
            yield date(int(found["year"]), int(found["month"]), int(found["day"])).isoformat()


def _days_of_year(stem: str) -> Iterator[str]:
    for found in _DAY_OF_YEAR.finditer(stem):
        if _COUNTED.search(stem[: found.start()]):
            continue
        year = int(found["year"])
        day = date(year, 1, 1) + timedelta(days=int(found["ordinal"]) - 1)
        if day.year == year:
            yield day.isoformat()


def _months(stem: str) -> Iterator[str]:
    return (f"{found['year']}-{found['month']}" for found in _MONTH.finditer(stem))


def _years(stem: str) -> Iterator[str]:
    for found in _ONLY_YEAR.finditer(stem):
        before, after = stem[: found.start()], stem[found.end() :]
        if not (_COUNTED.search(before) or _BESIDE.search(before) or _BESIDE.search(after)):
            yield found["year"]
