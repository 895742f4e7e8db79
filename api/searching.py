"""What is asked of every modality, and the one ranking of what they answer (decision 0014)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from mindseye.api import deciding
from mindseye.api.answers import Decision, Hits, RankedHit
from mindseye.api.deciding import without_probabilities
from mindseye.api.modalities import PLURAL
from mindseye.api.paging import Fold, Page, by_document, by_look, grouped
from mindseye.api.questions import Question
from mindseye.engine.decision.match import LOOKED_AT, MATCHED, Background
from mindseye.engine.decision.relevance import Evidence, Scores, relevance
from mindseye.engine.space import MODALITIES, JointSpace
from mindseye.engine.text.lexicon import normalised
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.filters import EVERYTHING, Filter
from mindseye.indexer.items import named
from mindseye.indexer.library import Library
from mindseye.indexer.records import Hit
from mindseye.indexer.selection import Selection, Watch, unwatched


@dataclass(frozen=True)
class Scope:
    """Where to look, among some of MODALITIES or, when None, all that the library holds.

    apart: whether each has a page of its own.
    """

    modalities: Sequence[str] | None = None
    apart: bool = False
    within: Filter = EVERYTHING

    def among(self, library: Library) -> list[str]:
        """Return the modalities to look among, pictures first: those asked for, or those that the library holds.

        An empty library is asked for pictures, so that a word can be imagined in it; one of texts alone is not.
        """
        if self.modalities is not None:
            return [each for each in MODALITIES if each in self.modalities]
        return (library.modalities() if self.within.origin == "found" else []) or ["image"]


def ask(
    library: Library, space: JointSpace, question: Question, scope: Scope, page: Page, watch: Watch = unwatched
) -> tuple[Decision, Hits]:
    """Return the decision about a question and a page of its hits from all modalities, likeliest first.

    Each modality keeps its own order; between them the probability decides that a hit is what was asked for, and where
    none was fitted, in spaces of the user's own and for sums, they take turns, which is better than to trust another's
    (decision 0014). watch: takes the times of `Selection`. Raises SpaceMismatchError for a query of another space,
    NotFoundError for an unknown collection.
    """
    space.check(question.query)
    modalities = scope.among(library)
    merging = len(modalities) > 1 and not scope.apart
    wanted = Page(page.end, 0, page.fold) if merging else page
    looked = _Look(library, space, question, wanted, scope.within, merging, watch)
    answers = {each: _ask_one(looked, each) for each in modalities}
    parts = [hits for _, hits in answers.values()]
    order = likelihoods if space.traits.calibrated and not question.is_sum else turns
    shown = (
        merged([(hits, order(hits)) for hits in parts], page)
        if merging
        else [hit for part in parts for hit in part.shown]
    )
    decision = _decided({name: decision for name, (decision, _) in answers.items()})
    hits = Hits(tuple(shown), sum(part.total for part in parts), page.offset)
    if question.is_sum:
        return without_probabilities(decision, hits, f"{decision.reason} ({read_as(question)})")
    if not space.traits.calibrated:
        limit = f"the space {space.name!r} has no calibrated probability: the pocket space's limit decides"
        return without_probabilities(decision, hits, f"{decision.reason} ({limit})")
    return decision, hits


def read_as(question: Question) -> str:
    """Tell that a text was read as a sum, and how to have it read as it stands."""
    return f"read as the sum {question.query.wording.text}; in double quotes a text is asked as it stands"


def merged(parts: Sequence[tuple[Hits, Sequence[float]]], page: Page) -> list[RankedHit]:
    """Return the page of one ranking: each part with what its hits are ordered by, descending."""
    ranked = [
        (-key, number, hit)
        for number, (part, keys) in enumerate(parts)
        for key, hit in zip(keys, part.shown, strict=True)
    ]
    ranked.sort(key=lambda each: each[:2])  # stable: parts keep their order
    chosen = ranked[page.offset : page.end]
    return [replace(hit, rank=rank) for rank, (*_, hit) in enumerate(chosen, page.offset + 1)]


def likelihoods(part: Hits) -> list[float]:
    """Return probabilities, none above an earlier hit's, so that pages hold the same hits whatever their length."""
    return list(accumulate((hit.probability or 0.0 for hit in part.shown), min))


def turns(part: Hits) -> list[float]:
    """Return what puts the first hit of each part before the second of any."""
    return [-float(place) for place in range(len(part.shown))]


@dataclass(frozen=True)
class _Look:
    """A look among one modality after another; merging: whether what they answer is one list then."""

    library: Library
    space: JointSpace
    question: Question
    page: Page
    within: Filter
    merging: bool
    watch: Watch

    def fold(self, modality: str, selection: Selection) -> Fold:
        """Return what is one hit: near duplicates if wanted, in one list of all also the paragraphs of a document."""
        if modality == "paragraph" and self.merging:
            return by_document
        visual = deciding.visual(selection, self.space)
        return by_look(visual, self.page.fold if modality == "image" else None)


def _ask_one(look: _Look, modality: str) -> tuple[Decision, Hits]:
    question = look.question
    if modality != "image" or question.query.kind == "image":
        return _about(look, modality)
    decision, hits = deciding.decide(look.library, look.space, question.query, look.page, look.within, look.watch)
    return _undecided(modality) if question.is_undecided and hits.shown else decision, hits


def _about(look: _Look, modality: str) -> tuple[Decision, Hits]:
    """Return a page of a modality's hits, each with the probability that it is about what was asked."""
    library, space, question, page = look.library, look.space, look.question, look.page
    query, selection = question.query, library.select(look.within, modality, look.watch)
    row = space.weighted(query.unweighted[None], query.kind, modality)
    left_out: set[int] = set()

    def others(n: int) -> list[Hit]:
        found = selection.search(row, n + len(question.words) + len(question.itself))[0]
        left_out.update(hit.embedding_id for hit in found if _is_asked(hit, question))
        return [hit for hit in found if hit.embedding_id not in left_out][:n]

    hits, groups = grouped(others, look.fold(modality, selection), page, LOOKED_AT)
    total = len(selection) - len(left_out)
    if not hits:
        return Decision(False, 0.0, deciding.nothing(_plural(modality), look.within)), Hits((), total, page.offset)
    told = [*hits[:LOOKED_AT], *(group.hit for group in groups)]
    best = hits[0].score
    likely = deciding.of_each(told, lambda some: _probabilities(look, modality, selection.rows(some), best))
    ranked = deciding.ranked(groups, likely[len(hits[:LOOKED_AT]) :].tolist(), page.offset)
    decision = _undecided(modality) if question.is_undecided else _judged(float(likely[:LOOKED_AT].max()), modality)
    return decision, Hits(ranked, total, page.offset)


def _is_asked(hit: Hit, question: Question) -> bool:
    """Whether a hit is the item that asks, or a word of the question."""
    itself = not question.itself.isdisjoint((named(hit.uri, hit.place), *hit.also))
    return itself or (hit.modality == "word" and normalised(hit.title) in question.words)


def _probabilities(look: _Look, modality: str, rows: FloatArray, best: float) -> FloatArray:
    """Return the probability of each hit, whose rows (n, width) are given; best: the score of the first of all."""
    library, space, query, origin = look.library, look.space, look.question.query, look.within.origin
    model, weights = relevance(query.kind, modality), space.half_weights(query.kind, modality)
    assert model is not None, "what text asks of pictures is decided by match"
    background = None
    if modality != "word":
        tops = library.background(space.bank_half_rows, space.bank.fingerprint, origin, modality)
        background = Background(*np.split(tops, 2))
    evidence = Evidence.of(
        Scores.of(query.unweighted[None], rows, space.text.width, weights),
        Scores.of(space.bank_rows, rows, space.text.width, weights),
        best=best, knowledge=query.knowledge, background=background,
        items=len(library.select(replace(EVERYTHING, origin=origin), modality)),
    )  # fmt: skip
    return model.probability(evidence)


def _undecided(modality: str) -> Decision:
    return Decision(True, None, f"the nearest {_plural(modality)}; no match is decided", decided=False)


def _plural(modality: str) -> str:
    return "pictures" if modality == "image" else PLURAL[modality]


def _judged(best: float, modality: str) -> Decision:
    if best >= MATCHED:
        return Decision(True, best, f"the likeliest {modality} is about it")
    return Decision(False, best, f"no {modality} is likely about it")


def _decided(decisions: dict[str, Decision]) -> Decision:
    """Return one decision about all modalities: that of the likeliest, with those about each.

    Words count only by themselves: a word that is asked for is always found among them.
    """
    telling = [each for modality, each in decisions.items() if modality != "word"] or list(decisions.values())
    best = max(telling, key=lambda each: (each.matched, each.probability or 0.0))
    return replace(best, by_modality=decisions)
