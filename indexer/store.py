"""The rows that a run writes: contents, embeddings and items, each put in at most once whoever writes."""

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session, aliased

from mindseye.indexer import models
from mindseye.indexer.database import below, chunks
from mindseye.indexer.models import Content, Embedding, Item, now
from mindseye.indexer.reading import Reading

WHOLE = (Item.modality != "image") | (Item.place == "")  # no tile: a raster may be a picture too, and hold tiles


@dataclass(frozen=True)
class Before:
    """How an item stood before a batch."""

    content_id: int
    state: str


def collection(session: Session, name: str) -> int:
    """Return the id of the collection of that name, made when it is new."""
    statement = insert(models.Collection).values(name=name, created=now())
    session.execute(statement.on_conflict_do_nothing())
    return session.execute(_collection(name)).scalar_one()


def known_collection(session: Session, name: str) -> int | None:
    """Return the id of the collection of that name, None when it is new."""
    return session.scalar(_collection(name))


def embedded(session: Session, hashes: Iterable[str], encoder: str, window: str = "") -> set[str]:
    """Return those of the hashes of whole files, or of tiles, that the encoder has encoded before."""
    query = (
        select(Content.sha256)
        .join(Embedding)
        .where(Content.sha256.in_(list(hashes)), Content.window == window, Embedding.encoder == encoder)
    )
    return set(session.scalars(query))


def unchanged(session: Session, collection_id: int, uris: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return (size, time of change) by URI of the present pictures, and the files of texts taken whole, among some."""
    source = models.Source
    mine = Item.collection_id == collection_id, Item.state == "present", Item.modality == "image", Item.uri.in_(uris)
    pictures = select(Item.uri, Content.size, Item.modified).join(Content).where(*mine, WHOLE)
    texts = select(source.uri, source.size, source.modified)
    whole = texts.where(source.collection_id == collection_id, source.uri.in_(uris))
    return {uri: (size, modified) for uri, size, modified in session.execute(pictures.union_all(whole))}


def before(session: Session, collection_id: int, uris: Sequence[str]) -> dict[str, Before]:
    """Return how the pictures among `uris` stand, by URI."""
    mine = Item.collection_id == collection_id, Item.uri.in_(uris), WHOLE
    query = select(Item.uri, Item.content_id, Item.state).where(*mine)
    return {uri: Before(content_id, state) for uri, content_id, state in session.execute(query)}


def put_contents(session: Session, readings: Sequence[Reading]) -> dict[str, int]:
    """Put in the contents that are new, of files or of tiles, not both, and return the ids of all, by hash."""
    if not readings:
        return {}
    values = [_content(each) for each in readings]
    statement = insert(Content).values(values)
    told = {"taken": func.coalesce(Content.taken, statement.excluded.taken)}  # tables 0001 did not keep it
    session.execute(statement.on_conflict_do_update(["sha256", "window"], set_=told))
    hashes, windows = {each.sha256 for each in readings}, {window_of(each) for each in readings}
    query = select(Content.sha256, Content.id).where(Content.sha256.in_(hashes), Content.window.in_(windows))
    return dict(session.execute(query).all())


def put_embeddings(session: Session, encoder: str, blobs: Mapping[int, bytes], modality: str = "image") -> None:
    """Put in stored features, or embeddings, by content id; those of another process, being the same, stay."""
    values = [
        {"content_id": content, "encoder": encoder, "modality": modality, "vector": blob, "crc32": zlib.crc32(blob)}
        for content, blob in blobs.items()
    ]
    if values:
        session.execute(insert(models.Base.metadata.tables["embedding"]).on_conflict_do_nothing(), values)


def put_items(
    session: Session,
    collection_id: int,
    run_id: int,
    readings: Sequence[Reading],
    contents: Mapping[str, int],
) -> None:
    """Put in the items of what was read, or bring those that were there up to date."""
    if not readings:
        return
    common = {"collection_id": collection_id, "run_id": run_id, "created": now(), "updated": now()}
    values = [_item(each, contents[each.sha256]) | common for each in readings]
    statement = insert(Item).values(values)
    fresh = {
        name: statement.excluded[name] for name in ("content_id", "origin", "state", "modified", "updated", "run_id")
    }
    session.execute(statement.on_conflict_do_update(["collection_id", "uri", "place"], set_=fresh))


def follow(session: Session, run_id: int, readings: Sequence[Reading], contents: Mapping[str, int]) -> set[int]:
    """Bring the items of other collections up to date with the files that were read; return the contents they had."""
    fresh = {each.source.uri: _item(each, contents[each.sha256]) for each in readings}
    query = select(Item.id, Item.uri, Item.content_id, Item.modified)
    behind = [
        row
        for row in session.execute(query.where(Item.state == "present", Item.uri.in_(fresh), WHOLE)).all()
        if (row.content_id, row.modified) != (fresh[row.uri]["content_id"], fresh[row.uri]["modified"])
    ]
    for row in behind:
        values = fresh[row.uri] | {"updated": now(), "run_id": run_id}
        session.execute(update(Item).where(Item.id == row.id).values(values))
    return {row.content_id for row in behind}


def ids(session: Session, collection_id: int, uris: Sequence[str]) -> list[tuple[str, int]]:
    """Return the URIs and ids of a collection's items at some URIs, tiles aside; a file of texts has several."""
    query = select(Item.uri, Item.id).where(Item.collection_id == collection_id, Item.uri.in_(uris), WHOLE)
    return [(uri, item_id) for uri, item_id in session.execute(query)]


def present(session: Session, uris: Sequence[str], which: ColumnElement[bool]) -> dict[int, str]:
    """Return the URIs, by id, of the present items of all collections at some URIs for which `which` holds."""
    found: dict[int, str] = {}
    for piece in chunks(uris):
        query = select(Item.id, Item.uri).where(Item.state == "present", Item.uri.in_(piece), which)
        found.update(session.execute(query).all())
    return found


def is_present(session: Session, uri: str) -> bool:
    """Return whether any collection has a present item at a URI."""
    return bool(session.scalar(select(exists().where(Item.state == "present", Item.uri == uri))))


def set_state(session: Session, item_ids: Collection[int], state: str, run_id: int) -> list[int]:
    """Give present items another state and return the ids of the contents of those that changed."""
    changed: list[int] = []
    for piece in chunks(sorted(item_ids)):
        mine = Item.id.in_(piece), Item.state == "present"
        changed.extend(session.scalars(select(Item.content_id).where(*mine)))
        _no_longer_whole(session, mine)
        session.execute(update(Item).where(*mine).values(state=state, updated=now(), run_id=run_id))
    return changed


def _no_longer_whole(session: Session, items: Sequence[ColumnElement[bool]]) -> None:
    """Forget that the files of texts that some items lie in were taken whole, so that they are read again."""
    source = models.Source
    theirs = select(Item.collection_id, Item.uri).where(*items).distinct()
    session.execute(delete(source).where(tuple_(source.collection_id, source.uri).in_(theirs)))


def present_below(session: Session, uri: str) -> set[str]:
    """Return the URIs of the present items of all collections at a URI or below it."""
    here = or_(Item.uri == uri, below(Item.uri, uri))
    return set(session.scalars(select(Item.uri).where(Item.state == "present", here).distinct()))


def moved(session: Session, run_id: int) -> int:
    """Return how many items a run found missing whose content it put in under another name in their collection."""
    other = aliased(Item)
    same = other.content_id == Item.content_id, other.collection_id == Item.collection_id
    came = exists().where(*same, other.state == "present", other.run_id == run_id)
    whole = Item.parent_id.is_(None)
    query = select(func.count()).where(Item.run_id == run_id, Item.state == "missing", whole, came)
    return session.scalar(query) or 0


def window_of(reading: Reading) -> str:
    """Return what the content of a reading is of: empty for a whole file, else "tile"."""
    return "tile" if reading.source.place else ""


def _collection(name: str) -> Select[int]:
    return select(models.Collection.id).where(models.Collection.name == name)


def _content(reading: Reading) -> dict[str, Any]:
    picture = reading.picture
    return {
        "sha256": reading.sha256,
        "window": window_of(reading),
        "size": reading.size,
        "media_type": picture.media_type,
        "width": picture.width,
        "height": picture.height,
        "taken": picture.taken,
    }


def _item(reading: Reading, content_id: int) -> dict[str, Any]:
    return {
        "content_id": content_id,
        "uri": reading.source.uri,
        "place": reading.source.place,
        "modality": "image",
        "origin": "imagined" if reading.picture.synthetic else "found",
        "state": "present",
        "modified": reading.source.modified,
    }
