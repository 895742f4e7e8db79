"""Folders that are tile sets, told by the names in them alone: nothing is read, no library of maps is loaded."""

import re
from collections.abc import Iterable

MANIFEST = "tiles.json"
_TABLE = re.compile(r"tiles-\d+\.parquet")


def is_tileset(names: Iterable[str]) -> bool:
    """Return whether a folder of files of these names is a tile set; other programs have a tiles.json, too."""
    told = set(names)
    return MANIFEST in told and any(map(_TABLE.fullmatch, told))
