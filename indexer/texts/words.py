"""Words as items: a collection of them answers pictures and texts with words."""

import time
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from mindseye.engine.vectors import FloatArray
from mindseye.indexer import embeddings, runs, store
from mindseye.indexer.batches import Progress
from mindseye.indexer.database import Database
from mindseye.indexer.items import WORD
from mindseye.indexer.meta import check_encoder, claim_texts
from mindseye.indexer.models import Item
from mindseye.indexer.records import IngestReport
from mindseye.indexer.space import Space
from mindseye.indexer.texts import rows
from mindseye.indexer.texts.encoding import BATCH
from mindseye.indexer.texts.rows import TEXT, Row, written


class Word(NamedTuple):
    """A word, what it means, and its embedding (text_width,)."""

    text: str
    meaning: str
    embedding: FloatArray


def index_words(
    database: Database,
    space: Space,
    words: Sequence[Word],
    collection: str,
    progress: Progress | None,
    command: str,
    settings: dict[str, Any],
) -> IngestReport:
    """Make a collection hold some words and no others, each an item with the URI "word:…"."""
    started, added, gone = time.monotonic(), 0, list[int]()
    with runs.recorded(database, "index", command, settings, lambda: {"added": added}) as run_id:
        with database.write() as session:
            collection_id = store.collection(session, collection)
        for start in range(0, len(words), BATCH):
            piece = words[start : start + BATCH]
            with database.write() as session:
                added += _put(session, space, collection_id, run_id, piece)
            if progress:
                progress(start + len(piece), len(words))
        with database.write() as session:
            gone = _others(session, collection_id, {_uri(word) for word in words})
            embeddings.log_changes(session, store.set_state(session, gone, "missing", run_id))
    counts = {"seen": len(words), "added": added, "unchanged": len(words) - added, "missing": len(gone)}
    nothing = {"updated": 0, "moved": 0, "imagined": 0}
    return IngestReport(run_id=run_id, seconds=time.monotonic() - started, skipped=(), **counts, **nothing)


def _put(session: Session, space: Space, collection_id: int, run_id: int, words: Sequence[Word]) -> int:
    """Put in words and return how many were not there."""
    check_encoder(session, space)
    claim_texts(session, space)
    entries = [_row(word) for word in words]
    before = store.before(session, collection_id, [row.uri for row in entries])
    contents = rows.put_contents(session, entries)
    stored = embeddings.rounded(np.stack([word.embedding for word in words]), space.text_width)
    blobs = {contents[row.key]: embeddings.to_blob(vector) for row, vector in zip(entries, stored, strict=True)}
    store.put_embeddings(session, space.text_encoder, blobs, "word")
    rows.put_items(session, collection_id, run_id, 0, entries, contents)
    embeddings.log_changes(session, contents.values())
    return sum(row.uri not in before or before[row.uri].state != "present" for row in entries)


def _row(word: Word) -> Row:
    told = f"{word.text}: {word.meaning}" if word.meaning else word.text
    return Row("word", _uri(word), "", *written(told, "word"), TEXT, word.text, word.meaning)


def _uri(word: Word) -> str:
    return f"{WORD}{quote(word.text)}"


def _others(session: Session, collection_id: int, uris: Collection[str]) -> list[int]:
    mine = Item.collection_id == collection_id, Item.modality == "word", Item.state == "present"
    return [item_id for item_id, uri in session.execute(select(Item.id, Item.uri).where(*mine)) if uri not in uris]
