"""Contents of a library with a file, or a tile of a raster, that holds each: what must be read again has both."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from PIL import Image
from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from mindseye.indexer import embeddings, models
from mindseye.indexer.files import is_there, path_of
from mindseye.indexer.gis.records import Rendering, Window
from mindseye.indexer.models import Content, Embedding, Tile
from mindseye.indexer.reading import Reading, read_ahead, read_source
from mindseye.indexer.records import Item, Skip
from mindseye.indexer.sources import Source, TileSource


@dataclass(frozen=True)
class Stored:
    """A content: the id of its embedding, or its own where it has none, its hash, and a file or tile that holds it."""

    id: int
    sha256: str
    source: Source


def stored(session: Session, encoder: str) -> list[Stored]:
    """Return every picture that a search may find, by the ids of their embeddings."""
    return _with_files(
        session, _files(Embedding.id).join(Embedding).where(embeddings.SHOWN, Embedding.encoder == encoder)
    )


def not_encoded(session: Session, encoder: str, which: ColumnElement[bool]) -> list[Stored]:
    """Return the pictures that an encoder has not seen, by their contents' ids, of items for which `which` holds."""
    encoded = exists().where(Embedding.content_id == Content.id, Embedding.encoder == encoder)
    return _with_files(session, _files(Content.id).where(which, models.Item.modality == "image", ~encoded))


def read(wanted: Sequence[Stored]) -> Iterator[Image.Image | Skip]:
    """Yield the picture of each in order, or why there is none: its file is gone, damaged, or another one now."""
    with closing(read_ahead(each.source for each in wanted)) as outcomes:
        for each, outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, Reading) and outcome.sha256 != each.sha256:
                yield Skip(each.source.uri, "has changed since it was indexed", "unreadable_file")
            else:
                yield outcome if isinstance(outcome, Skip) else outcome.picture.image


def read_item(session: Session, item: Item) -> Reading | Skip:
    """Return what an item shows, read from its place or from another that holds the same, or why it cannot be."""
    query = _files(models.Item.id).where(Content.id == item.content_id, models.Item.modality == "image")
    places = {key: _source(*place) for key, _, *place in session.execute(query)}
    mine = places.pop(item.id, None)
    trouble = Skip(item.uri, "is no picture", "unreadable_file")
    for source in [*([mine] if mine else []), *places.values()]:
        outcome = read_source(source)
        if isinstance(outcome, Reading) and outcome.sha256 == item.sha256:
            return outcome
        trouble = Skip(item.uri, "is gone or has changed", "unreadable_file")
    return trouble


def _files(key: Any) -> Select[Any]:
    place = Content.size, models.Item.uri, models.Item.modified, models.Item.place
    columns = key, Content.sha256, *place, Tile.rendering, Tile.raster_size
    joined = select(*columns).select_from(Content).join(models.Item)
    return joined.outerjoin(Tile, Tile.item_id == models.Item.id).order_by(key, models.Item.id)


def _source(
    size: int, uri: str, modified: int, place: str, rendering: dict[str, Any] | None, raster_size: int | None
) -> Source:
    """Return the file, or the tile, that an item is read from."""
    if not place or rendering is None or raster_size is None:
        return Source(path_of(uri), size, modified)
    return TileSource(path_of(uri), raster_size, modified, Window.from_place(place), Rendering.of(rendering))


def _with_files(session: Session, query: Select[Any]) -> list[Stored]:
    """Choose, of several files that hold one content, the first that is there."""
    chosen: dict[int, Stored] = {}
    for key, sha256, *place in session.execute(query):
        there = chosen.get(key)
        if there is None or not is_there(there.source.path):
            chosen[key] = Stored(key, sha256, _source(*place))
    return list(chosen.values())
