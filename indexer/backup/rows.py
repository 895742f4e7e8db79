"""Rows as JSON lines and back, whatever the tables."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import JSON, Column, ColumnElement, Float, LargeBinary, Table, select
from sqlalchemy.orm import Session

from mindseye.indexer.models import Base, Embedding, Item
from mindseye.indexer.texts import soundness

_SHAPES = {  # of JSON, by table and column, as annotated
    (mapper.class_.__tablename__, column.name): TypeAdapter(get_args(mapper.class_.__annotations__[column.name])[0])
    for mapper in Base.registry.mappers
    for column in mapper.columns
    if isinstance(column.type, JSON)
}
DEEPEST = 100  # levels of JSON in one value: what is deeper may be read here and not where it is needed
TABLES = Base.metadata.sorted_tables  # those that are referred to come first


def columns(table: Table) -> list[Column[Any]]:
    """Return the columns that a line holds: all but vectors, which are kept as arrays."""
    return [column for column in table.columns if not isinstance(column.type, LargeBinary)]


def order(table: Table) -> Sequence[ColumnElement[Any]]:
    """Return what the rows are sorted by: the key; those with vectors as the vectors are, by encoder first."""
    if table is Embedding.__table__:
        return table.c.encoder, table.c.id
    return tuple(table.primary_key.columns)


def to_line(row: Mapping[str, Any]) -> bytes:
    """Return a row as one line of JSON, ASCII only, so that odd strings survive any editor."""
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes, expected: Sequence[Column[Any]]) -> dict[str, Any]:
    """Return the row that a line holds. Raises ValueError when it is none of these columns."""
    try:
        row = json.loads(line)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(row, dict):
        raise ValueError("a line is no object")
    names = {column.name for column in expected}
    if row.keys() != names:
        raise ValueError(f"columns {', '.join(sorted(row.keys() ^ names))} are missing or unknown")
    for column in expected:
        if not _fits(row[column.name], column):
            raise ValueError(f"column {column.name} cannot hold {str(row[column.name])[:40]!r}")
    return row


def contradiction(session: Session) -> str | None:
    """Return what is wrong with the rows of texts, None when nothing is: no import takes them so."""
    checks = (
        (Item, soundness.UNKNOWN_ITEM, "is of an unknown modality"),
        (Embedding, soundness.UNKNOWN_VECTOR, "is of an unknown modality"),
        (Item, soundness.WRONG_PARENT, "stands in no document"),
    )
    for table, wrong, what in checks:
        if (row := session.scalar(select(table.id).where(wrong).limit(1))) is not None:
            return f"row {row} of table {table.__tablename__} {what}"
    return None


def _fits(value: Any, column: Column[Any]) -> bool:
    if isinstance(column.type, JSON):
        shape = _SHAPES.get((column.table.name, column.name))
        return not _is_deep(value) and (shape is None or _is_of(value, shape))
    if value is None:
        return bool(column.nullable)
    if isinstance(column.type, Float):
        return type(value) in (int, float) and math.isfinite(value)
    return type(value) is column.type.python_type


def _is_of(value: Any, shape: TypeAdapter[Any]) -> bool:
    try:
        shape.validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def _is_deep(value: Any, levels: int = DEEPEST) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_is_deep(each, levels - 1) for each in inner)
