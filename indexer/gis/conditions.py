"""Which features of a layer a rule means: one language, SQLite's, whatever file the layer comes from."""

import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import numpy as np

from mindseye.engine.errors import UsageError

_TEXTS_AND_NAMES = re.compile(r"""'(?:[^']|'')*'|"((?:[^"]|"")*)\"""")

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def columns_in(where: str, columns: Sequence[str]) -> list[str]:
    """Return the columns that a condition may speak of; SQLite knows their names in either case."""
    said = where.lower().replace('""', '"')
    return [column for column in columns if column.lower() in said]


def written_column(name: str) -> str:
    """Return a column's name as a condition has it: in "double quotes" where SQLite would read something else."""
    quoted = '"' + name.replace('"', '""') + '"'
    if not _PLAIN_NAME.fullmatch(name):
        return quoted
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(f"CREATE TABLE layer ({quoted})")
        try:
            memory.execute(f"SELECT 1 FROM layer WHERE {name} = 1")
        except sqlite3.OperationalError:  # a word of the language itself
            return quoted
    return name


def matching(where: str, values: Mapping[str, np.ndarray], columns: Sequence[str]) -> np.ndarray:
    """Return which features satisfy a condition, (n,) bool.

    values: (n,) each, of the columns in the condition; columns: all that the layer has. GDAL's own conditions are not
    used: its drivers disagree, on whether 'Road' = 'road' among others. Raises UsageError listing the columns.
    """
    quoted = [name.replace('""', '"') for name in _TEXTS_AND_NAMES.findall(where) if name]
    unknown = [name for name in quoted if name.lower() not in map(str.lower, columns)]
    if unknown:  # SQLite would take a quoted name that is none of a column for a text
        raise _refused(where, f"there is no column {unknown[0]!r}", columns)
    if not values:
        raise _refused(where, "it names none of the layer's columns", columns)
    try:
        rows = _asked(where, values)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _refused(where, str(error), columns) from error
    mask = np.zeros(len(next(iter(values.values()))), bool)
    mask[[row - 1 for row in rows]] = True
    return mask


def _asked(where: str, values: Mapping[str, np.ndarray]) -> list[int]:
    """Return the numbers, from 1, of the rows of a table that satisfy a condition."""
    names = list({name.lower(): name for name in values}.values())
    with closing(sqlite3.connect(":memory:")) as memory:
        listed = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in names)
        memory.execute(f"CREATE TABLE layer ({listed})")
        marks = ", ".join("?" * len(names))
        memory.executemany(f"INSERT INTO layer VALUES ({marks})", zip(*(_plain(values[n]) for n in names), strict=True))
        return [row for (row,) in memory.execute(f"SELECT rowid FROM layer WHERE ({where}\n)")]


def _plain(values: np.ndarray) -> list[Any]:
    """Return what SQLite can hold: numbers and texts; dates and lists as text; None where a value is missing."""
    return [None if _missing(v) else v if isinstance(v, int | float | str | bytes) else str(v) for v in values.tolist()]


def _missing(value: Any) -> bool:
    return value is None or value != value  # NaN and NaT differ from themselves


def _refused(where: str, reason: str, columns: Sequence[str]) -> UsageError:
    said = "its columns are " + ", ".join(columns) if columns else "the layer has no columns"
    return UsageError(f"where: {where!r} cannot be asked: {reason}", f"{said}; texts stand in 'single quotes'")
