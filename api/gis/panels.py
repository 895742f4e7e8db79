"""Tiles by the ground that they are drawn on: neighbours of one date together, other places and dates apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mindseye.indexer.gis.mosaic import Ground, Piece
from mindseye.indexer.gis.placed import PlacedTile
from mindseye.indexer.gis.records import Ring, Window

_NEAR = 0.25  # of its larger side: how far off rasters are drawn on one ground
Span = tuple[float, float, float, float]  # west, south, east, north; east may be past 180


@dataclass(frozen=True)
class Panel:
    """Tiles that are drawn on one ground: their numbers, their rings as they lie there, their rasters, their date."""

    numbers: tuple[int, ...]
    rings: tuple[Ring, ...]
    pieces: tuple[Piece, ...]
    date: str | None
    ground: Ground


def panels(tiles: Sequence[PlacedTile], longest: int) -> list[Panel]:
    """Return the grounds that tiles are drawn on, those of most tiles first; longest: pixels of a side."""
    rasters: dict[tuple[str, str | None], list[int]] = {}
    for number, tile in enumerate(tiles):
        rasters.setdefault((str(tile.raster), tile.date), []).append(number)
    spans = {key: _span([tiles[number].ring for number in numbers]) for key, numbers in rasters.items()}
    found = [_panel(tiles, [rasters[key] for key in keys], longest) for keys in _together(spans)]
    return sorted(found, key=lambda panel: (-len(panel.numbers), panel.date or "", panel.numbers))


def _together(spans: dict[tuple[str, str | None], Span]) -> Iterator[list[tuple[str, str | None]]]:
    """Yield the rasters of one date that lie beside each other."""
    left = dict(spans)
    while left:
        key, span = left.popitem()
        group, waiting = [key], [span]
        while waiting:
            near = [each for each, other in left.items() if each[1] == key[1] and _are_near(waiting[-1], other)]
            waiting.pop()
            waiting += [left.pop(each) for each in near]
            group += near
        yield sorted(group, key=str)


def _are_near(one: Span, other: Span) -> bool:
    margin = _NEAR * max(one[2] - one[0], one[3] - one[1], other[2] - other[0], other[3] - other[1])
    across = one[0] - margin <= other[2] and other[0] - margin <= one[2]
    return across and one[1] - margin <= other[3] and other[1] - margin <= one[3]


def _span(rings: Sequence[Ring]) -> Span:
    longitudes, latitudes = zip(*(corner for ring in rings for corner in ring), strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def _panel(tiles: Sequence[PlacedTile], rasters: Sequence[Sequence[int]], longest: int) -> Panel:
    numbers = tuple(number for raster in rasters for number in raster)
    rings = _unbroken([tiles[number].ring for number in numbers])
    pieces = tuple(_piece([tiles[number] for number in raster]) for raster in rasters)
    return Panel(numbers, rings, pieces, tiles[numbers[0]].date, Ground.around(rings, longest))


def _unbroken(rings: Sequence[Ring]) -> tuple[Ring, ...]:
    """Return footprints that the date line parts as if it were not there, longitudes past 180, if that is less wide."""
    west, _, east, _ = _span(rings)
    past = tuple(
        tuple((longitude + 360, latitude) for longitude, latitude in ring) if min(ring)[0] < 0 else ring
        for ring in rings
    )
    first, _, last, _ = _span(past)
    return past if last - first < east - west else tuple(rings)


def _piece(tiles: Sequence[PlacedTile]) -> Piece:
    windows = [tile.window for tile in tiles]
    column, row = min(each.column for each in windows), min(each.row for each in windows)
    right, bottom = max(each.column + each.width for each in windows), max(each.row + each.height for each in windows)
    return Piece(tiles[0].raster, Window(column, row, right - column, bottom - row), tiles[0].rendering)
