"""What was found, as a file for maps: GeoJSON, or a GeoPackage, of the tiles of hits."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from sqlalchemy import select

from mindseye.indexer.database import chunks
from mindseye.indexer.filters import Filter
from mindseye.indexer.gis.geojson import PLACES, geometry, parts
from mindseye.indexer.gis.placed import PlacedTile, placed
from mindseye.indexer.library import Library
from mindseye.indexer.models import Item

LAYER = "hits"  # of a GeoPackage


class Found(Protocol):
    """A hit as it is exported."""

    @property
    def rank(self) -> int: ...
    @property
    def item_id(self) -> int: ...
    @property
    def score(self) -> float: ...
    @property
    def probability(self) -> float | None: ...


@dataclass(frozen=True)
class Feature:
    """A tile that was found, and the hit that it belongs to: identical tiles are features of one hit."""

    tile: PlacedTile
    hit: Found

    def properties(self) -> dict[str, Any]:
        """What is told of it."""
        tile, hit = self.tile, self.hit
        probability = None if hit.probability is None else round(hit.probability, 4)
        return {
            "rank": hit.rank, "score": round(hit.score, 4), "probability": probability, "labels": list(tile.labels),
            "date": tile.date, "raster": tile.raster.name, "place": tile.window.place, "collection": tile.collection,
            "item_id": tile.item_id, "uri": tile.uri,
        }  # fmt: skip


def features(library: Library, hits: Sequence[Found], within: Filter) -> list[Feature]:
    """Return the tiles of hits that pass a filter, by rank; hits that lie nowhere on Earth have none."""
    with library.database.read() as session:
        contents: dict[int, int] = {}
        for piece in chunks([hit.item_id for hit in hits]):
            query = select(Item.id, Item.content_id).where(Item.id.in_(piece))
            contents.update(session.execute(query).all())
    tiles: dict[int, list[PlacedTile]] = {}
    for tile in placed(library, within, contents.values()):
        tiles.setdefault(tile.content_id, []).append(tile)
    return [Feature(tile, hit) for hit in hits for tile in tiles.get(contents.get(hit.item_id, 0), [])]


def as_geojson(found: Iterable[Feature]) -> dict[str, Any]:
    """Return features as a GeoJSON object (RFC 7946)."""
    told = [
        {
            "type": "Feature", "id": each.tile.item_id, "bbox": [round(edge, PLACES) for edge in each.tile.box],
            "geometry": geometry(each.tile.ring), "properties": each.properties(),
        }
        for each in found
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": told}


def encoded(found: Sequence[Feature], suffix: str) -> bytes:
    """Return the bytes of a file of features: GeoJSON, or a GeoPackage where the suffix says so."""
    if suffix == ".gpkg":
        return _geopackage(found)
    return json.dumps(as_geojson(found), ensure_ascii=False).encode()


def _geopackage(found: Sequence[Feature]) -> bytes:
    import geopandas  # takes a second to load
    import shapely

    logging.getLogger("pyogrio").setLevel(logging.WARNING)  # it tells how many rows it wrote
    shapes = [shapely.MultiPolygon([shapely.Polygon(part) for part in parts(each.tile.ring)]) for each in found]
    rows = [_flat(each.properties()) for each in found]
    columns = {name: [row[name] for row in rows] for name in rows[0]} if rows else {"rank": []}
    table = geopandas.GeoDataFrame(columns, geometry=shapes, crs="OGC:CRS84")
    with TemporaryDirectory(prefix="mindseye-") as folder:
        path = Path(folder) / "hits.gpkg"
        table.to_file(path, layer=LAYER, driver="GPKG", engine="pyogrio", geometry_type="MultiPolygon")
        return path.read_bytes()


def _flat(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties as a table holds them."""
    return {name: ", ".join(value) if isinstance(value, list) else value for name, value in properties.items()}
