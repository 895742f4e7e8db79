"""Where on Earth a point is, in words: the country that it lies in and the nearest city of the layers."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import shapely

_RADIUS = 6371.0  # km


@dataclass(frozen=True)
class Place:
    """country: None at sea and where it cannot be told; city: the nearest of 100,000 people or more; away: in km."""

    country: str | None
    city: str
    away: float


class Places:
    """The countries and cities of a GeoPackage that `write_layers` wrote."""

    def __init__(self, layers: Path) -> None:
        self._countries = pyogrio.read_dataframe(layers, layer="countries")
        self._tree = shapely.STRtree(self._countries.geometry.to_numpy())
        cities = pyogrio.read_dataframe(layers, layer="cities")
        self._names = (cities["name"] + ", " + cities["country"]).tolist()
        self._cities = np.radians(shapely.get_coordinates(cities.geometry.to_numpy()))

    def place(self, longitude: float, latitude: float) -> Place:
        """Return where a point is; distances are along great circles of a sphere."""
        found = self._tree.query(shapely.Point(longitude, latitude), predicate="intersects")
        country = str(self._countries["name"].iat[int(found[0])]) if len(found) else None
        away = self._away(longitude, latitude)
        nearest = int(away.argmin())
        return Place(country, self._names[nearest], round(float(away[nearest]), 1))

    def _away(self, longitude: float, latitude: float) -> np.ndarray:
        """Return the distance to each city in km, by the haversine formula."""
        x, y = np.radians([longitude, latitude])
        east, north = self._cities.T
        half = np.sin((north - y) / 2) ** 2 + np.cos(y) * np.cos(north) * np.sin((east - x) / 2) ** 2
        return np.asarray(2 * _RADIUS * np.arcsin(np.sqrt(half)))
