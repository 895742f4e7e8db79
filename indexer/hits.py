"""What an index found, as hits: contents named by the items that hold them, and what texts say."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from mindseye.indexer.database import chunks
from mindseye.indexer.filters import Filter, condition
from mindseye.indexer.index import Neighbours
from mindseye.indexer.models import Content, Embedding, Item, Passage
from mindseye.indexer.records import Hit


class _Place(NamedTuple):
    item_id: int
    uri: str
    place: str
    modality: str
    passes: bool  # the filter
    document_id: int | None
    title: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.uri}#{self.place}" if self.place else self.uri


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
    document, heading = aliased(Item), aliased(Passage)
    title = func.coalesce(heading.title, Passage.title, "")
    columns = Item.id, Item.uri, Item.place, Item.modality, condition(session, within), Item.parent_id, title
    places: dict[int, list[_Place]] = {}
    for piece in chunks(sorted(embedding_ids)):
        query = (
            select(Embedding.id, *columns, func.coalesce(Passage.body, ""))
            .join(Content, Content.id == Embedding.content_id)
            .join(Item, Item.content_id == Content.id)
            .outerjoin(Passage, Passage.content_id == Content.id)
            .outerjoin(document, document.id == Item.parent_id)
            .outerjoin(heading, heading.content_id == document.content_id)
            .where(Embedding.id.in_(piece), Item.state == "present", Item.origin == within.origin)
            .order_by(Item.id)
        )
        for row in session.execute(query):
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
    return Hit(here.item_id, embedding_id, *about)
