"""What of the Earth a library's tiles cover: the rasters they lie in, when they were taken, and words, counted."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from mindseye.indexer.gis.records import Box, Rendering
from mindseye.indexer.items import collection_id
from mindseye.indexer.library import Library
from mindseye.indexer.models import Collection, Item, Label, Tile
from mindseye.indexer.records import Placed

_WHOLE_TURN = 360.0


@dataclass(frozen=True)
class PlacedRaster(Placed):
    """A raster that present tiles lie in, shown as they are.

    id: of raster and rendering, the same as long as both are; size: of the file, in bytes, when its tiles were read;
    box: around its tiles; dates: of them, ISO 8601, ascending; collections: that hold some, by name.
    """

    id: str
    uri: str
    rendering: Rendering
    size: int
    box: Box
    tiles: int
    dates: tuple[str, ...]
    collections: tuple[str, ...]


def has_tiles(library: Library) -> bool:
    """Return whether any tile is present."""
    with library.database.read() as session:
        there = select(Tile.item_id).join(Item, Item.id == Tile.item_id).where(Item.state == "present").limit(1)
        return session.scalar(there) is not None


def rasters(library: Library, collection: str | None = None) -> list[PlacedRaster]:
    """Return the rasters of present tiles, those with most tiles first. Raises NotFoundError for a collection."""
    parted = Tile.east < Tile.west
    east = case((parted, Tile.east + _WHOLE_TURN), else_=Tile.east)
    behind = case((Tile.west < 0, _WHOLE_TURN), else_=0.0)  # as if longitudes ran from 0 to 360
    box: Any = func.min(Tile.west), func.min(Tile.south), func.max(east), func.max(Tile.north)
    box += func.min(Tile.west + behind), func.max(east + behind)
    which: Any = Tile.raster, Tile.rendering, Tile.raster_size
    query = select(*which, Tile.date, Collection.name, func.count(), *box).join(Item, Item.id == Tile.item_id)
    query = query.join(Collection, Collection.id == Item.collection_id).group_by(*which, Tile.date, Collection.name)
    with library.database.read() as session:
        rows = session.execute(query.where(*_present(session, collection)).order_by(*which)).all()
    found = [_raster(key, list(some)) for key, some in groupby(rows, lambda row: tuple(row[:3]))]
    return sorted(found, key=lambda each: (-each.tiles, each.uri))


def words_of_tiles(library: Library, collection: str | None = None, most: int = 100) -> list[tuple[str, int]]:
    """Return words that label present tiles, each with how many, the most used first. Raises as `rasters`."""
    number = func.count(Tile.item_id.distinct())
    query = select(Label.word, number).join(Item, Item.id == Label.item_id).join(Tile, Tile.item_id == Item.id)
    with library.database.read() as session:
        passing = query.where(*_present(session, collection)).group_by(Label.word)
        return [
            (word, count) for word, count in session.execute(passing.order_by(number.desc(), Label.word).limit(most))
        ]


def _present(session: Any, collection: str | None) -> Iterable[ColumnElement[bool]]:
    there = [Item.state == "present"]
    return there if collection is None else [*there, Item.collection_id == collection_id(session, collection)]


def _raster(key: tuple[Any, ...], rows: list[Any]) -> PlacedRaster:
    uri, shown, size = key
    rendering = Rendering.of(shown)
    told = json.dumps([uri, rendering.bands, rendering.ranges], separators=(",", ":"))
    _, _, _, dates, collections, numbers, west, south, east, north, *behind = zip(*rows, strict=True)
    first, last = _narrowest((min(west), max(east)), (min(behind[0]), max(behind[1])))
    return PlacedRaster(
        hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:16], uri, rendering, size,
        (first, min(south), last, max(north)), sum(numbers), tuple(sorted({each for each in dates if each})),
        tuple(sorted(set(collections))),
    )  # fmt: skip


def _narrowest(*spans: tuple[float, float]) -> tuple[float, float]:
    """Return the narrowest of some spans of longitude, from -180 to 180: west > east across the date line."""
    west, east = min(spans, key=lambda span: span[1] - span[0])
    if east - west >= _WHOLE_TURN:
        return -_WHOLE_TURN / 2, _WHOLE_TURN / 2
    return west - _WHOLE_TURN * (west > _WHOLE_TURN / 2), east - _WHOLE_TURN * (east > _WHOLE_TURN / 2)


def box_around(boxes: Sequence[Box]) -> Box | None:
    """Return the smallest box around boxes; west > east across the date line; None around nothing."""
    if not boxes:
        return None
    spans = [(west, east + _WHOLE_TURN * (east < west)) for west, _, east, _ in boxes]
    behind = [(west + turn, east + turn) for west, east in spans for turn in [_WHOLE_TURN * (west < 0)]]
    west, east = _narrowest(_span(spans), _span(behind))
    return west, min(box[1] for box in boxes), east, max(box[3] for box in boxes)


def _span(spans: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return min(west for west, _ in spans), max(east for _, east in spans)
