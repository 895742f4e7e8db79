"""A library moved to another encoder: every file encoded anew, then one switch."""

import time
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mindseye.indexer import embeddings, items, runs, store
from mindseye.indexer.batches import Progress
from mindseye.indexer.database import Database
from mindseye.indexer.encoding import encode
from mindseye.indexer.meta import fact, set_fact
from mindseye.indexer.models import Embedding, Item
from mindseye.indexer.records import ReembedReport, Skip
from mindseye.indexer.space import Space, known
from mindseye.indexer.stored import not_encoded
from mindseye.indexer.texts.encoding import encode_stored, unencoded


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
        pending = not_encoded(session, space.encoder, embeddings.SHOWN)
        texts = unencoded(session, space)
        counts = {"encoded": 0, "kept": _kept(session, space)}
    total = len(pending) + texts
    skipped: list[Skip] = []
    with runs.recorded(database, "reembed", command, settings, lambda: counts) as run_id:
        for encoded in encode(database, space, pending):
            skipped += encoded.skips
            counts["encoded"] += encoded.contents
            if progress:
                progress(counts["encoded"] + len(skipped), total)
        for number in encode_stored(database, space):
            counts["encoded"] += number
            if progress:
                progress(counts["encoded"] + len(skipped), total)
        with database.write() as session:
            runs.skip(session, run_id, skipped)
            _switch(session, space, run_id)
    seconds = time.monotonic() - started
    return ReembedReport(run_id, counts["encoded"], counts["kept"], tuple(skipped), seconds)


def _kept(session: Session, space: Space) -> int:
    """Return how many contents of the library the space's encoders have seen."""
    every = ((modality, known(space, modality).encoder) for modality in items.modalities(session))
    return sum(len(embeddings.searchable_ids(session, encoder, modality)) for modality, encoder in every)


def _switch(session: Session, space: Space, run_id: int) -> None:
    """Make the new encoder the library's: what it has not encoded is missing, the index follows."""
    set_fact(session, "encoder", space.encoder)
    set_fact(session, "mapping", space.mapping)
    set_fact(session, "space", space.name)
    if fact(session, "text_encoder"):
        set_fact(session, "text_encoder", space.text_encoder)
    encoded = exists().where(Embedding.content_id == Item.content_id, embeddings.in_use(session))
    lost = list(session.scalars(select(Item.id).where(embeddings.SHOWN, ~encoded)))
    store.set_state(session, lost, "missing", run_id)
    every = session.scalars(select(Embedding.content_id).distinct())
    embeddings.log_changes(session, list(every))
