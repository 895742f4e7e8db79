"""Small pictures side by side in a few large ones: all of a map's, in the order in which they come into view."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from mindseye.api.maps.chart import Chart
from mindseye.indexer.maps import Point

SIDE = 48  # px of a small picture
ACROSS = 32  # of them in a row, and rows
_QUALITY = 78
MEDIA_TYPE = "image/webp"

Thumbnail = Callable[[Point], Path | None]


@dataclass(frozen=True)
class Sheet:
    """How small pictures lie: `side` px each, `across` in a row, as many rows at most in one of `sheets`."""

    side: int
    across: int
    sheets: int


def sheets_of(chart: Chart, side: int = SIDE) -> Sheet:
    """Return how a map's pictures lie on sheets."""
    return Sheet(side, ACROSS, -(-len(chart.pictures) // ACROSS**2))


def draw_sheet(chart: Chart, number: int, thumbnail: Thumbnail, side: int = SIDE) -> bytes:
    """Return a sheet as WebP; thumbnail: gives the file of a picture's thumbnail, None where it cannot be shown."""
    mine = chart.pictures[number * ACROSS**2 : (number + 1) * ACROSS**2]
    page = Image.new("RGBA", (ACROSS * side, -(-len(mine) // ACROSS) * side))
    for place, position in enumerate(mine.tolist()):
        if (file := thumbnail(chart.points[position])) is not None:
            page.paste(small(file, side), (place % ACROSS * side, place // ACROSS * side))
    data = io.BytesIO()
    page.save(data, "WEBP", quality=_QUALITY, method=2)
    return data.getvalue()


def small(file: Path, side: int) -> Image.Image:
    """Return the middle square of a thumbnail, `side` px wide."""
    with Image.open(file) as picture:
        picture.draft("RGB", (side * 2, side * 2))  # a JPEG is decoded at half or a quarter of its size
        return ImageOps.fit(picture.convert("RGB"), (side, side), Image.Resampling.BILINEAR)
