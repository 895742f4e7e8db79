"""Hits with probabilities, and the decision whether any of them shows what was asked."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mindseye.api.answers import Decision, Hits, RankedHit
from mindseye.api.paging import Group, Page, by_look, grouped
from mindseye.engine.decision.match import LOOKED_AT, MATCHED, Background, against_bank, ratios_told, shipped
from mindseye.engine.decision.relevance import Scores
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.filters import EVERYTHING, Filter
from mindseye.indexer.items import named
from mindseye.indexer.library import Library
from mindseye.indexer.records import Hit
from mindseye.indexer.selection import Selection, Watch, unwatched

CHUNK = 1024  # hits whose rows are read, and that are compared with the bank, at once


def decide(
    library: Library,
    space: JointSpace,
    query: Query,
    page: Page,
    within: Filter = EVERYTHING,
    watch: Watch = unwatched,
) -> tuple[Decision, Hits]:
    """Return the decision about a text query and a page of its hits, each with its probability.

    The decision is about what the filter lets through, compared with common words in the whole library, so that no
    filter makes a picture likelier to show the word (decision 0013); it is the same whatever the page. watch: takes the
    times of `Selection`. Raises SpaceMismatchError for a query of another space, NotFoundError for an unknown
    collection.
    """
    space.check(query)
    selection = library.select(within, watch=watch)
    fold = by_look(visual(selection, space), page.fold)
    hits, groups = grouped(lambda n: selection.search(query.row[None], n)[0], fold, page, LOOKED_AT)
    best = selection.best(space.half_rows(query.unweighted[None]))
    if not hits or not np.isfinite(best).all():  # another process may have taken the last picture out in between
        return Decision(False, 0.0, nothing("pictures", within)), Hits((), 0, page.offset)
    tops = library.background(space.bank_half_rows, space.bank.fingerprint, within.origin)
    background = Background(*np.split(tops, 2))
    looked_at = hits[:LOOKED_AT]
    told = [*looked_at, *(group.hit for group in groups)]
    features = of_each(told, lambda some: _hit_features(space, query, selection.rows(some), background))
    listed = background.list_features(float(best[0]), float(best[1]), features[: len(looked_at)])
    probability = float(shipped().any_hit.probability(listed)[0])
    each = shipped().one_hit.probability(features[len(looked_at) :]).tolist()
    return _decision(probability, listed[0]), Hits(ranked(groups, each, page.offset), len(selection), page.offset)


def probabilities(library: Library, space: JointSpace, query: Query, rows: FloatArray) -> FloatArray:
    """Return the probability (n,) that each found picture, whose rows (n, width) are given, shows what was asked."""
    tops = library.background(space.bank_half_rows, space.bank.fingerprint)
    features = _hit_features(space, query, rows, Background(*np.split(tops, 2)))
    return shipped().one_hit.probability(features)


def visual(selection: Selection, space: JointSpace) -> Callable[[Sequence[Hit]], FloatArray]:
    """Return what gives the unit visual halves (n, dv) of pictures that were found."""
    return lambda hits: selection.rows(hits)[:, space.text.width :]


def of_each(hits: Sequence[Hit], tell: Callable[[Sequence[Hit]], FloatArray]) -> FloatArray:
    """Return what is told of each of several hits (n, …), each told once however often it is among them."""
    distinct = list({hit.embedding_id: hit for hit in hits}.values())
    place = {hit.embedding_id: number for number, hit in enumerate(distinct)}
    pieces = [distinct[start : start + CHUNK] for start in range(0, len(distinct), CHUNK)]
    return np.concatenate([tell(piece) for piece in pieces])[[place[hit.embedding_id] for hit in hits]]


def nothing(what: str, within: Filter) -> str:
    """Tell that there is nothing to look among."""
    return f"there are no {what} to search" + ("" if within == EVERYTHING else " that the filters let through")


def _hit_features(space: JointSpace, query: Query, rows: FloatArray, background: Background) -> FloatArray:
    """Return the features of hits, whose rows (n, width) are given."""
    split, weights = space.text.width, space.half_weights("text", "image")
    own = Scores.of(query.unweighted[None], rows, split, weights)
    bank = Scores.of(space.bank_rows, rows, split, weights)
    against = against_bank(own.semantic[0], own.combined[0], bank.semantic, bank.combined)
    return background.hit_features(own.semantic[0], own.visual[0], query.knowledge, *against)


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
        hits.append(RankedHit(rank, *about, hit.place, hit.title, hit.text, hit.document_id, hit.box, hit.date))
    return tuple(hits)


def without_probabilities(decision: Decision, hits: Hits, reason: str) -> tuple[Decision, Hits]:
    """Return an answer without probabilities: they were fitted to other questions, only the order is to be trusted."""
    plain = tuple(replace(hit, probability=None) for hit in hits.shown)
    each = {name: replace(own, probability=None) for name, own in decision.by_modality.items()}
    return replace(decision, probability=None, reason=reason, by_modality=each), replace(hits, shown=plain)
