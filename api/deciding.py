"""Hits with probabilities, and the decision whether any of them shows what was asked."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mindseye.api.answers import Decision, RankedHit
from mindseye.engine.decision.match import LOOKED_AT, MATCHED, Background, against_bank, ratios_told, shipped
from mindseye.engine.errors import UsageError
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.library import Library
from mindseye.indexer.records import Hit

CHUNK = 1024  # hits compared with the bank at once


def decide(
    library: Library, space: JointSpace, query: Query, n: int, collection: str | None
) -> tuple[Decision, tuple[RankedHit, ...]]:
    """Return the decision about a text query and its n nearest hits, each with its probability.

    Raises UsageError for n < 1, NotFoundError for an unknown collection.
    """
    if n < 1:
        raise UsageError(f"{n} hits were asked for", "ask for at least 1")
    hits = library.search(query.row[None], max(n, LOOKED_AT), collection)[0]
    if not hits:
        return Decision(False, 0.0, "there are no pictures to search"), ()
    background = _background(library, space, collection)
    rows = space.image_rows(library.features_of([hit.embedding_id for hit in hits]))
    features = _hit_features(space, query, rows, background)
    best = library.search(space.half_rows(query.unweighted[None]), 1, collection)
    listed = background.list_features(best[0][0].score, best[1][0].score, features)
    probability = float(shipped().any_hit.probability(listed)[0])
    return _decision(probability, listed[0]), _ranked(hits[:n], shipped().one_hit.probability(features[:n]).tolist())


def _hit_features(space: JointSpace, query: Query, rows: FloatArray, background: Background) -> FloatArray:
    """Return the features of hits, whose rows (n, width) are given; n may be a whole library's."""
    split = space.text.width
    pieces = []
    for start in range(0, len(rows), CHUNK):
        piece = rows[start : start + CHUNK]
        semantic, visual = piece[:, :split] @ query.semantic, piece[:, split:] @ query.unweighted[split:]
        meant = np.asarray(space.bank_rows[:, :split] @ piece[:, :split].T, dtype=np.float32)
        against = against_bank(semantic, piece @ query.row, meant, space.bank_query_rows @ piece.T)
        pieces.append(background.hit_features(semantic, visual, query.knowledge, *against))
    return np.concatenate(pieces)


def nearest(
    library: Library, query: Query, n: int, collection: str | None, itself: str | None = None
) -> tuple[RankedHit, ...]:
    """Return the n nearest hits of a query by picture; `itself`: a URI to leave out."""
    found = library.search(query.row[None], n + (itself is not None), collection)[0]
    hits = [hit for hit in found if itself is None or itself not in (hit.uri, *hit.also)][:n]
    return _ranked(hits, [None] * len(hits))


def _background(library: Library, space: JointSpace, collection: str | None) -> Background:
    tops = library.background(space.bank_half_rows, space.bank.fingerprint, collection)
    return Background(*np.split(tops, 2))


def _decision(probability: float, features: np.ndarray) -> Decision:
    meaning, look = ratios_told(features)
    compared = (
        f"against common words in this library (0 the usual word, 1 the best in ten), "
        f"the best picture reaches {meaning:.1f} by meaning and {look:.1f} by look"
    )
    if probability >= MATCHED:
        return Decision(True, probability, f"it stands out: {compared}")
    return Decision(False, probability, f"no picture stands out enough: {compared}")


def _ranked(hits: list[Hit], probabilities: list[float | None]) -> tuple[RankedHit, ...]:
    return tuple(
        RankedHit(rank, hit.item_id, hit.modality, hit.uri, hit.score, probability, hit.also)
        for rank, (hit, probability) in enumerate(zip(hits, probabilities, strict=True), 1)
    )


def without_probabilities(
    decision: Decision, hits: Sequence[RankedHit], space: str
) -> tuple[Decision, tuple[RankedHit, ...]]:
    """Return an answer without probabilities: they were fitted for another space, only the ranking is to be trusted."""
    reason = f"{decision.reason} (the space {space!r} has no calibrated probability: the pocket space's limit decides)"
    return replace(decision, probability=None, reason=reason), tuple(replace(hit, probability=None) for hit in hits)
