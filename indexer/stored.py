"""The pictures of a library and their stored features together: what is learned from them needs both."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from mindseye.indexer import embeddings
from mindseye.indexer.files import path_of
from mindseye.indexer.models import Content, Embedding, Item
from mindseye.indexer.reading import Reading, read_ahead
from mindseye.indexer.records import Skip
from mindseye.indexer.sources import Source


@dataclass(frozen=True)
class Stored:
    """A found content: the id of its embedding, its hash, and a file that holds it."""

    embedding_id: int
    sha256: str
    source: Source


def stored(session: Session, encoder: str) -> list[Stored]:
    """Return every content that a search may find, by id; of several files that hold one, the first that is there."""
    query = (
        select(Embedding.id, Content.sha256, Content.size, Item.uri, Item.modified)
        .join(Content, Content.id == Embedding.content_id)
        .join(Item, Item.content_id == Content.id)
        .where(embeddings.SHOWN, Embedding.encoder == encoder)
        .order_by(Embedding.id, Item.id)
    )
    chosen: dict[int, Stored] = {}
    for embedding_id, sha256, size, uri, modified in session.execute(query):
        there = chosen.get(embedding_id)
        if there is None or not there.source.path.is_file():
            chosen[embedding_id] = Stored(embedding_id, sha256, Source(path_of(uri), size, modified))
    return list(chosen.values())


def read(wanted: Sequence[Stored]) -> Iterator[Image.Image | Skip]:
    """Yield the picture of each in order, or why there is none: its file is gone, damaged, or another one now."""
    with closing(read_ahead(each.source for each in wanted)) as outcomes:
        for each, outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, Reading) and outcome.sha256 != each.sha256:
                yield Skip(each.source.uri, "has changed since it was indexed", "unreadable_file")
            else:
                yield outcome if isinstance(outcome, Skip) else outcome.picture.image
