"""Layers of geometries as files hold them, whatever their format: what they say of themselves, and their features."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from pyproj import CRS

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis.records import Box
from mindseye.indexer.gis.shapefiles import is_shapefile, readable

PARQUET = "Parquet"
_SUFFIXES = (".parquet", ".geoparquet")
_LOOKED_UP = frozenset({"GPKG", "ESRI Shapefile", "FlatGeobuf", "OpenFileGDB", "SQLite", "MapInfo File", "OSM"})


@dataclass(frozen=True)
class Features:
    """Some of a layer's features. geometries: (n,) shapely, in the layer's CRS; columns: (n,) values by name.

    without: how many features were met, wherever they may lie, that have no geometry or one that is damaged.
    """

    geometries: np.ndarray
    columns: Mapping[str, np.ndarray]
    without: int = 0

    def chosen(self, rows: np.ndarray, fields: Sequence[str]) -> "Features":
        """Return some of the features, by number, with some of the columns."""
        return Features(self.geometries[rows], {name: self.columns[name][rows] for name in fields}, self.without)


@dataclass(frozen=True)
class Summary:
    """A layer as a whole. extent: around all features, in the layer's CRS; None when there are none."""

    features: int
    extent: Box | None


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of a file. driver: what reads it; kind: of its geometries; crs: None when the file says none.

    source: what is read in the file's place, where that is not the file itself.
    """

    file: Path
    name: str
    driver: str
    kind: str
    crs: CRS | None
    fields: tuple[str, ...]
    source: Path

    def read(self, box: Box | None, fields: Sequence[str]) -> Features:
        """Return the features that may touch a box in the layer's own CRS; all of them without a box.

        Files that can look features up are asked for these; the others are read once, whole, and kept: a GeoJSON
        would be parsed from its beginning for each raster. Raises UnreadableFileError.
        """
        if self.driver in _LOOKED_UP or box is None:
            return self._read(box, fields)
        features, tree = self._everything
        return features.chosen(np.sort(tree.query(shapely.box(*box))), fields)

    def summary(self) -> Summary:
        """Return how many features there are and where, which some formats tell only when gone through."""
        if self.driver not in _LOOKED_UP:
            geometries = self._everything[0].geometries
            there = geometries[~shapely.is_missing(geometries) & ~shapely.is_empty(geometries)]
            return Summary(len(geometries), _box(shapely.total_bounds(there)) if len(there) else None)
        told = pyogrio.read_info(self.source, layer=self.name, force_feature_count=True, force_total_bounds=True)
        return Summary(told["features"], _box(told["total_bounds"]) if told["features"] else None)

    @cached_property
    def _everything(self) -> tuple[Features, shapely.STRtree]:
        features = self._read(None, self.fields)
        return features, shapely.STRtree(features.geometries)

    def _read(self, box: Box | None, fields: Sequence[str]) -> Features:
        try:
            return self._from_parquet(fields) if self.driver == PARQUET else self._from_gdal(box, fields)
        except (DataSourceError, DataLayerError, FeatureError, shapely.GEOSException, OSError, ValueError) as error:
            raise UnreadableFileError(f"layer {self.name} of {self.file} cannot be read ({error})") from error

    def _from_gdal(self, box: Box | None, fields: Sequence[str]) -> Features:
        try:
            with catch_warnings():
                simplefilter("ignore")  # of open rings and corners that are no numbers: what is damaged is counted
                told, _, wkb, values = pyogrio.raw.read(
                    self.source, layer=self.name, columns=list(fields), bbox=box, force_2d=True
                )
                geometries = shapely.from_wkb(wkb, on_invalid="ignore")
        except FeatureError:  # asked for a box GDAL gives up at a damaged feature; reading all, it goes on without it
            if box is None:
                raise
            features = self._from_gdal(None, fields)
            return features.chosen(shapely.STRtree(features.geometries).query(shapely.box(*box)), fields)
        columns = dict(zip(told["fields"], values, strict=True))
        return Features(geometries, columns, int(shapely.is_missing(geometries).sum()))

    def _from_parquet(self, fields: Sequence[str]) -> Features:
        import geopandas

        frame = geopandas.read_parquet(self.file)
        geometries = shapely.force_2d(frame.geometry.to_numpy())
        columns = {name: frame[name].to_numpy() for name in fields}
        return Features(geometries, columns, int(shapely.is_missing(geometries).sum()))


def _box(bounds: Sequence[float] | None) -> Box | None:
    if bounds is None or not np.isfinite(bounds).all():
        return None
    west, south, east, north = map(float, bounds)
    return west, south, east, north


def layers_in(file: Path) -> list[Layer]:
    """Return the layers of a file. Raises UnreadableFileError when it is not there or holds none."""
    if not file.exists():
        raise UnreadableFileError(f"there is no file {file}")
    try:
        if file.suffix.lower() in _SUFFIXES:
            return [_parquet_layer(file)]
        source = readable(file) if is_shapefile(file) else file
        return [_gdal_layer(file, source, name) for name, kind in pyogrio.list_layers(source) if kind is not None]
    except (DataSourceError, DataLayerError, OSError, ValueError, KeyError) as error:
        raise UnreadableFileError(f"{file} cannot be read as a layer ({error})", "check that it is whole") from error


def _gdal_layer(file: Path, source: Path, name: str) -> Layer:
    told = pyogrio.read_info(source, layer=name)
    fields = tuple(map(str, told["fields"]))
    return Layer(file, name, told["driver"], told["geometry_type"], _crs(told["crs"]), fields, source)


def _crs(told: Any) -> CRS | None:
    """Return a CRS without its heights, which no geometry is read with."""
    return None if told is None else CRS.from_user_input(told).to_2d()


def _parquet_layer(file: Path) -> Layer:
    """Return what a GeoParquet file says of itself (GeoParquet 1.1: no `crs` means longitude and latitude)."""
    import pyarrow.parquet

    schema = pyarrow.parquet.read_schema(file)
    if b"geo" not in (schema.metadata or {}):
        what = f"{file} is no GeoParquet: it does not say which column holds geometries"
        raise UnreadableFileError(what, "write it by geopandas' to_parquet, or by GDAL")
    told: dict[str, Any] = json.loads(schema.metadata[b"geo"])
    column = told["columns"][told["primary_column"]]
    crs = _crs(column.get("crs", "OGC:CRS84"))
    kinds = "/".join(column.get("geometry_types") or ["Unknown"])
    fields = tuple(name for name in schema.names if name not in told["columns"] and name != "bbox")
    return Layer(file, file.stem, PARQUET, kinds, crs, fields, file)
