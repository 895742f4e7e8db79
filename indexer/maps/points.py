"""What stands at each place of a map: the item that names a content, and how it is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from mindseye.indexer import labels
from mindseye.indexer.index import IdArray
from mindseye.indexer.library import Library
from mindseye.indexer.models import Collection, Content, Embedding, Item, Passage
from mindseye.indexer.records import Placed

LEAD = 160  # characters of what a text says


@dataclass(frozen=True)
class Point(Placed):
    """A content on the map, by its first present item.

    title: of a text what it is called, a paragraph by its document's; text: how it begins, of a word what it means;
    collections: every one that the content is in, by name; sha256: of the content.
    """

    embedding_id: int
    item_id: int
    uri: str
    modality: str
    origin: str
    title: str
    text: str
    sha256: str
    collections: tuple[str, ...]
    labels: tuple[str, ...]


def points(library: Library, ids: IdArray) -> list[Point]:
    """Return what stands at the places of embeddings, in the order of their ids; what has gone is left out."""
    wanted, firsts, collections = set(ids.tolist()), dict[int, Any](), dict[int, dict[str, None]]()
    with library.database.read() as session:
        for row in session.execute(_query()):
            if row.id in wanted:
                firsts.setdefault(row.id, row)
                collections.setdefault(row.id, {})[row.collection] = None
        words = labels.of(session, [row.item_id for row in firsts.values()])
    return [_point(firsts[each], collections[each], words) for each in ids.tolist() if each in firsts]


def _query() -> Select[Any]:
    """Return what asks for every present item that has an embedding, first ones first."""
    document, heading = aliased(Item), aliased(Passage)
    columns: Any = (
        Embedding.id, Item.id.label("item_id"), Item.uri, Item.modality, Item.origin, Content.sha256,
        Collection.name.label("collection"), func.coalesce(heading.title, Passage.title, "").label("title"),
        func.coalesce(func.substr(Passage.body, 1, LEAD), "").label("text"),
    )  # fmt: skip
    return (
        select(*columns)
        .join(Content, Content.id == Embedding.content_id)
        .join(Item, Item.content_id == Content.id)
        .join(Collection, Collection.id == Item.collection_id)
        .outerjoin(Passage, Passage.content_id == Content.id)
        .outerjoin(document, document.id == Item.parent_id)
        .outerjoin(heading, heading.content_id == document.content_id)
        .where(Item.state == "present")
        .order_by(Item.id)
    )


def _point(row: Any, collections: Iterable[str], words: Mapping[int, tuple[str, ...]]) -> Point:
    told = row.id, row.item_id, row.uri, row.modality, row.origin, row.title, row.text, row.sha256
    return Point(*told, tuple(collections), words[row.item_id])
