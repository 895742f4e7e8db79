"""Ranges as people write them: `2024-05..2024-08`, `100KB..2MB`, `800..`; one value alone is a range too."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

from pydantic import ByteSize, TypeAdapter

from mindseye.engine.errors import UsageError
from mindseye.indexer.filters import OPEN, Range

T = TypeVar("T")

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_LARGEST = 1 << 62  # what a database can compare with
_bytes = TypeAdapter(ByteSize)


def dates(told: str | None) -> Range[str]:
    """Return the days, months or years from one to another, both whole: `2024`, `2024-05..`, `..2024-05-17`."""
    return _range(told, "date", "2024, 2024-05..2024-08 or ..2024-05-17", _date)


def sizes(told: str | None) -> Range[int]:
    """Return sizes in bytes from one to another, both included: `100KB..2MB`, `5MiB..`."""
    return _range(told, "size", "100KB..2MB or 5MB..", lambda value: _numbers(int(_bytes.validate_python(value))))


def sides(told: str | None) -> Range[int]:
    """Return lengths in px from one to another, both included: `800..`, `640..1024`."""
    return _range(told, "length in pixels", "800.. or 640..1024", lambda value: _numbers(int(value)))


def _range(told: str | None, what: str, example: str, whole: Callable[[str], tuple[T, T]]) -> Range[T]:
    """Return the range from the start of the first value to the end of the last; whole(value): its start and end."""
    if told is None:
        return OPEN
    first, dots, last = told.partition("..")
    ends = first.strip(), (last if dots else first).strip()
    try:
        if not any(ends):
            raise ValueError(told)
        return whole(ends[0])[0] if ends[0] else None, whole(ends[1])[1] if ends[1] else None
    except (ValueError, OverflowError) as error:  # pydantic's are ValueErrors
        raise UsageError(f"{told!r} is no {what} or range of them", f"write it like {example}") from error


def _numbers(value: int) -> tuple[int, int]:
    if not 0 <= value < _LARGEST:
        raise ValueError(value)
    return value, value + 1


def _date(value: str) -> tuple[str, str]:
    found = _DATE.fullmatch(value)
    if not found:
        raise ValueError(value)
    year, month, day = (int(part or 0) for part in found.groups())
    start = date(year, month or 1, day or 1)
    if day:
        end = start + timedelta(days=1)
    elif month:
        end = (start + timedelta(days=31)).replace(day=1)
    else:
        end = start.replace(year=start.year + 1)
    return start.isoformat(), end.isoformat()
