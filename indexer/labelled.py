"""Pictures of a library with the words that say what they show: what a space can be fitted to."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mindseye.indexer import labels
from mindseye.indexer.filters import Filter, condition
from mindseye.indexer.gis.records import Ring
from mindseye.indexer.models import Content, Embedding, Item, Tile


@dataclass(frozen=True)
class LabelledPicture:
    """A picture, all its copies together: its embedding, the words of its items, where one of them lies on Earth.

    words: sorted; ring: its corners as (longitude, latitude), None where it is no tile.
    """

    embedding_id: int
    words: tuple[str, ...]
    ring: Ring | None


def labelled(session: Session, encoder: str, within: Filter) -> list[LabelledPicture]:
    """Return the pictures that pass a filter and that an encoder has seen, by embedding id, labelled or not.

    Raises NotFoundError for an unknown collection.
    """
    query = (
        select(Embedding.id, Item.id, Tile.footprint)
        .join(Content, Content.id == Embedding.content_id)
        .join(Item, Item.content_id == Content.id)
        .outerjoin(Tile, Tile.item_id == Item.id)
        .where(Embedding.encoder == encoder, Item.modality == "image", condition(session, within))
        .order_by(Embedding.id, Item.id)
    )
    found = session.execute(query).all()
    words = labels.of(session, [item_id for _, item_id, _ in found])
    told: dict[int, set[str]] = {}
    rings: dict[int, Ring | None] = {}
    for embedding_id, item_id, footprint in found:
        told.setdefault(embedding_id, set()).update(words[item_id])
        ring = tuple((longitude, latitude) for longitude, latitude in footprint) if footprint else None
        rings[embedding_id] = rings.get(embedding_id) or ring
    return [LabelledPicture(each, tuple(sorted(told[each])), rings[each]) for each in told]
