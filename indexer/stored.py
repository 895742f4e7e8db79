"""Contents of a library together with a file that holds each: what must be read again has both."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from PIL import Image
from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from mindseye.indexer import embeddings
from mindseye.indexer.files import is_there, path_of
from mindseye.indexer.models import Content, Embedding, Item
from mindseye.indexer.reading import Reading, read_ahead
from mindseye.indexer.records import Skip
from mindseye.indexer.sources import Source


@dataclass(frozen=True)
class Stored:
    """A content: the id of its embedding, or its own where it has none, its hash, and a file that holds it."""

    id: int
    sha256: str
    source: Source


def stored(session: Session, encoder: str) -> list[Stored]:
    """Return every picture that a search may find, by the ids of their embeddings."""
    return _with_files(
        session, _files(Embedding.id).join(Embedding).where(embeddings.SHOWN, Embedding.encoder == encoder)
    )


def not_encoded(session: Session, encoder: str, which: ColumnElement[bool]) -> list[Stored]:
    """Return the pictures that an encoder has not seen, by their contents' ids, of items for which `which` holds."""
    encoded = exists().where(Embedding.content_id == Content.id, Embedding.encoder == encoder)
    return _with_files(session, _files(Content.id).where(which, Item.modality == "image", ~encoded))


def read(wanted: Sequence[Stored]) -> Iterator[Image.Image | Skip]:
    """Yield the picture of each in order, or why there is none: its file is gone, damaged, or another one now."""
    with closing(read_ahead(each.source for each in wanted)) as outcomes:
        for each, outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, Reading) and outcome.sha256 != each.sha256:
                yield Skip(each.source.uri, "has changed since it was indexed", "unreadable_file")
            else:
                yield outcome if isinstance(outcome, Skip) else outcome.picture.image


def _files(key: Any) -> Select[Any]:
    columns = key, Content.sha256, Content.size, Item.uri, Item.modified
    return select(*columns).select_from(Content).join(Item).order_by(key, Item.id)


def _with_files(session: Session, query: Select[Any]) -> list[Stored]:
    """Choose, of several files that hold one content, the first that is there."""
    chosen: dict[int, Stored] = {}
    for key, sha256, size, uri, modified in session.execute(query):
        there = chosen.get(key)
        if there is None or not is_there(there.source.path):
            chosen[key] = Stored(key, sha256, Source(path_of(uri), size, modified))
    return list(chosen.values())
