"""A library moved to another encoder: every file encoded anew, then one switch."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mindseye.indexer import embeddings, runs, store
from mindseye.indexer.database import Database
from mindseye.indexer.files import path_of
from mindseye.indexer.ingest import BATCH, Progress, batches
from mindseye.indexer.meta import set_fact
from mindseye.indexer.models import Content, Embedding, Item
from mindseye.indexer.reading import Reading, read_ahead
from mindseye.indexer.records import ReembedReport, Skip
from mindseye.indexer.sources import Source
from mindseye.indexer.space import Space


@dataclass(frozen=True)
class _Pending:
    """A content that the new encoder has not seen, and a file that holds it."""

    content_id: int
    sha256: str
    source: Source


def reembed(
    database: Database,
    space: Space,
    progress: Progress | None,
    command: str,
    settings: dict[str, Any],
) -> ReembedReport:
    """Encode every found content with the encoder of `space`, then make it the library's.

    Vectors are written batch by batch, so that an interrupted move goes on where it stopped; searches with
    the old encoder work until the switch, which is one transaction. Items whose file is gone or has changed
    are reported and count as missing until they are indexed again.
    """
    started = time.monotonic()
    with database.read() as session:
        pending = _pending(session, space.encoder)
        counts = {"encoded": 0, "kept": len(embeddings.searchable_ids(session, space.encoder))}
    skipped: list[Skip] = []
    with runs.recorded(database, "reembed", command, settings, lambda: counts) as run_id:
        with closing(read_ahead(each.source for each in pending)) as outcomes:
            for batch in batches(zip(pending, outcomes, strict=True), BATCH):
                new = _encode(database, space, batch)
                skipped += new
                counts["encoded"] += len(batch) - len(new)
                if progress:
                    progress(counts["encoded"] + len(skipped), len(pending))
        with database.write() as session:
            runs.skip(session, run_id, skipped)
            _switch(session, space, run_id)
    seconds = time.monotonic() - started
    return ReembedReport(run_id, counts["encoded"], counts["kept"], tuple(skipped), seconds)


def _pending(session: Session, encoder: str) -> list[_Pending]:
    """Return the contents to encode; of several files that hold one, the first that is there."""
    encoded = exists().where(Embedding.content_id == Content.id, Embedding.encoder == encoder)
    query = (
        select(Content.id, Content.sha256, Content.size, Item.uri, Item.modified)
        .join(Item)
        .where(embeddings.SHOWN, ~encoded)
        .order_by(Content.id, Item.id)
    )
    chosen: dict[int, _Pending] = {}
    for content_id, sha256, size, uri, modified in session.execute(query):
        there = chosen.get(content_id)
        if there is None or not there.source.path.is_file():
            chosen[content_id] = _Pending(content_id, sha256, Source(path_of(uri), size, modified))
    return list(chosen.values())


def _encoded(session: Session, encoder: str) -> int:
    return len(embeddings.searchable_ids(session, encoder))


def _encode(database: Database, space: Space, batch: Sequence[tuple[_Pending, Reading | Skip]]) -> list[Skip]:
    """Store the new features of a batch and return what could not be encoded."""
    images, contents, skips = [], [], []
    for pending, outcome in batch:
        if isinstance(outcome, Skip):
            skips.append(outcome)
        elif outcome.sha256 != pending.sha256:
            skips.append(Skip(pending.source.uri, "has changed since it was indexed", "unreadable_file"))
        else:
            images.append(outcome.picture.image)
            contents.append(pending.content_id)
    if images:
        features = embeddings.rounded(space.encode_images(images), space.raw_width)
        blobs = dict(zip(contents, map(embeddings.to_blob, features), strict=True))
        with database.write() as session:
            store.put_embeddings(session, space.encoder, blobs)
    return skips


def _switch(session: Session, space: Space, run_id: int) -> None:
    """Make the new encoder the library's: what it has not encoded is missing, the index follows."""
    set_fact(session, "encoder", space.encoder)
    set_fact(session, "mapping", space.mapping)
    encoded = exists().where(Embedding.content_id == Item.content_id, Embedding.encoder == space.encoder)
    lost = list(session.scalars(select(Item.id).where(embeddings.SHOWN, ~encoded)))
    store.set_state(session, lost, "missing", run_id)
    every = session.scalars(select(Embedding.content_id).distinct())
    embeddings.log_changes(session, list(every))
