"""Items gathered by hand into a collection of their own: the same contents at the same places, under another name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.indexer import embeddings, labels, runs, store
from mindseye.indexer.database import chunks
from mindseye.indexer.filters import require_text
from mindseye.indexer.gis import rows
from mindseye.indexer.library import Library
from mindseye.indexer.models import Item, Label, now

_COPIED = ("content_id", "uri", "modality", "origin", "modified", "place")
_RENEWED = ("content_id", "modified", "state", "updated", "run_id", "parent_id")


@dataclass(frozen=True)
class Gathered:
    """What came of gathering items: those that are new to the collection, and those that were in it."""

    run_id: int
    collection: str
    added: int
    unchanged: int


def gather(
    library: Library,
    item_ids: Sequence[int],
    collection: str,
    command: str = "",
    settings: dict[str, Any] | None = None,
) -> Gathered:
    """Add present items to a collection, made when it is new; they stay in those they are in, and keep their labels
    and, being tiles, where they lie.

    A paragraph brings the document along that it stands in.
    The run of kind "gather" is their provenance. Raises UsageError for no item and a name that is none, NotFoundError
    when one of the items is not there, before anything is written.
    """
    require_text(collection)
    wanted = list(dict.fromkeys(item_ids))
    if not wanted or not collection.strip():
        what = "no item was given to gather" if collection.strip() else "the collection has no name"
        raise UsageError(what, "choose some items and a name for their collection")
    counts: Counter[str] = Counter()
    with library.database.write() as session:
        found = _with_documents(session, _present(session, wanted))
        run_id = runs.start(session, "gather", command, (settings or {}) | {"collection": collection, "items": wanted})
        new = _put(session, found, store.collection(session, collection), run_id)
        counts.update(added=len(new), unchanged=len(found) - len(new))
        embeddings.log_changes(session, [item.content_id for item in found])
        runs.finish(session, run_id, dict(counts))
    return Gathered(run_id, collection, counts["added"], counts["unchanged"])


def _present(session: Session, item_ids: Sequence[int]) -> list[Item]:
    found: list[Item] = []
    for piece in chunks(item_ids):
        found += session.scalars(select(Item).where(Item.id.in_(piece), Item.state == "present"))
    if missing := sorted(set(item_ids) - {item.id for item in found}):
        raise NotFoundError(f"there is no item {missing[0]} ({len(missing)} such ids)", "look at the map again")
    return found


def _with_documents(session: Session, found: Sequence[Item]) -> list[Item]:
    """Return items after the documents of the paragraphs among them."""
    documents = _present(session, sorted({item.parent_id for item in found if item.parent_id is not None}))
    return list({item.id: item for item in [*documents, *found]}.values())


def _put(session: Session, found: Sequence[Item], collection_id: int, run_id: int) -> list[int]:
    """Put in the items that the collection has not, or no longer, and return their ids; each takes its labels along."""
    common = {"collection_id": collection_id, "run_id": run_id, "state": "present", "created": now(), "updated": now()}
    new, here = list[int](), dict[int | None, int | None]({None: None})  # ids in the collection by those gathered
    for item in found:
        values = {name: getattr(item, name) for name in _COPIED} | common | {"parent_id": here[item.parent_id]}
        statement = insert(Item).values(values)
        back = {name: statement.excluded[name] for name in _RENEWED}
        unless = Item.state != "present"
        put = statement.on_conflict_do_update(["collection_id", "uri", "place"], set_=back, where=unless)
        added = session.scalar(put.returning(Item.id))
        if added is not None:
            new.append(added)
            given = select(Label.word).where(Label.item_id == item.id, Label.source == "given")
            labels.put(session, {added: list(session.scalars(given))}, "given")
            rows.copy(session, item.id, added)
        here[item.id] = added or session.scalar(_same_place(collection_id, item))
    return new


def _same_place(collection_id: int, item: Item) -> Select[int]:
    return select(Item.id).where(Item.collection_id == collection_id, Item.uri == item.uri, Item.place == item.place)
