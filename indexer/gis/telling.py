"""What a tile came from, told: its tile set and version, the rules and layers that gave its words, and the raster."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from mindseye.engine.errors import MindseyeError
from mindseye.indexer import models
from mindseye.indexer.files import path_of
from mindseye.indexer.gis.records import Box


@dataclass(frozen=True)
class TileFacts:
    """What is known of a tile beside its item.

    raster, window: what it shows; rendering: bands and ranges; box: in degrees; cover: by word, 0 to 1; valid: the
    share of it that holds data; tileset: URI of the manifest; version, name: of the set, and of the tile in it; made:
    how that version came about, as the manifest tells it, None when that is gone or tells nothing of it any more.
    """

    raster: str
    window: str
    crs: str
    rendering: dict[str, Any]
    box: Box
    date: str | None
    cover: dict[str, float]
    valid: float
    tileset: str
    version: int
    name: str
    made: dict[str, Any] | None

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield the chain for people, as labels and facts."""
        west, south, east, north = self.box
        bands = ", ".join(map(str, self.rendering["bands"]))
        ranges = "".join(f", {low:g} to {high:g}" for low, high in self.rendering["ranges"])
        yield (
            "lies",
            f"{_degrees(west, 'EW')} to {_degrees(east, 'EW')}, {_degrees(south, 'NS')} to {_degrees(north, 'NS')}",
        )
        yield "raster", f"{path_of(self.raster)}, {self.window}, {self.crs}"
        yield "", f"shown by bands {bands}{ranges}; {self.valid:.0%} of it holds data"
        if self.cover:
            yield "cover", ", ".join(f"{word} {share:.1%}" for word, share in sorted(self.cover.items()))
        yield "tile set", f"{path_of(self.tileset).parent}, version {self.version}, tile {self.name}"
        yield from self._made_lines(self.made) if self.made else [("", "how it was made is not known: it is gone")]

    def _made_lines(self, made: dict[str, Any]) -> Iterator[tuple[str, str]]:
        yield "", f"{made['command']}: {made['when']}"
        for rule in made["rules"].get("labels", []):
            told = {name: value for name, value in rule.items() if value not in (None, [], {}, False)}
            yield "rule", ", ".join(f"{name} {value}" for name, value in told.items())
        for each in made["inputs"]:
            yield "made of", f"{each['path']}, {each['size']:,} bytes, SHA-256 {each['sha256']}"


def facts_of(session: Session, item_id: int) -> TileFacts | None:
    """Return what is known of an item's tile, None when it is none."""
    row = session.get(models.Tile, item_id)
    if row is None:
        return None
    return TileFacts(
        raster=row.raster,
        window=row.window,
        crs=row.crs,
        rendering=row.rendering,
        box=(row.west, row.south, row.east, row.north),
        date=row.date,
        cover=row.cover,
        valid=row.valid,
        tileset=row.tileset,
        version=row.version,
        name=row.name,
        made=_made(row.tileset, row.version),
    )


def _made(tileset: str, version: int) -> dict[str, Any] | None:
    from mindseye.indexer.gis.tileset import TileSet  # loads what reads tables, for tiles alone

    try:
        history = TileSet.read(path_of(tileset).parent).manifest.history
    except (MindseyeError, OSError):
        return None
    return next((each.model_dump() for each in history if each.number == version), None)


def _degrees(value: float, directions: str) -> str:
    return f"{abs(value):.5f}° {directions[value < 0]}"
