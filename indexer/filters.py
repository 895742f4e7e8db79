"""Which items a search is to look among: asked in plain values, answered by SQL before any vector is compared."""

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from mindseye.engine.errors import UsageError
from mindseye.indexer.files import path_glob
from mindseye.indexer.gis.nearness import Circle, checked
from mindseye.indexer.gis.records import Box
from mindseye.indexer.items import collection_id
from mindseye.indexer.labels import normalised
from mindseye.indexer.models import Content, Item, Label, Tile

T = TypeVar("T")
Range = tuple[T | None, T | None]  # from the first, included, to the second, excluded; None: no bound
Origin = Literal["found", "imagined"]

OPEN: Range[Any] = (None, None)
_NANOSECONDS = 1_000_000_000
_EDGE = 1e-7  # degrees, a centimetre: what neighbours may overlap by, their edges being computed


@dataclass(frozen=True)
class Filter:
    """What an item must be like to be looked at; by default any found one is.

    collection: its name; path: a glob that its path, or the end of it, fits; date: when it was taken (a tile: when its
    imagery was), or else when its file changed, ISO 8601 local times; size: of the file in bytes; side: the longer one,
    in px; labels: words it must all have; origin: whether it was found or imagined; box, near: where on Earth it lies,
    at least in part: what is no tile lies nowhere.
    """

    collection: str | None = None
    path: str | None = None
    date: Range[str] = OPEN
    size: Range[int] = OPEN
    side: Range[int] = OPEN
    labels: tuple[str, ...] = ()
    origin: Origin = "found"
    box: Box | None = None
    near: Circle | None = None

    def __post_init__(self) -> None:
        require_text(self.collection, self.path, *self.labels)
        if self.box is not None:
            checked(self.box)


def require_text(*texts: str | None) -> None:
    """Raise UsageError for a text with bytes that are no UTF-8, which a database cannot hold."""
    for text in filter(None, texts):
        if not text.isprintable() and any("\ud800" <= c <= "\udfff" for c in text):
            raise UsageError(f"{text!r} is no text: it has bytes that are not UTF-8", "write it in UTF-8")


EVERYTHING = Filter()


def condition(session: Session, within: Filter) -> ColumnElement[bool]:
    """Return what holds of a joined Item and Content that pass. Raises NotFoundError for an unknown collection."""
    passes = [Item.state == "present", Item.origin == within.origin]
    if within.collection is not None:
        passes.append(Item.collection_id == collection_id(session, within.collection))
    if within.path is not None:
        path_glob(within.path)  # refuses a bad one here, not in the middle of SQL
        passes.append(func.path_fits(Item.uri, within.path))
    passes += _between(date_of_item(), within.date) + _between(Content.size, within.size)
    passes += _between(func.max(Content.width, Content.height), within.side)
    for word in within.labels:
        passes.append(exists(select(Label.word).where(Label.item_id == Item.id, Label.word == normalised(word))))
    if within.box is not None:
        passes.append(_lies(_overlaps(within.box)))
    if (near := within.near) is not None:
        point = near.latitude, near.longitude, near.kilometres
        passes.append(_lies(_overlaps(near.box), func.is_near(Tile.west, Tile.south, Tile.east, Tile.north, *point)))
    return and_(*passes)


def date_of_item() -> ColumnElement[str]:
    """Return when a joined Item and Content was taken, or else when its file changed: ISO 8601, local time."""
    whole = func.substr(Tile.date + "-01-01", 1, func.max(func.length(Tile.date), len("2024-01-01")))  # a year or month
    tile = select(whole).where(Tile.item_id == Item.id).correlate(Item).scalar_subquery()
    changed = func.strftime("%Y-%m-%dT%H:%M:%S", Item.modified // _NANOSECONDS, "unixepoch", "localtime")
    return func.coalesce(tile, Content.taken, changed)


def _between(value: Any, span: Range[Any]) -> list[ColumnElement[bool]]:
    low, high = span
    return ([value >= low] if low is not None else []) + ([value < high] if high is not None else [])


def _lies(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(Tile.item_id).where(Tile.item_id == Item.id, *where).correlate(Item))


def _overlaps(box: Box) -> ColumnElement[bool]:
    """Return what holds of tiles that share more than an edge with a box; either may lie across the date line."""
    west, south, east, north = box
    pieces = [(west, east)] if west < east else [(west, 180.0), (-180.0, east)]
    here = []
    for start, end in (each for each in pieces if each[0] < each[1]):
        begins, goes_on = Tile.west < end - _EDGE, Tile.east > start + _EDGE
        here += [and_(Tile.west <= Tile.east, begins, goes_on), and_(Tile.west > Tile.east, or_(begins, goes_on))]
    return and_(Tile.south < north - _EDGE, Tile.north > south + _EDGE, or_(*here))
