"""Embeddings of texts: of paragraphs and words by the text encoder, of documents the mean of their paragraphs'."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from mindseye.engine.vectors import FloatArray, unit
from mindseye.indexer import embeddings, store
from mindseye.indexer.batches import batches
from mindseye.indexer.database import Database, chunks
from mindseye.indexer.models import Embedding, Item, Passage
from mindseye.indexer.space import Space

BATCH = 256  # texts encoded at once, and written in one transaction


class _Waiting(NamedTuple):
    content_id: int
    text: str


def encode_passages(space: Space, texts: Sequence[str]) -> FloatArray:
    """Return the embeddings (n, text_width) of n paragraphs as they are stored."""
    return embeddings.rounded(space.encode_texts(texts), space.text_width)


def whole(parts: Sequence[FloatArray]) -> FloatArray:
    """Return the embedding (text_width,) of a document of some paragraphs and a title: each counts alike.

    A title that counts as a paragraph helps a paragraph to find its document (docs/evaluation-of-texts.md).
    """
    mean = unit(np.stack(parts).mean(axis=0, keepdims=True))
    return np.asarray(embeddings.rounded(mean, mean.shape[1])[0])


def encode_titles(space: Space, titles: Iterable[str]) -> dict[str, FloatArray]:
    """Return the embeddings (text_width,) of the titles that say something."""
    told = sorted({title for title in titles if title.strip()})
    return dict(zip(told, encode_passages(space, told), strict=True)) if told else {}


def encode_stored(database: Database, space: Space) -> Iterator[int]:
    """Encode the texts that the space's encoder has not seen, from what is stored; yield how many each batch held."""
    for modality, encode in (("word", space.encode_words), ("paragraph", space.encode_texts)):
        for told in _waiting(database, space, modality):
            stored = embeddings.rounded(encode([each.text for each in told]), space.text_width)
            _put(database, space, modality, [each.content_id for each in told], stored)
            yield len(told)
    for documents in _waiting(database, space, "document"):
        titles = encode_titles(space, [each.text for each in documents])
        with database.read() as session:
            means = [_mean(session, space, each.content_id, titles.get(each.text)) for each in documents]
        _put(database, space, "document", [each.content_id for each in documents], np.stack(means))
        yield len(documents)


def unencoded(session: Session, space: Space) -> int:
    """Return how many contents of texts that can be found the space's encoder has not seen."""
    query = select(func.count(Item.content_id.distinct())).where(*_shown_without(space, Item.modality != "image"))
    return session.scalar(query) or 0


def _shown_without(space: Space, which: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    mine = Embedding.content_id == Item.content_id, Embedding.encoder == space.text_encoder
    return [embeddings.SHOWN, which, ~exists().where(*mine)]


def _waiting(database: Database, space: Space, modality: str) -> Iterator[list[_Waiting]]:
    """Yield, batch by batch, the contents of a modality that are not encoded, with what they say."""
    waiting = select(Passage.content_id).join(Item, Item.content_id == Passage.content_id).distinct()
    with database.read() as session:
        ids = list(session.scalars(waiting.where(*_shown_without(space, Item.modality == modality))))
    said = select(Passage.content_id, Passage.body if modality == "paragraph" else Passage.title)
    for piece in batches(iter(ids), BATCH):
        with database.read() as session:
            told = [_Waiting(*row) for row in session.execute(said.where(Passage.content_id.in_(piece)))]
        yield told


def _mean(session: Session, space: Space, content_id: int, title: FloatArray | None) -> FloatArray:
    """Return the embedding of a document, from its paragraphs as they stand in one of its items, and its title's."""
    part, document = aliased(Item), aliased(Item)
    first = select(document.id).where(document.content_id == content_id, document.state == "present").limit(1)
    query = (
        select(Embedding.vector)
        .join(part, part.content_id == Embedding.content_id)
        .where(part.parent_id == first.scalar_subquery(), part.state == "present")
        .where(Embedding.encoder == space.text_encoder)
    )
    vectors = [*embeddings.from_blobs(session.scalars(query), space.text_width), *([] if title is None else [title])]
    return whole(vectors) if vectors else np.zeros(space.text_width, np.float32)


def _put(database: Database, space: Space, modality: str, contents: Sequence[int], vectors: FloatArray) -> None:
    blobs = dict(zip(contents, map(embeddings.to_blob, vectors), strict=True))
    with database.write() as session:
        store.put_embeddings(session, space.text_encoder, blobs, modality)


def stored_vectors(session: Session, space: Space, contents: Sequence[int]) -> dict[int, FloatArray]:
    """Return the embeddings (text_width,) of contents by their ids."""
    found: dict[int, FloatArray] = {}
    for piece in chunks(contents):
        query = select(Embedding.content_id, Embedding.vector).where(
            Embedding.content_id.in_(piece), Embedding.encoder == space.text_encoder
        )
        for content_id, blob in session.execute(query):
            found[content_id] = embeddings.from_blobs([blob], space.text_width)[0]
    return found
