"""The tile sets that a walk met: opened, their copied pictures among the files, their tiles ready to be taken."""

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mindseye.engine.errors import MindseyeError
from mindseye.indexer.gis.folders import MANIFEST
from mindseye.indexer.gis.records import Tile
from mindseye.indexer.gis.tileset import TileSet
from mindseye.indexer.records import Skip
from mindseye.indexer.sources import Source, Sources

_OUTSIDE = "leads out of the folders that may be indexed"


class OpenSet(NamedTuple):
    """A tile set and those of its tiles that may be indexed."""

    tileset: TileSet
    tiles: list[Tile]

    @property
    def windows(self) -> int:
        """How many of them are read from their rasters."""
        return sum(not each.image for each in self.tiles)


def open_sets(sources: Sources, inside: Sequence[Path] | None = None) -> list[OpenSet]:
    """Return the tile sets among some sources, in order, whose copied pictures become files among them.

    inside: real paths of folders that no raster or picture may lie out of, None for anywhere. A set that cannot be
    read, and rasters outside, become skips.
    """
    found = []
    for folder in sources.tilesets:
        try:
            tileset = TileSet.read(folder)
            every = tileset.tiles()
        except MindseyeError as error:
            sources.skips.append(Skip((folder / MANIFEST).as_uri(), error.what, error.code))
            continue
        tiles = [each for each in every if _lies_in(inside, each.image or each.raster)]
        strays = {each.image or each.raster for each in every} - {each.image or each.raster for each in tiles}
        sources.skips += [Skip(path.as_uri(), _OUTSIDE, "unreadable_file") for path in sorted(strays)]
        sources.met.update(path.as_uri() for path in {each.raster for each in tiles})
        sources.files += _copies(tiles, {each.path for each in sources.files})
        found.append(OpenSet(tileset, tiles))
    return found


def _copies(tiles: Sequence[Tile], known: set[Path]) -> list[Source]:
    copies = []
    for path in (each.image for each in tiles if each.image and each.image not in known):
        try:
            about = path.stat()
        except OSError:  # gone: its item is missing
            continue
        if stat.S_ISREG(about.st_mode):
            copies.append(Source(path, about.st_size, about.st_mtime_ns))
    return copies


def _lies_in(inside: Sequence[Path] | None, path: Path) -> bool:
    return inside is None or any(path.is_relative_to(each) for each in inside)
