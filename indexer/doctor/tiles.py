"""Tiles: their rows, the rasters that they are read from, and the pixels that they show now."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mindseye.indexer.doctor.case import Case
from mindseye.indexer.doctor.finding import Finding
from mindseye.indexer.files import is_gone, path_of
from mindseye.indexer.gis.records import Rendering, Window
from mindseye.indexer.gis.rows import IS_TILE
from mindseye.indexer.items import named
from mindseye.indexer.models import Content, Item, Tile
from mindseye.indexer.reading import Reading, read_ahead
from mindseye.indexer.sources import TileSource

_LOSES = "`--repair` marks them as missing"
_AGAIN = "index their tile sets again"


class _Shown(NamedTuple):
    """A present tile: its item and content, and what it is read from."""

    item_id: int
    sha256: str
    source: TileSource


def examine(case: Case) -> list[Finding]:
    """Return which tiles cannot be shown any more as they were indexed.

    Pixels are read, and compared, of the rasters alone whose files have changed since.
    """
    with case.database.read() as session:
        shown, lost = _shown(session), _without_row(session)
    vanished = {path for path in {each.source.path for each in shown} if is_gone(path)}
    gone = [each for each in shown if each.source.path in vanished]
    changed = list(_changed([each for each in shown if each.source.path not in vanished]))
    told = (
        ("tile_row_missing", "{} tiles do not say how they are read from their rasters", lost),
        ("raster_gone", "the rasters of {} tiles are gone", {each.item_id: _name(each) for each in gone}),
        ("tile_changed", "{} tiles show other pixels now", {each.item_id: _name(each) for each in changed}),
    )
    return [
        Finding(code, what.format(len(ids)), _LOSES, tuple(ids.values()), partial(_lose, case, tuple(ids)), _AGAIN)
        for code, what, ids in told
        if ids
    ]


def _without_row(session: Session) -> dict[int, str]:
    alone = IS_TILE, Item.state == "present", ~exists().where(Tile.item_id == Item.id)
    found = session.execute(select(Item.id, Item.uri, Item.place).where(*alone).order_by(Item.id))
    return {item_id: named(str(path_of(uri)), place) for item_id, uri, place in found}


def _shown(session: Session) -> list[_Shown]:
    columns = Item.id, Content.sha256, Item.uri, Item.modified, Item.place, Tile.rendering, Tile.raster_size
    query = select(*columns).join(Content, Content.id == Item.content_id).join(Tile, Tile.item_id == Item.id)
    found = session.execute(query.where(IS_TILE, Item.state == "present").order_by(Item.uri, Item.id))
    return [
        _Shown(item_id, sha256, TileSource(path_of(uri), size, modified, Window.from_place(place), Rendering.of(how)))
        for item_id, sha256, uri, modified, place, how, size in found
    ]


def _changed(shown: Iterable[_Shown]) -> Iterator[_Shown]:
    """Yield the tiles whose rasters are other files now, and which show something else, or nothing."""
    suspects = [each for each in shown if _is_other(each.source)]
    for each, outcome in zip(suspects, read_ahead(each.source for each in suspects), strict=True):
        if not isinstance(outcome, Reading) or outcome.sha256 != each.sha256:
            yield each


def _is_other(source: TileSource) -> bool:
    try:
        about = source.path.stat()
    except OSError:  # that cannot be told
        return False
    return (about.st_size, about.st_mtime_ns) != (source.size, source.modified)


def _name(shown: _Shown) -> str:
    return named(str(shown.source.path), shown.source.place)


def _lose(case: Case, item_ids: tuple[int, ...]) -> None:
    run_id = case.run_id
    with case.database.write() as session:
        case.lose(session, item_ids, run_id)
