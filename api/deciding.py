"""Hits with probabilities, and the decision whether any of them shows what was asked."""

import numpy as np

from mindseye.api.answers import Decision, RankedHit
from mindseye.engine.decision.match import MATCHED, Background, shipped
from mindseye.engine.space import JointSpace, Query
from mindseye.indexer.library import Library
from mindseye.indexer.records import Hit


def decide(
    library: Library, space: JointSpace, query: Query, n: int, collection: str | None
) -> tuple[Decision, tuple[RankedHit, ...]]:
    """Return the decision about a text query and its n nearest hits, each with its probability."""
    hits = library.search(query.row[None], n, collection)[0]
    if not hits:
        return Decision(False, 0.0, "there are no pictures to search"), ()
    background = _background(library, space, collection)
    rows = space.image_rows(library.features_of([hit.embedding_id for hit in hits]))
    split = space.text.width
    semantic, visual = rows[:, :split] @ query.semantic, rows[:, split:] @ query.unweighted[split:]
    single = shipped().one_hit.probability(background.features(semantic, visual, query.knowledge))
    best = library.search(space.half_rows(query.unweighted[None]), 1, collection)
    features = background.features(best[0][0].score, best[1][0].score, query.knowledge)
    probability = float(shipped().any_hit.probability(features)[0])
    return _decision(probability, features[0]), _ranked(hits, single.tolist())


def nearest(
    library: Library, query: Query, n: int, collection: str | None, itself: str | None = None
) -> tuple[RankedHit, ...]:
    """Return the n nearest hits of a query by picture; `itself`: a URI to leave out."""
    found = library.search(query.row[None], n + (itself is not None), collection)[0]
    hits = [hit for hit in found if itself is None or itself not in (hit.uri, *hit.also)][:n]
    return _ranked(hits, [None] * len(hits))


def _background(library: Library, space: JointSpace, collection: str | None) -> Background:
    tops = library.background(space.bank_rows, space.bank.fingerprint, collection)
    return Background(*np.split(tops, 2))


def _decision(probability: float, features: np.ndarray) -> Decision:
    meaning, look = features[:2]
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
