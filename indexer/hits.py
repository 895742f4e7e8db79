"""What an index found, as hits: contents named by the items that hold them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from mindseye.indexer.database import chunks
from mindseye.indexer.filters import Filter, condition
from mindseye.indexer.index import Neighbours
from mindseye.indexer.models import Content, Embedding, Item
from mindseye.indexer.records import Hit


class _Place(NamedTuple):
    item_id: int
    uri: str
    modality: str
    passes: bool  # the filter


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
    passes = condition(session, within)
    places: dict[int, list[_Place]] = {}
    for piece in chunks(sorted(embedding_ids)):
        query = (
            select(Embedding.id, Item.id, Item.uri, Item.modality, passes)
            .join(Content, Content.id == Embedding.content_id)
            .join(Item, Item.content_id == Content.id)
            .where(Embedding.id.in_(piece), Item.state == "present", Item.origin == within.origin)
            .order_by(Item.id)
        )
        for embedding_id, item_id, uri, modality, fits in session.execute(query):
            places.setdefault(embedding_id, []).append(_Place(item_id, uri, modality, bool(fits)))
    return places


def _hit(embedding_id: int, score: float, places: Mapping[int, list[_Place]]) -> Hit | None:
    everywhere = places.get(embedding_id, [])
    here = next((place for place in everywhere if place.passes), None)
    if here is None:
        return None
    also = dict.fromkeys(place.uri for place in everywhere if place.uri != here.uri)
    return Hit(here.item_id, embedding_id, here.uri, here.modality, score, tuple(also))
