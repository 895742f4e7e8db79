"""The rows of texts: contents, what they say, embeddings and items, each put in at most once whoever writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from mindseye.engine.text.documents import Document
from mindseye.indexer import models
from mindseye.indexer.database import chunks
from mindseye.indexer.files import digest
from mindseye.indexer.models import Base, Content, Embedding, Item, now

LEAD = 600  # characters of a document that are kept to show how it begins
TEXT = "text/plain"

Key = tuple[str, str]  # of a content: its hash and window
Place = tuple[str, str]  # of an item: its file's URI and where in the file


@dataclass(frozen=True)
class Row:
    """An item to be: what it is, its file and its place there, its content, and what it says.

    window: as of `models.Content`; parent: the place of its document in the same file, None where it has none.
    """

    modality: str
    uri: str
    place: str
    sha256: str
    window: str
    size: int
    media_type: str
    title: str
    body: str
    parent: str | None = None

    @classmethod
    def of_document(cls, uri: str, document: Document) -> Self:
        """Return the row of a document as a whole."""
        lead = " ".join(passage.text for passage in document.passages[:3])[:LEAD]
        about = document.sha256, "", document.size, document.media_type
        return cls("document", uri, document.place, *about, title=document.title, body=lead)

    @classmethod
    def of_passages(cls, uri: str, document: Document) -> list[Self]:
        """Return the rows of a document's paragraphs, in order."""
        return [
            cls("paragraph", uri, each.place, *written(each.text, "paragraph"), TEXT, "", each.text, document.place)
            for each in document.passages
        ]

    @property
    def key(self) -> Key:
        """What names its content."""
        return self.sha256, self.window


def written(text: str, window: str) -> tuple[str, str, int]:
    """Return the hash, window and size in bytes of a content that is a text."""
    data = text.encode("utf-8", "surrogatepass")
    return digest(data), window, len(data)


def encoded(session: Session, keys: Iterable[Key], encoder: str) -> dict[Key, int]:
    """Return the ids of those of the contents whose text is there and that the encoder has encoded."""
    return _ids(session, keys, select(Content).join(models.Passage).join(Embedding).where(Embedding.encoder == encoder))


def put_contents(session: Session, rows: Sequence[Row]) -> dict[Key, int]:
    """Put in the contents that are new, with what they say, and return the ids of all."""
    fresh = {row.key: row for row in rows}
    contents = [
        {"sha256": row.sha256, "window": row.window, "size": row.size, "media_type": row.media_type}
        | {"width": 0, "height": 0}
        for row in fresh.values()
    ]
    _put(session, "content", contents)
    ids = _ids(session, fresh, select(Content))
    told = [{"content_id": ids[key], "title": row.title, "body": row.body} for key, row in fresh.items()]
    _put(session, "passage", told)
    return ids


def _ids(session: Session, keys: Iterable[Key], contents: Select[Any]) -> dict[Key, int]:
    """Return the ids of those of some contents that have the keys."""
    wanted, found = set(keys), dict[Key, int]()
    query = contents.with_only_columns(Content.sha256, Content.window, Content.id)
    for piece in chunks(sorted({sha256 for sha256, _ in wanted})):
        for sha256, window, content_id in session.execute(query.where(Content.sha256.in_(piece))):
            if (sha256, window) in wanted:
                found[sha256, window] = content_id
    return found


def put_items(
    session: Session,
    collection_id: int,
    run_id: int,
    modified: int,
    rows: Sequence[Row],
    contents: Mapping[Key, int],
) -> dict[Place, int]:
    """Put in items, documents before their paragraphs, and return their ids by file and place."""
    common = {"collection_id": collection_id, "run_id": run_id, "modified": modified, "origin": "found"}
    common |= {"state": "present", "created": now(), "updated": now()}
    ids: dict[Place, int] = {}
    for whole in (True, False):
        values = [
            {"modality": row.modality, "uri": row.uri, "place": row.place, "content_id": contents[row.key]}
            | {"parent_id": None if row.parent is None else ids[row.uri, row.parent], **common}
            for row in rows
            if (row.parent is None) is whole
        ]
        _upsert(session, values)
        ids |= items_at(session, collection_id, [(row.uri, row.place) for row in rows if (row.parent is None) is whole])
    return ids


def items_at(session: Session, collection_id: int, places: Sequence[Place]) -> dict[Place, int]:
    """Return the ids of a collection's items by file and place."""
    found: dict[Place, int] = {}
    for piece in chunks(places):
        uris, within = zip(*piece, strict=True)  # many places of one file, or many files as wholes
        mine = Item.collection_id == collection_id, Item.uri.in_(set(uris)), Item.place.in_(set(within))
        rows = session.execute(select(Item.uri, Item.place, Item.id).where(*mine))
        found.update({(uri, place): item_id for uri, place, item_id in rows})
    return found


def present_at(session: Session, collection_id: int, uri: str) -> dict[str, tuple[int, int]]:
    """Return the ids and contents of the present items of a file, by their places in it."""
    mine = Item.collection_id == collection_id, Item.uri == uri, Item.state == "present"
    found = session.execute(select(Item.place, Item.id, Item.content_id).where(*mine))
    return {place: (item_id, content_id) for place, item_id, content_id in found}


def collections_with(session: Session, uri: str) -> set[int]:
    """Return the ids of the collections that hold something of a file."""
    query = select(Item.collection_id).where(Item.uri == uri, Item.state == "present").distinct()
    return set(session.scalars(query))


def forget_source(session: Session, uri: str) -> None:
    """Forget, for every collection, that a file was taken whole: it is about to change."""
    session.execute(delete(models.Source).where(models.Source.uri == uri))


def put_source(session: Session, collection_id: int, uri: str, size: int, modified: int) -> None:
    """Write down that a file was taken whole, as it is now."""
    statement = insert(models.Source).values(collection_id=collection_id, uri=uri, size=size, modified=modified)
    fresh = {"size": size, "modified": modified}
    session.execute(statement.on_conflict_do_update(["collection_id", "uri"], set_=fresh))


def _put(session: Session, table: str, values: Sequence[dict[str, Any]]) -> None:
    if values:
        session.execute(insert(Base.metadata.tables[table]).on_conflict_do_nothing(), values)


def _upsert(session: Session, values: Sequence[dict[str, Any]]) -> None:
    if not values:
        return
    statement = insert(Base.metadata.tables["item"])
    changing = ("content_id", "modality", "origin", "state", "modified", "updated", "run_id", "parent_id")
    fresh = {name: statement.excluded[name] for name in changing}
    session.execute(statement.on_conflict_do_update(["collection_id", "uri", "place"], set_=fresh), values)
