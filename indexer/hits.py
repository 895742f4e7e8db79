"""What an index found, as hits: contents named by the items that hold them, and what texts say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select, true
from sqlalchemy.orm import Session

from mindseye.indexer.database import chunks
from mindseye.indexer.filters import EVERYTHING, Filter, condition
from mindseye.indexer.gis.records import Box
from mindseye.indexer.index import Neighbours
from mindseye.indexer.models import Content, Embedding, Item, Passage, Tile
from mindseye.indexer.records import Hit


def _statement() -> Select[Any]:
    item, content, passage, embedding, tile = (each.__table__ for each in (Item, Content, Passage, Embedding, Tile))
    document, heading = item.alias("document"), passage.alias("heading")
    title = func.coalesce(heading.c.title, passage.c.title, "")
    return (
        select(
            embedding.c.id, item.c.id, item.c.uri, item.c.place, item.c.modality, item.c.parent_id,
            title, func.coalesce(passage.c.body, ""),
            tile.c.west, tile.c.south, tile.c.east, tile.c.north, tile.c.date,
        )
        .join_from(embedding, item, item.c.content_id == embedding.c.content_id)
        .join(content, content.c.id == item.c.content_id)
        .outerjoin(tile, tile.c.item_id == item.c.id)
        .outerjoin(passage, passage.c.content_id == content.c.id)
        .outerjoin(document, document.c.id == item.c.parent_id)
        .outerjoin(heading, heading.c.content_id == document.c.content_id)
        .where(embedding.c.id.in_(bindparam("ids", expanding=True)))
        .where(item.c.state == "present", item.c.origin == bindparam("origin"))
        .order_by(item.c.id)
    )  # fmt: skip


_PRESENT = _statement()  # made once: putting it together takes ten times as long as asking
_ALL_PASS = _PRESENT.add_columns(true())


class _Place(NamedTuple):
    item_id: int
    uri: str
    place: str
    modality: str
    document_id: int | None
    title: str
    text: str
    west: float | None
    south: float
    east: float
    north: float
    date: str | None
    passes: bool  # the filter

    @property
    def name(self) -> str:
        return f"{self.uri}#{self.place}" if self.place else self.uri

    @property
    def box(self) -> Box | None:
        return None if self.west is None else (self.west, self.south, self.east, self.north)


def hits(session: Session, found: Sequence[Neighbours], within: Filter) -> list[list[Hit]]:
    """Return the hits of each query: one a content, named by its first item that passes the filter."""
    places = _places(session, {int(each) for neighbours in found for each in neighbours.ids}, within)
    answers = []
    for scores, ids in found:
        pairs = zip(scores.tolist(), ids.tolist(), strict=True)
        answers.append([hit for score, each in pairs if (hit := _hit(each, score, places))])
    return answers


def _places(session: Session, embedding_ids: Iterable[int], within: Filter) -> dict[int, list[_Place]]:
    """Return where the contents of embeddings are present, by embedding id, each list by item id."""
    is_open = replace(within, origin="found") == EVERYTHING
    statement = _ALL_PASS if is_open else _PRESENT.add_columns(condition(session, within))
    places: dict[int, list[_Place]] = {}
    for piece in chunks(sorted(embedding_ids)):
        asked = {"ids": list(piece), "origin": within.origin}
        for row in session.execute(statement, asked):
            embedding_id, *told = tuple[Any, ...](row)
            places.setdefault(embedding_id, []).append(_Place(*told))
    return places


def _hit(embedding_id: int, score: float, places: Mapping[int, list[_Place]]) -> Hit | None:
    everywhere = places.get(embedding_id, [])
    here = next((place for place in everywhere if place.passes), None)
    if here is None:
        return None
    also = dict.fromkeys(place.name for place in everywhere if place.name != here.name)
    about = here.uri, here.modality, score, tuple(also), here.place, here.title, here.text, here.document_id
    return Hit(here.item_id, embedding_id, *about, here.box, here.date)
