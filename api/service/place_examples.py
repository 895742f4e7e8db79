"""Examples of what is told of places, for OpenAPI."""

from typing import Any

Responses = dict[int | str, dict[str, Any]]

_BOX = [20.498865, -34.074829, 20.526315, -33.998854]
_RASTER = {
    "id": "0123456789abcdef", "name": "swellendam.tif", "uri": "file:///home/ann/aerial/swellendam.tif", "box": _BOX,
    "tiles": 36, "dates": ["2010-11-24"], "collections": ["aerial"],
    "address": "/v1/places/0123456789abcdef/{z}/{x}/{y}.png?v=17a3c5e2b1f04", "why_not": "",
}  # fmt: skip
_RING = [[20.4989, -34.0052], [20.5053, -34.0052], [20.5053, -33.9988], [20.4989, -33.9988], [20.4989, -34.0052]]
_TILE = {
    "item_id": 7, "uri": "file:///home/ann/aerial/swellendam.tif", "place": "xywh=0,0,256,256",
    "raster": "swellendam.tif", "date": "2010-11-24", "labels": ["road"], "cover": {"road": 0.031},
    "links": {"item": "/v1/items/7", "thumbnail": "/v1/items/7/thumbnail", "original": "/v1/items/7/original"},
}  # fmt: skip
_ANYWHERE = {"box": [-180.0, -90.0, 180.0, 90.0], "circle": None}


def _told(example: dict[str, Any]) -> Responses:
    return {200: {"content": {"application/json": {"example": example}}}}


def _tiles(found: dict[str, Any], **more: Any) -> Responses:
    """Return the example of a collection of one feature; found: what it has beside what every tile has."""
    geometry = {"type": "Polygon", "coordinates": [_RING]}
    tile = {"type": "Feature", "id": 7, "geometry": geometry, "properties": _TILE | found}
    return _told({"type": "FeatureCollection", "features": [tile], "total": 1, "within": _ANYWHERE} | more)


PLACES = _told(
    {
        "tiles": 36, "box": _BOX, "rasters": [_RASTER], "dates": ["2010-11-24"],
        "words": [{"word": "road", "tiles": 9}, {"word": "river", "tiles": 4}],
    }
)  # fmt: skip
TILES = _tiles({}, in_view=1)
FOUND = _tiles({"rank": 1, "score": 0.4312, "probability": 0.874}, query="road", matched=True)
WARM = _tiles({"score": 0.4312, "heat": 1.0}, in_view=1, query="road", low=0.0127, high=0.4312)
_BYTES = {"schema": {"type": "string", "format": "binary"}, "example": "(the bytes of the picture)"}
PIECE: Responses = {
    200: {"content": {"image/png": _BYTES}, "description": "The piece"},
    304: {"description": "It is still as it was"},
}
