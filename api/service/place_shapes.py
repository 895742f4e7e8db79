"""The shapes of what is told of places: GeoJSON (RFC 7946), degrees of WGS 84."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from mindseye.api.service.shapes import Links

Corners = tuple[float, float, float, float]


class WordTold(BaseModel):
    """A word, and how many tiles have it."""

    word: str
    tiles: int


class RasterTold(BaseModel):
    """A raster that tiles lie in.

    box: west, south, east, north around them; address: where its pieces are drawn, with {z}, {x} and {y} to be filled
    in, null where it is not drawn; why_not says why.
    """

    id: str
    name: str
    uri: str
    box: Corners
    tiles: int
    dates: list[str]
    collections: list[str]
    address: str | None
    why_not: str


class PlacesTold(BaseModel):
    """What of the Earth the library's tiles show; box is null where there are none."""

    tiles: int
    box: Corners | None
    rasters: list[RasterTold]
    dates: list[str]
    words: list[WordTold]


class CircleTold(BaseModel):
    """All that is within some kilometres of a point, in degrees."""

    latitude: float
    longitude: float
    kilometres: float


class WithinTold(BaseModel):
    """Where was looked: null for anywhere."""

    box: Corners | None
    circle: CircleTold | None


class Polygon(BaseModel):
    """A footprint: one ring, whose last corner is its first."""

    type: Literal["Polygon"]
    coordinates: list[list[tuple[float, float]]]


class Polygons(BaseModel):
    """A footprint that the date line cuts."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[tuple[float, float]]]]


class TileProperties(BaseModel):
    """What is known of a tile; cover: by word, the share of it that the word's geometries cover."""

    item_id: int
    uri: str
    place: str
    raster: str
    date: str | None
    labels: list[str]
    cover: dict[str, float]
    links: Links


class ScoredProperties(TileProperties):
    """A tile as it was found; probability: that it shows what was asked, null where that is not told."""

    rank: int
    score: float
    probability: float | None


class WarmProperties(TileProperties):
    """A tile in a heat map; heat: its score between the lowest, 0, and the highest, 1, of the scale."""

    score: float
    heat: float


class TileFeature(BaseModel):
    """A tile as a feature; its id is the item's."""

    type: Literal["Feature"]
    id: int
    geometry: Polygon | Polygons
    properties: TileProperties


class FoundFeature(TileFeature):
    """A tile that was found."""

    properties: ScoredProperties


class WarmFeature(TileFeature):
    """A tile in a heat map."""

    properties: WarmProperties


class Features(BaseModel):
    """Tiles; total counts those that pass."""

    type: Literal["FeatureCollection"]
    total: int
    within: WithinTold


class TileFeatures(Features):
    """Tiles; in_view counts those of all in view, of which `features` are spread evenly where they are not all."""

    features: Sequence[TileFeature]
    in_view: int


class FoundFeatures(Features):
    """Tiles that were found, nearest first; matched: whether any shows what was asked, null where that is not told."""

    features: Sequence[FoundFeature]
    query: str
    matched: bool | None


class WarmFeatures(TileFeatures):
    """Tiles with the scores of a word; low, high: the scores that are shown as 0 and 1."""

    features: Sequence[WarmFeature]
    query: str
    low: float
    high: float
