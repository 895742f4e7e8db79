"""What a library holds, looked through without a question: items in order, by id, labels in use, runs."""

from collections.abc import Iterable
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, desc, func, select
from sqlalchemy.orm import Session

from mindseye.indexer import items, models, runs
from mindseye.indexer.filters import EVERYTHING, Filter, condition, date_of_item
from mindseye.indexer.library import Library
from mindseye.indexer.records import Item, Run

Order = Literal["added", "newest", "oldest", "name"]


def items_by_id(library: Library, ids: Iterable[int]) -> dict[int, Item]:
    """Return those items of these ids that there are, by id."""
    with library.database.read() as session:
        return items.by_id(session, ids)


def browse(
    library: Library,
    within: Filter = EVERYTHING,
    modality: str = "image",
    order: Order = "added",
    limit: int = 24,
    offset: int = 0,
) -> tuple[list[Item], int]:
    """Return a page of the contents that pass a filter, each by its first item, and how many pass in all.

    order: last added first, by date (as `Filter.date`), or by URI. Raises NotFoundError for an unknown collection.
    """
    with library.database.read() as session:
        passing = _passing(session, within, modality)
        total = session.scalar(select(func.count()).select_from(passing.subquery())) or 0
        ids = session.scalars(passing.order_by(*_keys(order)).limit(limit).offset(offset)).all()
        found = items.by_id(session, ids)
    return [found[each] for each in ids], total


def labels_in_use(library: Library, most: int = 500) -> list[str]:
    """Return the words that label present items, the most used first."""
    label, item = models.Label, models.Item
    query = (
        select(label.word)
        .join(item, item.id == label.item_id)
        .where(item.state == "present")
        .group_by(label.word)
        .order_by(func.count().desc(), label.word)
        .limit(most)
    )
    with library.database.read() as session:
        return list(session.scalars(query))


def collection_names(library: Library) -> list[str]:
    """Return the names of the collections, sorted; to count them as `Library.collections` does takes longer."""
    with library.database.read() as session:
        return list(session.scalars(select(models.Collection.name).order_by(models.Collection.name)))


def latest_runs(library: Library, most: int = 20) -> list[Run]:
    """Return the newest runs, newest first."""
    with library.database.read() as session:
        ids = session.scalars(select(models.Run.id).order_by(models.Run.id.desc()).limit(most)).all()
        return [runs.get(session, each) for each in ids]


def _passing(session: Session, within: Filter, modality: str) -> Select[int]:
    return (
        select(func.min(models.Item.id))
        .join(models.Content, models.Content.id == models.Item.content_id)
        .where(condition(session, within), models.Item.modality == modality)
        .group_by(models.Item.content_id)
    )


def _keys(order: Order) -> list[ColumnElement[Any]]:
    first = func.min(models.Item.id)
    dated = func.min(date_of_item())
    named: dict[Order, list[ColumnElement[Any]]] = {
        "added": [desc(first)], "newest": [desc(dated), first], "oldest": [dated, first],
        "name": [func.min(models.Item.uri), first],
    }  # fmt: skip
    return named[order]
