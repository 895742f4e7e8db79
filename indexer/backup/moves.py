"""Files that lie elsewhere than they did: URIs translated from one folder to another."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from mindseye.engine.errors import UsageError

_URIS = ("uri", "raster", "tileset")  # columns, whatever the table
_HINT = "write --move OLD=NEW: the folder on the machine of the export, and the same one here"


@dataclass(frozen=True)
class Move:
    """What lay below the folder `old` lies below `new`; both URIs, without a slash at the end."""

    old: str
    new: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the move that OLD=NEW tells of: OLD an absolute path, NEW any. Raises UsageError."""
        old, equals, new = text.partition("=")
        if not (equals and old and new):
            raise UsageError(f"{text!r} is no move", _HINT)
        if not os.path.isabs(old):  # noqa: PTH117 - beside normpath
            raise UsageError(f"{old!r} is no absolute path", _HINT)
        return cls(_prefix(os.path.normpath(old)), _prefix(os.path.realpath(new)))


class Moves:
    """Several moves together; where two fit, the one from the deeper folder counts."""

    def __init__(self, moves: Iterable[Move]) -> None:
        """Take the moves. Raises UsageError when two are from the same folder."""
        self._moves = sorted(moves, key=lambda move: len(move.old), reverse=True)
        olds = [move.old for move in self._moves]
        if twice := sorted({old for old in olds if olds.count(old) > 1}):
            raise UsageError(f"{twice[0]} is to be moved to two places", "give one --move for each folder")

    def uri(self, uri: str) -> str:
        """Return where a file lies now."""
        for move in self._moves:
            if uri.startswith(f"{move.old}/"):
                return move.new + uri[len(move.old) :]
        return uri

    def row(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row with its URIs moved: of files, rasters and tile sets, and of what seeded an imagined picture."""
        changed = dict(row) | {name: self.uri(row[name]) for name in _URIS if row.get(name)}
        if table == "imagined":
            changed["recalled"] = [[item, self.uri(uri), score] for item, uri, score in row["recalled"]]
        return changed


def _prefix(path: str) -> str:
    return Path(path).as_uri().removesuffix("/")  # of the whole disk `file://` is left
