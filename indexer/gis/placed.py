"""The tiles of a library with where they lie: what maps, heat maps and changes are made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select, true

from mindseye.indexer import labels, models
from mindseye.indexer.database import chunks
from mindseye.indexer.files import path_of
from mindseye.indexer.filters import EVERYTHING, Filter, condition
from mindseye.indexer.gis.records import Box, Rendering, Ring, Window
from mindseye.indexer.library import Library
from mindseye.indexer.models import Content, Embedding, Item

_OF_ITEM = ("item_id", "embedding_id", "content_id", "uri", "place", "collection")


@dataclass(frozen=True)
class PlacedTile:
    """A present tile of a library.

    uri, place: of its item; ring: its corners as (longitude, latitude), degrees of WGS 84; box: around them, west >
    east across the date line; date: of the imagery, ISO 8601; labels: all words of its item; cover: by word, 0 to 1;
    raster, window, crs, rendering: what it shows, also where a copied picture is the item; valid: the share of it that
    holds data.
    """

    item_id: int
    embedding_id: int
    content_id: int
    uri: str
    place: str
    collection: str
    ring: Ring
    box: Box
    date: str | None
    labels: tuple[str, ...]
    cover: dict[str, float]
    raster: Path
    window: Window
    crs: str
    rendering: Rendering
    valid: float


def placed(library: Library, within: Filter = EVERYTHING, contents: Iterable[int] | None = None) -> list[PlacedTile]:
    """Return the tiles that pass a filter, by item id; identical tiles at several places are several.

    contents: ids of the contents that they show, None for any. Raises NotFoundError for an unknown collection.
    """
    with library.database.read() as session:
        query = _query(library.space.encoder).where(condition(session, within)).order_by(Item.id)
        several = (
            [true()] if contents is None else [Item.content_id.in_(some) for some in chunks(sorted(set(contents)))]
        )
        found = [row for which in several for row in session.execute(query.where(which)).all()]
        words = labels.of(session, [item_id for item_id, *_ in found])
    return [_placed(words[item_id], row, item_id, *item) for item_id, *item, row in found]


def _query(encoder: str) -> Select[int, int, int, str, str, str, models.Tile]:
    """Return a query for the first fields of PlacedTile, in their order, and the row of the tile."""
    columns = Item.id, Embedding.id, Item.content_id, Item.uri, Item.place, models.Collection.name, models.Tile
    return (
        select(*columns)
        .join(Content, Content.id == Item.content_id)
        .join(Embedding, (Embedding.content_id == Content.id) & (Embedding.encoder == encoder))
        .join(models.Collection, models.Collection.id == Item.collection_id)
        .join(models.Tile, models.Tile.item_id == Item.id)
    )


def _placed(words: tuple[str, ...], row: models.Tile, *item: Any) -> PlacedTile:
    return PlacedTile(
        **dict(zip(_OF_ITEM, item, strict=True)),
        ring=tuple((longitude, latitude) for longitude, latitude in row.footprint),
        box=(row.west, row.south, row.east, row.north),
        date=row.date,
        labels=words,
        cover=row.cover,
        raster=path_of(row.raster),
        window=Window.from_place(row.window),
        crs=row.crs,
        rendering=Rendering.of(row.rendering),
        valid=row.valid,
    )
