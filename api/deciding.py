"""Hits with probabilities, and the decision whether any of them shows what was asked."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mindseye.api.answers import Decision, Hits, RankedHit
from mindseye.api.paging import Group, Page, by_look, grouped
from mindseye.engine.decision.match import LOOKED_AT, MATCHED, Background, against_bank, ratios_told, shipped
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.filters import EVERYTHING, Filter
from mindseye.indexer.items import named
from mindseye.indexer.library import Library
from mindseye.indexer.records import Hit

CHUNK = 1024  # hits whose features are read, and that are compared with the bank, at once


def decide(
    library: Library, space: JointSpace, query: Query, page: Page, within: Filter = EVERYTHING
) -> tuple[Decision, Hits]:
    """Return the decision about a text query and a page of its hits, each with its probability.

    The decision is about what the filter lets through, compared with common words in the whole library, so that no
    filter makes a picture likelier to show the word (decision 0013); it is the same whatever the page. Raises
    SpaceMismatchError for a query of another space, NotFoundError for an unknown collection.
    """
    space.check(query)
    selection = library.select(within)
    hits, groups = grouped(
        lambda n: selection.search(query.row[None], n)[0], by_look(visual(library, space), page.fold), page, LOOKED_AT
    )
    best = selection.search(space.half_rows(query.unweighted[None]), 1)
    if not hits or not all(best):  # another process may have taken the last picture out in between
        return Decision(False, 0.0, nothing("pictures", within)), Hits((), 0, page.offset)
    tops = library.background(space.bank_half_rows, space.bank.fingerprint, within.origin)
    background = Background(*np.split(tops, 2))
    looked_at = hits[:LOOKED_AT]
    told = [*looked_at, *(group.hit for group in groups)]
    features = _hit_features(space, query, _rows(library, space, told), background)
    listed = background.list_features(best[0][0].score, best[1][0].score, features[: len(looked_at)])
    probability = float(shipped().any_hit.probability(listed)[0])
    each = shipped().one_hit.probability(features[len(looked_at) :]).tolist()
    return _decision(probability, listed[0]), Hits(ranked(groups, each, page.offset), len(selection), page.offset)


def visual(library: Library, space: JointSpace) -> Callable[[Sequence[Hit]], FloatArray]:
    """Return what gives the unit visual halves (n, dv) of pictures that were found."""
    return lambda hits: _rows(library, space, hits)[:, space.text.width :]


def _rows(library: Library, space: JointSpace, hits: Sequence[Hit]) -> FloatArray:
    ids = [hit.embedding_id for hit in hits]
    pieces = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    return np.concatenate([space.image_rows(library.features_of(piece)) for piece in pieces])


def nothing(what: str, within: Filter) -> str:
    """Tell that there is nothing to look among."""
    return f"there are no {what} to search" + ("" if within == EVERYTHING else " that the filters let through")


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


def _decision(probability: float, features: np.ndarray) -> Decision:
    meaning, look = ratios_told(features)
    compared = (
        f"against common words in this library (0 the usual word, 1 the best in ten), "
        f"the best picture reaches {meaning:.1f} by meaning and {look:.1f} by look"
    )
    if probability >= MATCHED:
        return Decision(True, probability, f"it stands out: {compared}")
    return Decision(False, probability, f"no picture stands out enough: {compared}")


def ranked(groups: Sequence[Group], probabilities: Sequence[float | None], offset: int) -> tuple[RankedHit, ...]:
    """Return the hits of a page, numbered."""
    hits = []
    for rank, (group, probability) in enumerate(zip(groups, probabilities, strict=True), offset + 1):
        hit, near = group.hit, tuple(name for each in group.near for name in (named(each.uri, each.place), *each.also))
        about = hit.item_id, hit.modality, hit.uri, hit.score, probability, hit.also, near
        hits.append(RankedHit(rank, *about, hit.place, hit.title, hit.text, hit.document_id))
    return tuple(hits)


def without_probabilities(decision: Decision, hits: Hits, reason: str) -> tuple[Decision, Hits]:
    """Return an answer without probabilities: they were fitted to other questions, only the order is to be trusted."""
    plain = tuple(replace(hit, probability=None) for hit in hits.shown)
    each = {name: replace(own, probability=None) for name, own in decision.by_modality.items()}
    return replace(decision, probability=None, reason=reason, by_modality=each), replace(hits, shown=plain)
