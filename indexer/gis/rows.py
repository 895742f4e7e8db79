"""The rows of tiles: which item lies where on Earth, put in at most once whoever writes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from mindseye.indexer import models
from mindseye.indexer.database import chunks
from mindseye.indexer.gis.records import Rendering, Tile
from mindseye.indexer.models import Base, Item, Label, now
from mindseye.indexer.reading import Reading
from mindseye.indexer.sources import TileSource

Place = tuple[str, str]  # of an item: its file's URI and where in the file
IS_TILE = (Item.modality == "image") & (Item.place != "")  # read from a raster's own pixels
_TABLE = Base.metadata.tables["tile"]
_TOLD = [column.name for column in _TABLE.columns if column.name != "item_id"]


@dataclass(frozen=True)
class Standing:
    """An item as it stands: its tile's row, if it has one, and the words given to it."""

    item_id: int
    content_id: int
    state: str
    modified: int
    row: dict[str, Any] | None
    words: frozenset[str]

    @property
    def told(self) -> tuple[dict[str, Any] | None, frozenset[str]]:
        """What its tile set tells of it."""
        return self.row, self.words


def place_of(tile: Tile) -> Place:
    """Return where the item of a tile stands: a window of its raster, or the copied picture."""
    return (tile.image.as_uri(), "") if tile.image else (tile.raster.as_uri(), tile.window.place)


def row_of(tile: Tile, tileset: str, version: int, raster_size: int) -> dict[str, Any]:
    """Return the row of a tile, the item's id aside."""
    west, south, east, north = tile.box
    return {
        "west": west, "south": south, "east": east, "north": north,
        "footprint": [list(corner) for corner in tile.footprint], "crs": tile.crs,
        "rendering": written(tile.rendering), "cover": dict(tile.cover), "valid": tile.valid, "date": tile.date,
        "raster": tile.raster.as_uri(), "window": tile.window.place, "raster_size": raster_size,
        "tileset": tileset, "version": version, "name": tile.id,
    }  # fmt: skip


def written(rendering: Rendering) -> dict[str, list[Any]]:
    """Return a rendering as JSON values."""
    return {"bands": list(rendering.bands), "ranges": [list(span) for span in rendering.ranges]}


def standing(session: Session, collection_id: int, uris: Iterable[str]) -> dict[Place, Standing]:
    """Return how a collection's pictures and tiles at some URIs stand, by their places."""
    found: dict[Place, tuple[Any, ...]] = {}
    about = Item.uri, Item.place, Item.id, Item.content_id, Item.state, Item.modified
    query = select(*about, *_TABLE.columns).outerjoin(_TABLE, _TABLE.c.item_id == Item.id)
    mine = query.where(Item.collection_id == collection_id, Item.modality == "image")
    for piece in chunks(sorted(set(uris))):
        for row in session.execute(mine.where(Item.uri.in_(piece))):
            uri, place, *told = tuple[Any, ...](row)
            found[uri, place] = tuple(told)
    words = _given(session, [told[0] for told in found.values()])
    return {place: _standing(told, words) for place, told in found.items()}


def _standing(told: tuple[Any, ...], words: Mapping[int, set[str]]) -> Standing:
    item_id, content_id, state, modified, *row = told
    columns = dict(zip((column.name for column in _TABLE.columns), row, strict=True))
    has_row = columns.pop("item_id") is not None
    return Standing(item_id, content_id, state, modified, columns if has_row else None, frozenset(words[item_id]))


def _given(session: Session, item_ids: Sequence[int]) -> Mapping[int, set[str]]:
    words = defaultdict[int, set[str]](set)
    for piece in chunks(item_ids):
        query = select(Label.item_id, Label.word).where(Label.item_id.in_(piece), Label.source == "given")
        for item_id, word in session.execute(query):
            words[item_id].add(word)
    return words


def put_rows(session: Session, rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Write what is told of tiles, by their items' ids, over what was told before."""
    values = [{"item_id": item_id, **row} for item_id, row in rows.items()]
    if values:
        statement = insert(_TABLE)
        fresh = {name: statement.excluded[name] for name in _TOLD}
        session.execute(statement.on_conflict_do_update(["item_id"], set_=fresh), values)


def copy(session: Session, item_id: int, to: int) -> None:
    """Tell of one item what is told of another, if that is a tile."""
    told = session.execute(_TABLE.select().where(_TABLE.c.item_id == item_id)).one_or_none()
    if told:
        put_rows(session, {to: {name: value for name, value in told._asdict().items() if name != "item_id"}})


def ids_at(session: Session, collection_id: int, uri: str, places: Sequence[str]) -> dict[str, int]:
    """Return the ids of a collection's items in one file, by their places in it."""
    found: dict[str, int] = {}
    for piece in chunks(places):
        mine = Item.collection_id == collection_id, Item.uri == uri, Item.place.in_(piece)
        found.update(session.execute(select(Item.place, Item.id).where(*mine)).all())
    return found


def follow(session: Session, run_id: int, readings: Sequence[Reading], contents: Mapping[str, int]) -> set[int]:
    """Bring the same tiles of other collections, shown in the same way, up to date; return the contents they had."""
    fresh = {each.source.place: each for each in readings}
    here = Item.uri == readings[0].source.uri, Item.place.in_(fresh), Item.state == "present", IS_TILE
    query = select(Item.id, Item.place, Item.content_id, Item.modified, _TABLE.c.rendering)
    before: set[int] = set()
    for item_id, place, content_id, modified, rendering in session.execute(query.join(models.Tile).where(*here)).all():
        source, new = fresh[place].source, contents[fresh[place].sha256]
        same = isinstance(source, TileSource) and rendering == written(source.rendering)
        if same and (content_id, modified) != (new, source.modified):
            values = {"content_id": new, "modified": source.modified, "updated": now(), "run_id": run_id}
            session.execute(update(Item).where(Item.id == item_id).values(values))
            session.execute(_TABLE.update().where(_TABLE.c.item_id == item_id).values(raster_size=source.size))
            before.add(content_id)
    return before


def present_of(session: Session, collection_id: int, tileset: str) -> dict[Place, int]:
    """Return the ids of a collection's present items of a tile set, by their places."""
    mine = Item.collection_id == collection_id, Item.state == "present", models.Tile.tileset == tileset
    query = select(Item.uri, Item.place, Item.id).join(models.Tile, models.Tile.item_id == Item.id)
    return {(uri, place): item_id for uri, place, item_id in session.execute(query.where(*mine))}


def present_at(session: Session, uri: str, places: Iterable[str] | None = None) -> list[int]:
    """Return the ids of the present tiles of a raster in all collections: at some places, or all."""
    mine = select(Item.id).where(Item.uri == uri, Item.state == "present", IS_TILE)
    if places is None:
        return list(session.scalars(mine))
    return [each for piece in chunks(sorted(places)) for each in session.scalars(mine.where(Item.place.in_(piece)))]
