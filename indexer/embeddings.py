"""Stored features and the log of changes that the index follows: SQL is the truth, the index a cache."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, exists, func, insert, select
from sqlalchemy.orm import Session

from mindseye.engine.errors import LibraryError
from mindseye.engine.vectors import FloatArray, rows
from mindseye.indexer.database import chunks
from mindseye.indexer.index import IdArray
from mindseye.indexer.meta import fact
from mindseye.indexer.models import Change, Content, Embedding, Item

STORED = np.dtype("<f2")
SHOWN = (Item.state == "present") & (Item.origin == "found")  # what lets its content be found
_SHOWS = SHOWN & (Item.content_id == Embedding.content_id)
_TELLS = (Embedding.modality == "image") | (Embedding.vector != func.zeroblob(func.length(Embedding.vector)))


class NetChange(NamedTuple):
    """What a stretch of the log comes to: ids to add, ids to delete, both ascending."""

    added: IdArray
    deleted: IdArray


def rounded(features: FloatArray, width: int) -> FloatArray:
    """Return features (n, width) as storage keeps them, so that rows derived now and later are the same.

    Raises VectorError for another width and for numbers that float16 cannot hold.
    """
    with np.errstate(over="ignore"):
        return rows(np.asarray(features).astype(STORED), width)


def to_blob(features: FloatArray) -> bytes:
    """Return features (raw_width,) as they are stored."""
    return features.astype(STORED).tobytes()


def from_blobs(blobs: Iterable[bytes], width: int) -> FloatArray:
    """Return stored features as (n, width) float32; the rounding to float16 stays.

    Raises LibraryError when one is of another width: the database is damaged.
    """
    stored = np.frombuffer(b"".join(blobs), STORED)
    if stored.size % width:
        raise LibraryError("the library's stored features are damaged", "mend it with `mindseye doctor --repair`")
    return stored.reshape(-1, width).astype(np.float32)


def features(session: Session, ids: IdArray, width: int) -> FloatArray:
    """Return the stored features (n, width) of embedding ids (n,), in their order."""
    found: dict[int, bytes] = {}
    for piece in chunks(ids.tolist()):
        query = select(Embedding.id, Embedding.vector).where(Embedding.id.in_(piece))
        found.update((row.id, row.vector) for row in session.execute(query))
    return from_blobs((found[each] for each in ids.tolist()), width)


def ids_of(session: Session, content_id: int, encoder: str) -> IdArray:
    """Return the ids of a content's embeddings by an encoder: one or none."""
    query = select(Embedding.id).where(Embedding.content_id == content_id, Embedding.encoder == encoder)
    return np.fromiter(session.scalars(query), np.int64)


def last_change(session: Session) -> int:
    """Return the number of the newest change, 0 before the first."""
    return session.scalar(select(func.max(Change.seq))) or 0


def net_change(session: Session, since: int, until: int, modality: str) -> NetChange:
    """Return what the changes of a modality after number `since`, up to `until`, come to."""
    stretch = Change.seq > since, Change.seq <= until, Embedding.modality == modality
    query = select(Change.embedding_id, Change.kind).join(Embedding).where(*stretch).order_by(Change.seq)
    last = dict(session.execute(query).all())
    added = sorted(each for each, kind in last.items() if kind == "add")
    deleted = sorted(each for each, kind in last.items() if kind == "delete")
    return NetChange(np.array(added, np.int64), np.array(deleted, np.int64))


def searchable_ids(session: Session, encoder: str, modality: str) -> IdArray:
    """Return the ids, ascending, of the embeddings of a modality that a search may find.

    A text of which its encoder knew no word has a zero embedding, which is like nothing: it is in no answer.
    """
    mine = Embedding.encoder == encoder, Embedding.modality == modality
    query = select(Embedding.id).where(*mine, _TELLS, exists().where(_SHOWS))
    return np.fromiter(session.scalars(query.order_by(Embedding.id)), np.int64)


def ids_where(session: Session, encoder: str, modality: str, which: ColumnElement[bool]) -> IdArray:
    """Return the ids, ascending, of a modality's embeddings of contents with an item for which `which` holds."""
    query = (
        select(Embedding.id).join(Content, Content.id == Embedding.content_id).join(Item, Item.content_id == Content.id)
    )
    own = Embedding.encoder == encoder, Embedding.modality == modality, _TELLS
    mine = query.where(*own, which).distinct().order_by(Embedding.id)
    return np.fromiter(session.scalars(mine), np.int64)


def in_use(session: Session) -> ColumnElement[bool]:
    """Return what holds of the embeddings of the library's own encoders, of pictures and of texts."""
    return Embedding.encoder.in_([fact(session, "encoder"), fact(session, "text_encoder")])


def log_changes(session: Session, contents: Iterable[int]) -> None:
    """Write down what the items' new states mean for the index.

    contents: ids of the contents whose items changed. An embedding belongs in the index while it is of one of the
    library's encoders, tells something and its content has a found item that is present; the log says whether it is in.
    """
    own = in_use(session) & _TELLS
    for piece in chunks(sorted(set(contents))):
        wanted = exists().where(_SHOWS)
        newest = (
            select(Change.kind)
            .where(Change.embedding_id == Embedding.id)
            .order_by(Change.seq.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = select(Embedding.id, own & wanted, newest).where(Embedding.content_id.in_(piece)).order_by(Embedding.id)
        changes = [
            {"embedding_id": embedding_id, "kind": "add" if belongs else "delete"}
            for embedding_id, belongs, kind in session.execute(query)
            if bool(belongs) != (kind == "add")
        ]
        if changes:
            session.execute(insert(Change), changes)
