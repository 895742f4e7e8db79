"""Pictures of a library with the words that say what they show: what a space can be fitted to."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from mindseye.engine.errors import SpaceMismatchError
from mindseye.engine.vectors import FloatArray
from mindseye.indexer import embeddings, labels
from mindseye.indexer.database import open_folder
from mindseye.indexer.filters import Filter, condition
from mindseye.indexer.gis.records import Ring
from mindseye.indexer.meta import fact
from mindseye.indexer.models import Content, Embedding, Item, Tile
from mindseye.indexer.space import Space


@dataclass(frozen=True)
class LabelledPicture:
    """A picture, all its copies together: its embedding, the words of its items, where one of them lies on Earth.

    words: sorted; ring: its corners as (longitude, latitude), None where it is no tile.
    """

    embedding_id: int
    words: tuple[str, ...]
    ring: Ring | None


def labelled(root: Path, space: Space, within: Filter) -> list[LabelledPicture]:
    """Return the pictures of the library at `root` that pass a filter, by embedding id, labelled or not.

    The library stays in whatever mapping it is in. Raises NotFoundError where there is no library or collection,
    SpaceMismatchError when its pictures are another encoder's.
    """
    with closing(open_folder(root, create=False)) as database, database.read() as session:
        _check(session, space)
        return _labelled(session, space.encoder, within)


def features(root: Path, space: Space, pictures: Sequence[LabelledPicture]) -> FloatArray:
    """Return what the library at `root` has stored of pictures (n, raw width)."""
    ids = np.array([each.embedding_id for each in pictures], np.int64)
    with closing(open_folder(root, create=False)) as database, database.read() as session:
        return embeddings.features(session, ids, space.raw_width)


def _check(session: Session, space: Space) -> None:
    if (encoder := fact(session, "encoder")) != space.encoder:
        own = fact(session, "space") or "its own space"
        what = f"the library's pictures are of {own} (encoder {encoder}), not of {space.name} ({space.encoder})"
        raise SpaceMismatchError(what, f"fit with --base {own}, or move the library with `mindseye reembed`")


def _labelled(session: Session, encoder: str, within: Filter) -> list[LabelledPicture]:
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
