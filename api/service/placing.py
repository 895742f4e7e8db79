"""Places as they are served: the rasters of the library's tiles, drawn piece by piece, and tiles as GeoJSON."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import anyio

from mindseye.api.mindseye import Mindseye
from mindseye.api.service.links import links
from mindseye.api.service.roots import OutsideError, Roots
from mindseye.engine.errors import NotFoundError, UnreadableFileError
from mindseye.indexer.browsing import latest_runs
from mindseye.indexer.filters import Filter
from mindseye.indexer.gis.coverage import PlacedRaster, box_around, has_tiles, rasters, words_of_tiles
from mindseye.indexer.gis.geojson import geometry
from mindseye.indexer.gis.placed import PlacedTile
from mindseye.indexer.gis.records import Box

_EARTH: Box = (-180.0, -90.0, 180.0, 90.0)
_State = tuple[tuple[int, int] | None, ...]
DRAWN_AT_ONCE = 2  # pieces of rasters: more would only share the processor


class ServedPlaces:
    """The rasters that one library's tiles lie in, by ids; no raster is drawn but these, and only within the roots."""

    def __init__(self, eye: Mindseye, roots: Roots) -> None:
        self._eye = eye
        self._roots = roots
        self._lock = Lock()
        self._as_of = -1
        self._known: dict[str, PlacedRaster] = {}
        self._parts: dict[Path, tuple[tuple[Path, ...], _State]] = {}
        self._turns = anyio.CapacityLimiter(DRAWN_AT_ONCE)

    def any(self) -> bool:
        """Whether the library holds tiles."""
        try:
            return has_tiles(self._eye.library())
        except NotFoundError:  # there is no library yet
            return False

    def told(self, collection: str | None = None) -> dict[str, Any]:
        """Return what is covered: rasters, their box, dates and words. Raises NotFoundError for a collection."""
        library = self._eye.library()
        found = rasters(library, collection)
        words = [{"word": word, "tiles": count} for word, count in words_of_tiles(library, collection)]
        return {
            "tiles": sum(each.tiles for each in found),
            "box": box_around([each.box for each in found]),
            "rasters": [self._raster(each) for each in found],
            "dates": sorted({date for each in found for date in each.dates}),
            "words": words,
        }

    async def draw(self, raster: str, zoom: int, column: int, row: int) -> bytes:
        """Return a piece of a raster as PNG. Raises NotFoundError, OutsideError, UnreadableFileError."""
        return await anyio.to_thread.run_sync(self._drawn, raster, zoom, column, row, limiter=self._turns)

    async def version(self, raster: str) -> str:
        """Return what changes with a raster's pixels. Raises NotFoundError when it is unknown, gone or another one."""
        return await anyio.to_thread.run_sync(self._version, raster)

    def _drawn(self, raster: str, zoom: int, column: int, row: int) -> bytes:
        from mindseye.indexer.gis.warp import draw_tile  # imports GDAL, which a library without tiles does without

        placed = self._of(raster)
        self._version(raster)  # it is what its tiles were read from
        self._check(placed.path)
        return draw_tile(placed.path, placed.rendering, zoom, column, row)

    def _version(self, raster: str) -> str:
        placed = self._of(raster)
        about = _about(placed.path)
        if about is None or about[0] != placed.size:
            raise NotFoundError(f"{placed.path.name} is gone or has changed", "index its tiles again")
        return f"{raster}-{about[1]:x}"

    def _of(self, raster: str) -> PlacedRaster:
        library = self._eye.library()
        newest = next((run.id for run in latest_runs(library, 1)), 0)
        with self._lock:
            if newest != self._as_of:
                self._known, self._as_of = {each.id: each for each in rasters(library)}, newest
            found = self._known.get(raster)
        if found is None:
            raise NotFoundError(f"no tiles lie in a raster {raster!r}", "GET /v1/places tells the rasters")
        self._roots.to_show(found.path)
        return found

    def _raster(self, placed: PlacedRaster) -> dict[str, Any]:
        about = _about(placed.path)
        why = self._why_not(placed)
        version = f"?v={about[1]:x}" if about else ""
        return {
            "id": placed.id, "name": placed.path.name, "uri": placed.uri, "box": placed.box, "tiles": placed.tiles,
            "dates": placed.dates, "collections": placed.collections, "why_not": why,
            "address": None if why else f"/v1/places/{placed.id}/{{z}}/{{x}}/{{y}}.png{version}",
        }  # fmt: skip

    def _why_not(self, placed: PlacedRaster) -> str:
        """Return why a raster is not drawn, nothing where it is."""
        about = _about(placed.path)
        if not self._roots.may_show(placed.uri):
            return "its folder is not served"
        if about is None or about[0] != placed.size:
            return "gone or changed"
        try:
            self._check(placed.path)
        except OutsideError:
            return "it is made of files in a folder that is not served"
        except UnreadableFileError:
            return "what it is made of cannot be read"
        return ""

    def _check(self, path: Path) -> None:
        """Raise OutsideError or UnreadableFileError unless all that a raster is read from may be shown."""
        for each in self._files(path) if self._roots.folders else ():  # where none are named, anything may
            self._roots.to_show(each)

    def _files(self, path: Path) -> Iterable[Path]:
        """Return the files that a raster is read from; they are looked into anew when one of them has changed."""
        from mindseye.indexer.gis.parts import files_of

        with self._lock:
            files, as_of = self._parts.get(path, ((), ()))
        if not files or _state(files) != as_of:
            files = tuple(files_of(path))
            with self._lock:
                self._parts[path] = files, _state(files)
        return files


def feature(tile: PlacedTile, **more: Any) -> dict[str, Any]:
    """Return a tile as a feature of GeoJSON (RFC 7946)."""
    told = {
        "item_id": tile.item_id, "uri": tile.uri, "place": tile.place, "raster": tile.raster.name, "date": tile.date,
        "labels": list(tile.labels), "cover": tile.cover, "links": links(tile.item_id, "image"),
    }  # fmt: skip
    return {
        "type": "Feature",
        "id": tile.item_id,
        "geometry": geometry(tile.ring),
        "properties": told | more,
    }


def only_tiles(within: Filter) -> Filter:
    """Return a filter that lets tiles alone pass: what is none lies nowhere on Earth."""
    return within if within.box or within.near else replace(within, box=_EARTH)


def collected(features: Iterable[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return features as a collection; more: what else is to be said of them."""
    return {"type": "FeatureCollection", "features": list(features)} | more


def _about(path: Path) -> tuple[int, int] | None:
    """Return size and time of the last change of a file, None when it cannot be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _state(files: Iterable[Path]) -> _State:
    """Return what changes when one of some files does, or when a file that GDAL would read, too, comes beside them."""
    several = tuple(files)
    return tuple(map(_about, (*several, *dict.fromkeys(each.parent for each in several))))
