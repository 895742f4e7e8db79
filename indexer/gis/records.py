"""The plain values of aerial imagery: where a tile lies in its raster and on Earth, how it is shown, what it shows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from mindseye.engine.errors import UsageError

Box = tuple[float, float, float, float]  # west, south, east, north in degrees; west > east across the date line
# Corners as (longitude, latitude) in degrees of WGS 84, the first one not again. It begins, in the west, within -180
# and 180; across the date line it runs on past 180.
Ring = tuple[tuple[float, float], ...]

_PLACE = re.compile(r"xywh=(\d{1,9}),(\d{1,9}),([1-9]\d{0,8}),([1-9]\d{0,8})")


@dataclass(frozen=True)
class Window:
    """A rectangle of a raster's pixels, as a media fragment names it: `xywh=512,0,256,256`."""

    column: int
    row: int
    width: int
    height: int

    @property
    def place(self) -> str:
        """The fragment of the raster's URI."""
        return f"xywh={self.column},{self.row},{self.width},{self.height}"

    @classmethod
    def from_place(cls, place: str) -> Self:
        """Return the window that a fragment names. Raises UsageError when it names none."""
        found = _PLACE.fullmatch(place)
        if not found:
            raise UsageError(f"{place!r} names no window of a raster", "write it like xywh=512,0,256,256")
        return cls(*map(int, found.groups()))


@dataclass(frozen=True)
class Rendering:
    """How a raster's values become red, green and blue of 8 bits.

    bands: the numbers, from 1, of three bands, or of one for grey (or for the colours of a palette, if it has one);
    ranges: for each band the values that become 0 and 255, none for values of 8 bits that stay as they are.
    """

    bands: tuple[int, ...]
    ranges: tuple[tuple[float, float], ...] = ()

    @classmethod
    def of(cls, told: Mapping[str, Sequence[Any]]) -> Self:
        """Return the rendering that JSON tells."""
        return cls(tuple(told["bands"]), tuple((low, high) for low, high in told["ranges"]))


@dataclass(frozen=True)
class Tile:
    """A piece of a raster with the words that layers give it.

    id: names it within its set; crs: of the raster, an authority's code or WKT; footprint: its corners on Earth; cover:
    by word, the share, 0 to 1, of what is valid in it that the word's geometries cover; valid: the share of it that
    holds data; date: of the imagery, ISO 8601; image: the copied picture, None when the raster's own pixels are read.
    """

    id: str
    raster: Path
    window: Window
    crs: str
    rendering: Rendering
    footprint: Ring
    labels: tuple[str, ...] = ()
    cover: Mapping[str, float] = field(default_factory=dict)
    valid: float = 1.0
    date: str | None = None
    image: Path | None = None

    @property
    def box(self) -> Box:
        """The smallest box of degrees around the footprint; west > east across the date line."""
        longitudes, latitudes = zip(*self.footprint, strict=True)
        west, east = min(longitudes), max(longitudes)
        if east - west >= 360:
            west, east = -180.0, 180.0
        return west, min(latitudes), east - 360 if east > 180 else east, max(latitudes)
