"""What a page of results shows: hits as cards, texts beside them, and what is said of it all."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from mindseye.api.answers import Answer, Decision, RankedHit
from mindseye.api.mindseye import Mindseye
from mindseye.api.service.parameters import LAST
from mindseye.api.web.asked import Asked
from mindseye.engine.errors import NotFoundError
from mindseye.indexer.browsing import Order, browse, items_by_id
from mindseye.indexer.records import Item

PAGE = 24  # cards
SORTED = 240  # nearest hits that are put into another order than their likeness
BESIDE = {"word": 12, "paragraph": 5, "document": 5}  # texts shown beside pictures
DOUBTFUL = 0.1  # probability below which a text is not shown beside pictures
NEAR_SHOWN = 12


@dataclass(frozen=True)
class Card:
    """An item as it is shown: with the hit that it is, if one was asked for, and what is folded into it.

    query: of an imagined picture, what it was imagined for.
    """

    item: Item
    hit: RankedHit | None = None
    near: tuple[Item, ...] = ()
    query: str = ""


@dataclass(frozen=True)
class Results:
    """A page of results.

    cards: of the modality that is paged through; beside: first hits of others, by modality; decision: about pictures
    where they were looked among; total: contents of the main modality looked among; shown: how many of them the pages
    up to this one are about; is_last: whether no page follows; answer: None when nothing was asked.
    """

    modality: str
    cards: tuple[Card, ...]
    beside: Mapping[str, tuple[Card, ...]]
    total: int
    shown: int
    is_last: bool
    answer: Answer | None = None
    decision: Decision | None = None


def find(eye: Mindseye, asked: Asked, picture: Path | None = None) -> Results:
    """Return the page that is asked for; picture: the uploaded file that asks. Raises as `Mindseye.search`."""
    if not asked.is_question:
        return _browsed(eye, asked)
    answer = _answer(eye, asked, picture)
    hits = {modality: list(each) for modality, each in groupby(answer.hits, lambda hit: hit.modality)}
    modality = asked.only or ("image" if "image" in _looked(answer) else next(iter(hits), "image"))
    main = hits.pop(modality, [])
    cards = _ordered(_cards(eye, main, asked.origin), asked)
    texts = {kind: tuple(_cards(eye, _telling(some, kind))) for kind, some in hits.items() if kind in BESIDE}
    total = len(eye.library().select(asked.within, modality))
    if asked.sort == "likeness":  # hits that went since they were found have no card, but are counted
        page, shown, is_last = cards, asked.offset + len(main), len(main) < PAGE
    else:
        page = cards[asked.offset : asked.offset + PAGE]
        shown = asked.offset + len(page)
        is_last = shown >= len(cards)
    decision = answer.decision.by_modality.get(modality, answer.decision)
    return Results(modality, tuple(page), texts, total, shown, is_last or shown > LAST, answer, decision)


def _answer(eye: Mindseye, asked: Asked, picture: Path | None) -> Answer:
    sorting = asked.sort != "likeness"
    n, offset = (SORTED, 0) if sorting else (PAGE, asked.offset)
    modalities = asked.modalities
    if asked.offset and modalities is None:
        modalities = ("image",)  # later pages are of pictures alone
    if picture is not None:
        return eye.search_picture(
            picture, n, modalities=modalities, apart=True, within=asked.within, offset=offset, fold=asked.fold
        )
    if asked.like:
        asking = eye.item(asked.like)
        if asking.origin == "imagined":  # has no features: it is never among found pictures
            return _answer(eye, asked, asking.path)
        return eye.similar(
            asked.like, n, modalities=modalities, apart=True, within=asked.within, offset=offset, fold=asked.fold
        )
    return eye.search(
        asked.q, n, means=asked.means or None, sense=asked.sense, modalities=modalities, apart=True,
        within=asked.within, offset=offset, fold=asked.fold,
    )  # fmt: skip


def _telling(hits: Sequence[RankedHit], modality: str) -> list[RankedHit]:
    """Return the few hits of a modality that are shown beside others: of texts those that may be about it."""
    doubtful = 0.0 if modality == "word" else DOUBTFUL
    return [hit for hit in hits[: BESIDE[modality]] if hit.probability is None or hit.probability >= doubtful]


def _looked(answer: Answer) -> Sequence[str]:
    return list(answer.decision.by_modality)


def _browsed(eye: Mindseye, asked: Asked) -> Results:
    modality = asked.only or "image"
    order: Order = "added" if asked.sort == "likeness" else asked.sort
    items, total = browse(eye.library(), asked.within, modality, order, PAGE, asked.offset)
    queries = _queries(eye, asked.origin)
    cards = tuple(Card(item, query=queries.get(item.id, "")) for item in items)
    shown = asked.offset + len(cards)
    return Results(modality, cards, {}, total, shown, shown >= total or shown > LAST)


def _cards(eye: Mindseye, hits: Sequence[RankedHit], origin: str = "found") -> list[Card]:
    items, queries = items_by_id(eye.library(), [hit.item_id for hit in hits]), _queries(eye, origin)
    return [
        Card(items[hit.item_id], hit, _near(eye, hit), queries.get(hit.item_id, ""))
        for hit in hits
        if hit.item_id in items  # else it went since it was found
    ]


def _near(eye: Mindseye, hit: RankedHit) -> tuple[Item, ...]:
    found = []
    for uri in hit.near[:NEAR_SHOWN]:
        with suppress(NotFoundError):  # it went since it was found
            found.append(eye.item(uri))
    return tuple(found)


def _queries(eye: Mindseye, origin: str) -> dict[int, str]:
    if origin == "found":
        return {}
    return {each.item_id: each.record.query for each in eye.library().imagined()}


def _ordered(cards: list[Card], asked: Asked) -> list[Card]:
    if asked.sort == "likeness":
        return cards
    if asked.sort == "name":
        return sorted(cards, key=lambda card: card.item.path.name.casefold())
    return sorted(cards, key=lambda card: _date(card.item), reverse=asked.sort == "newest")


def _date(item: Item) -> str:
    return item.taken or item.updated
