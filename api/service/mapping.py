"""The map as it is served: told as it is kept, drawn by a job, its pictures on sheets."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from threading import RLock
from typing import Any

from mindseye.api.maps.chart import Chart, chart_of
from mindseye.api.maps.sprites import draw_sheet, sheets_of
from mindseye.api.mindseye import Mindseye
from mindseye.api.service.roots import Roots
from mindseye.api.service.telling import as_json
from mindseye.engine.errors import MindseyeError, NotFoundError
from mindseye.indexer.browsing import latest_runs
from mindseye.indexer.maps import Point, kept_map, open_map

Tell = Callable[[float, int], None]
KIND = "map"  # of jobs
_DRAWN = 0.8  # of the work, the map itself; the rest are thumbnails
_SHEETS = 64  # that are kept


class ServedMap:
    """One library's map for all who look at it; what was told once is told again until something has changed."""

    def __init__(self, eye: Mindseye, roots: Roots) -> None:
        self._eye = eye
        self._roots = roots
        self._lock = RLock()
        self._as_of: tuple[Any, ...] = ()
        self._drawn: _Drawn | None = None
        self._told = b""

    def told(self) -> bytes:
        """Return the map as JSON; without places where none was made yet."""
        with self._lock:
            self._refresh()
            return self._told

    def sheet(self, version: str, number: int) -> bytes:
        """Return a sheet of pictures, as WebP. Raises NotFoundError for one that is not of the map as it is now."""
        drawn = self._drawn
        if drawn is None or drawn.chart.version != version or number >= sheets_of(drawn.chart).sheets:
            raise NotFoundError(f"there is no sheet {number} of the map {version!r}", "load the map again")
        return drawn.sheet(number)

    def draw(self, refit: bool, tell: Tell) -> dict[str, int]:
        """Bring the map up to date, or make it anew, and its thumbnails; return how many have a place."""
        library = self._eye.library()
        found = open_map(library, refit, lambda done, total: tell(_DRAWN * done, total))
        chart = chart_of(library, found)
        for number, position in enumerate(chart.pictures.tolist()):
            self._thumbnail(chart.points[position])
            tell(round(_DRAWN + (1 - _DRAWN) * (number + 1) / len(chart.pictures), 3), 1)
        return {"count": len(chart.points), "added": chart.added}

    def _refresh(self) -> None:
        library = self._eye.library()
        found, runs = kept_map(library), latest_runs(library, 1)
        if found is None:
            self._drawn, self._as_of = None, ()
            self._told = as_json({"state": "none", "count": 0, "waiting": 0})
            return
        as_of = found.ids.tobytes(), found.places.tobytes(), found.waiting, [run.id for run in runs]
        if as_of != self._as_of:
            chart = chart_of(library, found)
            chart = replace(chart, points=tuple(map(self._roots.as_shown, chart.points)))
            self._drawn, self._as_of = _Drawn(chart, self._thumbnail), as_of
            self._told = as_json(_columns(chart))

    def _thumbnail(self, point: Point) -> Path | None:
        """Return the file of a small picture, None where there is none or it may not be shown."""
        try:
            self._roots.to_show_item(self._eye.library().item(str(point.item_id)))
            return self._eye.thumbnail(point.item_id)
        except MindseyeError:
            return None


class _Drawn:
    """A chart, and its sheets: each drawn once, of this very chart."""

    def __init__(self, chart: Chart, thumbnail: Callable[[Point], Path | None]) -> None:
        self.chart = chart
        self.sheet: Callable[[int], bytes] = lru_cache(_SHEETS)(partial(draw_sheet, chart, thumbnail=thumbnail))


def _columns(chart: Chart) -> dict[str, Any]:
    sheets = sheets_of(chart)
    addresses = [f"/v1/map/atlas/{number}?v={chart.version}" for number in range(sheets.sheets)]
    return {
        "state": "ready",
        **chart.as_dict(),
        "sheets": {"side": sheets.side, "across": sheets.across, "addresses": addresses},
    }
