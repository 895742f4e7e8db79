"""Items as they are asked for: by id, by name, by what a search found."""

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote_from_bytes

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import Session

from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.indexer import labels, models
from mindseye.indexer.database import chunks
from mindseye.indexer.models import Content, Passage
from mindseye.indexer.records import Collection, Item

LONGEST_ID = 18  # digits that fit a row id
MODALITIES = ("image", "word", "paragraph", "document")
WORD = "word:"  # how the URI of a word begins
NAMED = 3  # names given when a name means several


def find(session: Session, ref: str) -> list[Item]:
    """Return the items that `ref` names: an id, the id of an imagined picture, a URI, a path or its end.

    Several come back, present ones first, when one file lies in several collections. Raises NotFoundError
    when nothing is named so, UsageError when the end of a path fits several files.
    """
    found = _items(session, _id_is(ref)) or _by_path(session, ref)
    if not found:
        raise NotFoundError(f"no item is called {ref!r}", "give an item's id, its path or the path's end")
    names = sorted({item.uri for item in found})
    if len(names) > 1:
        some = ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
        raise UsageError(f"{ref!r} names {len(names)} files: {some}", "give the id or more of the path")
    return found


def one(session: Session, ref: str) -> Item:
    """Return the one item that `ref` names; of a file that lies in several collections, or holds texts, the first.

    Raises as `find` does, and UsageError for a raster that is known by its tiles alone.
    """
    first, *others = find(session, ref)
    if first.modality == "image" and any(each.place != first.place for each in others) and first.place:
        what = f"{ref!r} names {len({each.place for each in others} | {first.place})} tiles"
        raise UsageError(what, f"give the id of one, or its place, like {ref}#{first.place}")
    return first


def get(session: Session, item_id: int) -> Item:
    """Return the item of that id. Raises NotFoundError when there is none."""
    found = _items(session, models.Item.id == item_id)
    if not found:
        raise NotFoundError(f"there is no item {item_id}", "search or list a collection to see the ids")
    return found[0]


def by_id(session: Session, ids: Iterable[int]) -> dict[int, Item]:
    """Return those items of these ids that there are, by id."""
    found = (_items(session, models.Item.id.in_(piece)) for piece in chunks(sorted(set(ids))))
    return {item.id: item for piece in found for item in piece}


def copies(session: Session, item: Item) -> tuple[str, ...]:
    """Return the other URIs at which an item's content is present."""
    where = models.Item.uri, models.Item.place
    query = select(*where).where(models.Item.content_id == item.content_id, models.Item.state == "present").distinct()
    places = [(uri, place) for uri, place in session.execute(query.order_by(*where))]
    return tuple(named(*each) for each in places if each != (item.uri, item.place))


def named(uri: str, place: str) -> str:
    """Return the full name of a place in a file."""
    return f"{uri}#{place}" if place else uri


def parts(session: Session, item_ids: Iterable[int]) -> list[int]:
    """Return the ids of the paragraphs of those of the items that are documents."""
    found: list[int] = []
    for piece in chunks(sorted(item_ids)):
        found += session.scalars(select(models.Item.id).where(models.Item.parent_id.in_(piece)))
    return found


def modalities(session: Session) -> dict[str, int]:
    """Return the numbers of present found items by modality, pictures first."""
    shown = models.Item.state == "present", models.Item.origin == "found"
    query = select(models.Item.modality, func.count()).where(*shown).group_by(models.Item.modality)
    numbers = dict(session.execute(query).all())
    return {modality: numbers[modality] for modality in MODALITIES if modality in numbers}


def collection_id(session: Session, name: str) -> int:
    """Return the id of the collection of that name. Raises NotFoundError naming those there are."""
    known = dict(session.execute(select(models.Collection.name, models.Collection.id)).all())
    if name not in known:
        raise NotFoundError(f"no collection is called {name!r}", f"there are: {', '.join(known) or 'none yet'}")
    return known[name]


def present_ids(session: Session, collection: int) -> list[int]:
    """Return the ids of a collection's present items."""
    mine = models.Item.collection_id == collection, models.Item.state == "present"
    return list(session.scalars(select(models.Item.id).where(*mine)))


def counts(session: Session) -> dict[str, int]:
    """Return the numbers of present items and contents, imagined ones apart, and of missing items."""
    present, found = models.Item.state == "present", models.Item.origin == "found"
    numbers = select(
        func.count().filter(present & found),
        func.count(models.Item.content_id.distinct()).filter(present & found),
        func.count().filter(present & ~found),
        func.count().filter(models.Item.state == "missing"),
    )
    names = ("items", "contents", "imagined", "missing")
    return dict(zip(names, session.execute(numbers).one(), strict=True))


def collections(session: Session) -> list[Collection]:
    """Return every collection, by name, with the number of its present items and their contents."""
    items = models.Item
    query = (
        select(
            models.Collection.name,
            func.count(items.id),
            func.count(items.content_id.distinct()),
            models.Collection.created,
        )
        .outerjoin(items, (items.collection_id == models.Collection.id) & (items.state == "present"))
        .group_by(models.Collection.id)
        .order_by(models.Collection.name)
    )
    return [Collection(*row) for row in session.execute(query)]


def _items(session: Session, condition: ColumnElement[bool]) -> list[Item]:
    taken = func.coalesce(models.Tile.date, Content.taken)
    query = (
        select(models.Item, models.Content, models.Collection.name, taken, Passage.title, Passage.body)
        .join(Content, Content.id == models.Item.content_id)
        .join(models.Collection, models.Collection.id == models.Item.collection_id)
        .outerjoin(Passage, Passage.content_id == Content.id)
        .outerjoin(models.Tile, models.Tile.item_id == models.Item.id)
        .where(condition)
        .order_by(models.Item.state != "present", (models.Item.modality == "image") & (models.Item.place != ""))
        .order_by(models.Item.id)
    )
    found = session.execute(query).all()
    words = labels.of(session, [item.id for item, *_ in found])
    return [_record(*row, words[row[0].id]) for row in found]


def _record(
    item: models.Item, content: Content, collection: str, taken: str | None, title: str | None, text: str | None,
    words: tuple[str, ...],
) -> Item:  # fmt: skip
    return Item(
        id=item.id,
        uri=item.uri,
        collection=collection,
        modality=item.modality,
        origin=item.origin,
        state=item.state,
        content_id=content.id,
        sha256=content.sha256,
        size=content.size,
        media_type=content.media_type,
        width=content.width,
        height=content.height,
        modified=item.modified,
        created=item.created,
        updated=item.updated,
        run_id=item.run_id,
        taken=taken,
        labels=words,
        place=item.place,
        parent_id=item.parent_id,
        title=title or "",
        text=text or "",
    )


def _id_is(ref: str) -> ColumnElement[bool]:
    if ref.isdecimal() and len(ref) <= LONGEST_ID:
        return models.Item.id == int(ref)
    if not ref.isascii():  # SQLite takes no text that is no UTF-8; ids and URIs are ASCII
        return false()
    return models.Item.id.in_(select(models.Imagined.item_id).where(models.Imagined.id == ref))


def _by_path(session: Session, ref: str) -> list[Item]:
    """Return the items at the URI or path `ref`, or those whose path ends so."""
    try:
        uri = ref if ref.startswith(("file://", WORD)) else Path(os.path.realpath(ref)).as_uri()
        uri.encode()
        end = "/" + quote_from_bytes(os.fsencode(ref.strip("/")))
    except ValueError:  # no file can be called so: it has a NUL, or a surrogate that stands for no byte
        return []
    return _items(session, models.Item.uri == uri) or _by_end(session, end) or _by_place(session, ref)


def _by_place(session: Session, ref: str) -> list[Item]:
    """Return the items at a place in a file, as in "notes.txt#char=0,120"."""
    file, mark, place = ref.rpartition("#")
    found = _by_path(session, file) if mark and file and place else []
    return [item for item in found if item.place == place]


def _by_end(session: Session, end: str) -> list[Item]:
    """Return the present items whose URI ends so; others only when none is present."""
    fitting = _items(session, models.Item.uri.endswith(end, autoescape=True))
    exact = [item for item in fitting if item.uri.endswith(end)]  # LIKE takes capitals for small letters
    return [item for item in exact if item.state == "present"] or exact
