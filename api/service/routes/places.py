"""Places: what of the Earth the library's tiles show, drawn, listed, searched, and warmed by a word."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from mindseye.api.gis.asked import read_box
from mindseye.api.gis.heat import heat as heat_of
from mindseye.api.service.parameters import Filters, Name, Text
from mindseye.api.service.place_examples import FOUND, PIECE, PLACES, TILES, WARM
from mindseye.api.service.place_shapes import FoundFeatures, PlacesTold, TileFeatures, WarmFeatures
from mindseye.api.service.placing import collected, feature, only_tiles
from mindseye.api.service.service import Served, Service
from mindseye.engine.errors import UsageError
from mindseye.indexer.filters import Filter
from mindseye.indexer.gis.exporting import features
from mindseye.indexer.gis.placed import PlacedTile, placed
from mindseye.indexer.gis.records import Box

router = APIRouter(prefix="/v1/places", tags=["places"])
MOST = 10_000  # footprints of an answer
DEEPEST = 24  # zoom: a pixel is then about 1 cm on the ground
SPAN = (1, 99)  # per cent of the scores that the colours span: a single tile does not stretch them
_KEPT = "private, max-age=300"  # seconds

RasterId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", examples=["0123456789abcdef"])]
Zoom = Annotated[int, Path(ge=0, le=DEEPEST, examples=[14])]
Step = Annotated[int, Path(ge=0, lt=2**DEEPEST, examples=[9124])]


class Area(Filters):
    """Which tiles, and how many at most."""

    limit: Annotated[int, Field(ge=1, le=MOST, description="How many; spread evenly over more.")] = 2_000
    view: Annotated[
        Name | None, Field(description="West,south,east,north in degrees: only these are told, of all that count.")
    ] = None

    def shown(self, tiles: Sequence[PlacedTile]) -> list[int]:
        """Return the places in a list of the tiles that are in view. Raises UsageError for what is no view."""
        view = read_box(self.view)
        return [place for place, tile in enumerate(tiles) if view is None or _touch(tile.box, view)]


class Heat(Area):
    """A word, and which tiles."""

    q: Annotated[Text, Field(description="A word, a phrase or a sentence.", examples=["forest"])]


class Hits(Filters):
    """What to look for, in words or by an item that is like it."""

    q: Annotated[Text | None, Field(description="A word, a phrase, a sentence, or a sum.", examples=["forest"])] = None
    like: Annotated[int | None, Field(ge=1, lt=2**53, description="An item: what is like it.")] = None


@router.get("", response_model=PlacesTold, responses=PLACES)
def places(
    service: Served, collection: Annotated[Name | None, Query(description="Of this collection only.")] = None
) -> dict[str, Any]:
    """Tell the rasters that tiles lie in, the box around them, when they were taken, and the words that label them."""
    return service.places.told(collection)


@router.get("/tiles", response_model=TileFeatures, responses=TILES)
async def tiles(service: Served, asked: Annotated[Area, Query()]) -> dict[str, Any]:
    """List the footprints of tiles that pass the filters, as GeoJSON."""

    def listed() -> dict[str, Any]:
        where = asked.within
        found = placed(service.library, only_tiles(where))
        seen = asked.shown(found)
        shown = [feature(found[each]) for each in _spread(seen[asked.offset :], asked.limit)]
        return collected(shown, total=len(found), in_view=len(seen), within=_told(where))

    return await service.in_turn(listed)


@router.get("/hits", response_model=FoundFeatures, responses=FOUND)
async def hits(service: Served, asked: Annotated[Hits, Query()]) -> dict[str, Any]:
    """Search tiles by words (`q`) or by an item (`like`), and tell what was found as GeoJSON, nearest first."""
    return await service.in_turn(lambda: _found(service, asked))


@router.get("/heat", response_model=WarmFeatures, responses=WARM)
async def heat(service: Served, asked: Annotated[Heat, Query()]) -> dict[str, Any]:
    """Tell how much each tile looks like a word: the heat map of it."""
    return await service.in_turn(lambda: _warmed(service, asked))


@router.get("/{raster}/{zoom}/{column}/{row}.png", response_class=Response, responses=PIECE)
async def piece(request: Request, service: Served, raster: RasterId, zoom: Zoom, column: Step, row: Step) -> Response:
    """Draw a piece of a raster, 256 × 256 pixels of Web Mercator numbered as slippy maps are, transparent elsewhere."""
    if max(column, row) >= 2**zoom:
        raise UsageError(f"zoom {zoom} has no tile {column}/{row}", f"columns and rows end at {2**zoom - 1}")
    headers = {"Cache-Control": _KEPT, "ETag": f'"{await service.places.version(raster)}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    drawn = await service.places.draw(raster, zoom, column, row)
    return Response(drawn, media_type="image/png", headers=headers)


def _found(service: Service, asked: Hits) -> dict[str, Any]:
    where, eye = asked.within, service.eye
    within = only_tiles(where)
    if (asked.q is None) == (asked.like is None):
        raise UsageError("ask either by words or by an item", "give `q` or `like`")
    if asked.q is not None:
        answer = eye.search(asked.q, asked.limit, modalities=("image",), within=within, offset=asked.offset)
    else:
        answer = eye.similar(str(asked.like), asked.limit, modalities=("image",), within=within, offset=asked.offset)
    told = [
        feature(each.tile, rank=each.hit.rank, score=round(each.hit.score, 4), probability=each.hit.probability)
        for each in features(service.library, answer.hits, within)
    ]
    matched = answer.decision.matched if answer.decision.decided else None
    return collected(told, total=answer.total, within=_told(where), query=asked.q or "", matched=matched)


def _warmed(service: Service, asked: Heat) -> dict[str, Any]:
    where = asked.within
    within, about = only_tiles(where), {"within": _told(where), "query": asked.q}
    if not len(service.library.select(within, "image")):
        return collected([], total=0, in_view=0, low=0.0, high=0.0, **about)
    warm = heat_of(service.eye, asked.q, within)
    low, high = np.percentile(warm.scores, SPAN).tolist()
    shares = np.clip((warm.scores - low) / max(high - low, 1e-6), 0, 1)
    seen = asked.shown(warm.tiles)
    told = [
        feature(warm.tiles[each], score=round(float(warm.scores[each]), 4), heat=round(float(shares[each]), 4))
        for each in _spread(seen, asked.limit)
    ]
    return collected(told, total=len(warm.tiles), in_view=len(seen), low=round(low, 4), high=round(high, 4), **about)


def _spread(found: Sequence[Any], most: int) -> list[Any]:
    """Return all of them, or as many as may be, evenly spread."""
    if len(found) <= most:
        return list(found)
    return [found[number * len(found) // most] for number in range(most)]


def _touch(box: Box, view: Box) -> bool:
    """Return whether two boxes have a place in common; either may lie across the date line."""
    (west, south, east, north), (left, bottom, right, top) = box, view
    if south > top or north < bottom:
        return False
    turns = (left - west) % 360, (west - left) % 360  # degrees that one begins to the east of the other
    return turns[0] <= _degrees(west, east) or turns[1] <= _degrees(left, right)


def _degrees(west: float, east: float) -> float:
    return east - west if east >= west else east - west + 360


def _told(within: Filter) -> dict[str, Any]:
    return {"box": within.box, "circle": within.near and asdict(within.near)}
