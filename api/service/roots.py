"""The folders that a service may index and show."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from mindseye.api.answers import RankedHit
from mindseye.engine.errors import MindseyeError, NotFoundError, UnreadableFileError, UsageError
from mindseye.indexer.files import path_of
from mindseye.indexer.gis.telling import TileFacts
from mindseye.indexer.items import WORD
from mindseye.indexer.maps import Point
from mindseye.indexer.records import Item

Told = TypeVar("Told", Item, RankedHit, Point)
_SHOWN = 100  # characters of a path in a message


class OutsideError(MindseyeError):
    """A path leads out of the folders that the service was given."""

    code = "outside_roots"


class Roots:
    """Folders by their real paths; links are followed before anything is compared."""

    def __init__(self, folders: Sequence[Path], library: Path) -> None:
        """Take the folders, and the library's own. Raises UsageError for one that is not there."""
        absent = [str(each) for each in folders if not each.is_dir()]
        if absent:
            raise UsageError(f"no such folder: {', '.join(absent)}", "check the paths given to --root")
        self.folders = tuple(dict.fromkeys(_real(each) for each in folders))
        self._library = _real(library)

    def to_index(self, path: str) -> Path:
        """Return the real path of what is to be indexed; a relative one is looked for in each folder.

        Raises OutsideError when it lies in none of them, UsageError when it is not there or can be no path.
        """
        try:
            found = [real for root in self.folders if (real := _real(root / path)).is_relative_to(root)]
            there = [real for real in found if real.exists()]
        except (OSError, ValueError) as error:  # a name that is too long, or holds a NUL
            raise UsageError(f"{path[:_SHOWN]!r} cannot be looked for", "check the spelling of the path") from error
        if not found:
            named = ", ".join(map(str, self.folders))
            hint = f"choose one in {named}" if named else "start `mindseye serve` with --root DIR"
            raise OutsideError(f"{path!r} is in no folder that may be indexed", hint)
        if not there:
            raise UsageError(f"no such file or folder: {path!r}", "check the spelling of the path")
        return there[0]

    def to_show(self, path: Path) -> Path:
        """Return the real path of a file of the library's that may be shown: where no folders are named, any is.

        Raises OutsideError when it lies neither in the folders nor in the library's own.
        """
        real = _real(path)
        if self.folders and not any(real.is_relative_to(each) for each in (*self.folders, self._library)):
            raise OutsideError(
                f"{path.name!r} lies outside of the folders that are shown", "serve its folder as --root"
            )
        return real

    def to_show_item(self, item: Item) -> Path:
        """Return the real path of an item's file, if it may be shown; of a tile all that its raster is read from must.

        Raises as `to_show` does, and NotFoundError where what a raster is read from is not to be had.
        """
        real = self.to_show(item.path)
        if self.folders and item.modality == "image" and item.place:
            from mindseye.indexer.gis.parts import files_of  # imports GDAL, which a library without tiles does without

            try:
                files = files_of(item.path)
            except UnreadableFileError as error:
                raise NotFoundError(f"{item.path.name} is gone or has changed", "index its tile set again") from error
            for each in files:
                self.to_show(each)
        return real

    def may_show(self, uri: str) -> bool:
        """Whether what lies at a URI may be shown; words have no file and always may."""
        if uri.startswith(WORD):
            return True
        try:
            self.to_show(path_of(uri))
        except MindseyeError:
            return False
        return True

    def as_shown(self, told: Told) -> Told:
        """Return an item, a hit or a point as it may be shown: of a file outside of the folders without its texts."""
        return told if self.may_show(told.uri) else replace(told, title="", text="")

    def as_told(self, tile: TileFacts) -> TileFacts:
        """Return what a tile came from as it may be told: without what a manifest outside of the folders says."""
        return tile if self.may_show(tile.tileset) else replace(tile, made=None)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
