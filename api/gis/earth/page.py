"""The page of `mindseye demo earth`: one file, nothing loaded from elsewhere."""

import base64
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

from mindseye.api.gis.earth.demo import BEST, Earth, Search, seconds
from mindseye.api.gis.earth.report import degrees
from mindseye.api.gis.earth.truth import BY_MASK
from mindseye.api.gis.heat import Heat
from mindseye.indexer.gis.earth_places import Place, Places
from mindseye.indexer.gis.pixels import read_tile

_SIDE = 120  # px of a tile on the page
_WIDEST = 1400  # px of a heat map or the map of words


@dataclass(frozen=True)
class BestTile:
    """A tile that looks like a word: its picture as a data URI, where it is, what the layers call it."""

    picture: str
    middle: str
    place: Place
    labels: str


@dataclass(frozen=True)
class Card:
    """A word as the page shows it. labelled: whether a layer told what it looks like; heats, tiles: before, after."""

    word: str
    labelled: bool
    heats: tuple[str, str]
    before: list[BestTile]
    after: list[BestTile]


def render(earth: Earth) -> str:
    """Return the page."""
    loader = PackageLoader("mindseye.api", "web/templates")
    page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("earth.html.j2")
    places, taken = Places(earth.sources.layers), seconds(earth)
    return page.render(
        cards=[_card(search, places, earth.counts) for search in earth.searches],
        map=_uri(Image.open(earth.map)),
        tiles=len(earth.searches[0].after.tiles),
        counts=sorted(earth.counts.items(), key=lambda pair: -pair[1]),
        countries=sum(1 for word in earth.counts if word[:1].isupper()),
        fit=earth.fit,
        held_out=earth.held_out,
        by_mask=BY_MASK,
        seconds=taken,
        total=sum(taken.values()),
    )


def _card(search: Search, places: Places, counts: Mapping[str, int]) -> Card:
    heats = tuple(_uri(Image.open(path)) for path in search.pictures)
    tiles = [list(_best(found, places)) for found in (search.before, search.after)]
    return Card(search.word, search.word in counts, (heats[0], heats[1]), *tiles)


def _best(found: Heat, places: Places) -> Iterator[BestTile]:
    for number in found.best(BEST):
        tile = found.tiles[number]
        west, south, east, north = tile.box
        place = places.place((west + east) / 2, (south + north) / 2)
        picture = read_tile(tile.raster, tile.window, tile.rendering).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
        yield BestTile(_uri(picture), degrees(tile.box), place, ", ".join(tile.labels) or "none")


def _uri(picture: Image.Image) -> str:
    picture = picture.convert("RGB")
    picture.thumbnail((_WIDEST, _WIDEST), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
