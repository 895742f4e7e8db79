"""Geometries of a layer brought onto a raster: cut to its surroundings, repaired, widened, moved, in its own CRS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import shapely
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import ProjError

from mindseye.indexer.gis.records import Box

DEGREE = 111_320.0  # metres of latitude, or of longitude at the equator
WGS84 = CRS.from_user_input("OGC:CRS84")
_EARTH = 6_371_000.0
_BOW = 0.05  # pixels that a straight edge may be off from the curve that it is in another CRS
_ZONE = 10.0  # degrees: within so much, lengths around the middle are true to 0.3 %
GEOD = Geod(ellps="WGS84")


class Imagery(Protocol):
    """What is asked of a raster. bounds: left, bottom, right, top in its CRS; transform: from pixels, affine."""

    @property
    def path(self) -> Path: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def crs(self) -> Any: ...
    @property
    def bounds(self) -> tuple[float, float, float, float]: ...
    @property
    def transform(self) -> Any: ...


@dataclass(frozen=True)
class Ground:
    """Where a raster lies, and how to get there from other coordinate reference systems."""

    crs: CRS
    bounds: Box
    pixel: float

    @classmethod
    def under(cls, raster: Imagery) -> "Ground":
        """Return a raster's ground; pixel: how long its rows are, in the unit of its CRS."""
        transform = raster.transform
        left, bottom, right, top = raster.bounds
        pixel = float(np.hypot(transform.b, transform.e))
        return cls(CRS.from_user_input(raster.crs), (left, bottom, right, top), pixel)

    @cached_property
    def degrees(self) -> Box:
        """West, south, east, north; east is beyond 180 where it crosses the date line."""
        return around(self.bounds, self.crs, WGS84) or (-180.0, -90.0, 180.0, 90.0)

    @property
    def unit(self) -> float:
        """Metres, along a meridian, in the unit of the raster's CRS."""
        return metres_per_unit(self.crs)

    @cached_property
    def longest_edge(self) -> float:
        """How long, in metres, an edge may be that is drawn straight: one of length l bows by about l² / 8R."""
        return float(np.sqrt(8 * _EARTH * _BOW * max(self.pixel * self.unit, 0.01)))

    def reach(self, crs: CRS, margin: float) -> Box | None:
        """Return the box of another CRS that holds all within `margin` metres of the raster; None: it has none."""
        box = around(self.bounds, crs=self.crs, to=crs)
        if box is None:
            return None
        up = (1.01 * margin) / metres_per_unit(crs)
        right = up
        if crs.is_geographic:
            right /= max(np.cos(np.radians(min(max(abs(box[1] - up), abs(box[3] + up)), 89.9))), 1e-3)
        return box[0] - right, box[1] - up, box[2] + right, box[3] + up

    def metres(self, start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
        """Return how far to the east and north, in metres, one place in the raster's CRS lies of another."""
        to_degrees = Transformer.from_crs(self.crs, WGS84, always_xy=True)
        azimuth, _, distance = GEOD.inv(*to_degrees.transform(*start), *to_degrees.transform(*end))
        return float(distance * np.sin(np.radians(azimuth))), float(distance * np.cos(np.radians(azimuth)))

    def shift(self, east: float, north: float) -> tuple[float, float]:
        """Return metres to the east and north, around the raster's middle, as a step in its CRS."""
        to_degrees = Transformer.from_crs(self.crs, WGS84, always_xy=True)
        x, y = (self.bounds[0] + self.bounds[2]) / 2, (self.bounds[1] + self.bounds[3]) / 2
        longitude, latitude = to_degrees.transform(x, y)
        azimuth, distance = np.degrees(np.arctan2(east, north)), np.hypot(east, north)
        moved = GEOD.fwd(longitude, latitude, azimuth, distance)[:2]
        there = to_degrees.transform(*moved, direction="INVERSE")
        return there[0] - x, there[1] - y

    def place(self, geometries: np.ndarray, crs: CRS) -> np.ndarray:
        """Return geometries of another CRS in the raster's; None where they have no place in it."""
        if crs.equals(self.crs, ignore_axis_order=True):
            return geometries
        return _transformed(self._densified(geometries, crs), crs, self.crs)

    def widen(self, geometries: np.ndarray, crs: CRS, metres: float) -> np.ndarray:
        """Return what lies within some metres of geometries, in the raster's CRS: one polygon or more for each.

        Lengths are true only near the middle of a map, so each piece of the Earth has its own: a geometry that
        crosses several is widened piece by piece, which together is the same as widening it whole.
        """
        degrees = self._near(_transformed(self._densified(geometries, crs), crs, WGS84), metres)
        found = [np.empty(0, object)]
        for zone, middle in self._zones():
            here = shapely.intersects(degrees, zone)
            if here.any():
                local = CRS.from_proj4(f"+proj=aeqd +lon_0={middle[0]} +lat_0={middle[1]} +datum=WGS84")
                pieces = shapely.intersection(degrees[here], zone)
                widened = shapely.buffer(_transformed(pieces, WGS84, local), metres, quad_segs=16)
                found.append(_transformed(_unwrapped(_transformed(widened, local, WGS84), middle[0]), WGS84, self.crs))
        return np.concatenate(found)

    def _near(self, degrees: np.ndarray, metres: float) -> np.ndarray:
        """Return the geometries of degrees that the raster may be within some metres of.

        A box of degrees that reaches around the raster even near the poles holds, elsewhere, geometries that are far
        away, or a whole turn of the Earth, and would be bent beyond recognition on the raster's local maps.
        """
        west, south, east, north = shapely.bounds(degrees).T
        latitude = np.minimum(np.maximum(np.abs(south), np.abs(north)) + metres / DEGREE, 89.9)
        margin = np.minimum(1.01 * metres / DEGREE / np.cos(np.radians(latitude)), 180)
        return np.asarray(degrees[(east > self.degrees[0] - margin) & (west < self.degrees[2] + margin)])

    def _zones(self) -> Iterator[tuple[shapely.Geometry, tuple[float, float]]]:
        """Yield pieces of the Earth that cover the raster, and their middles; the outer ones reach all around."""
        west, south, east, north = self.degrees
        columns = max(int(np.ceil((east - west) / _ZONE)), 1)
        rows = max(int(np.ceil((north - south) / _ZONE)), 1)
        xs, ys = np.linspace(west, east, columns + 1), np.linspace(south, north, rows + 1)
        outer = np.array([-np.inf, -np.inf, np.inf, np.inf])
        for row in range(rows):
            for column in range(columns):
                middle = (xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2
                box = np.array([xs[column], ys[row], xs[column + 1], ys[row + 1]])
                edges = np.array([column == 0, row == 0, column == columns - 1, row == rows - 1])
                yield shapely.box(*np.clip(np.where(edges, outer, box), -1e3, 1e3)), middle

    def _densified(self, geometries: np.ndarray, crs: CRS) -> np.ndarray:
        edge = self.longest_edge / metres_per_unit(crs)
        return np.asarray(shapely.segmentize(geometries, edge))


def applied(transform: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Return where an affine transform takes x and y, numbers or arrays (affine 2 and 3 have no operator in common)."""
    return transform.a * x + transform.b * y + transform.c, transform.d * x + transform.e * y + transform.f


def moved(geometries: np.ndarray, right: float, up: float) -> np.ndarray:
    """Return geometries moved by a step in their own CRS."""
    return _mapped(geometries, lambda xy: xy + np.array([right, up]))


def swapped(geometries: np.ndarray) -> np.ndarray:
    """Return geometries with x and y exchanged."""
    return _mapped(geometries, lambda xy: xy[:, ::-1])


def around(bounds: Box, crs: CRS, to: CRS) -> Box | None:
    """Return the bounds of a box in another CRS, going on past 180° at the date line; None where it has none there."""
    try:
        box = Transformer.from_crs(crs, to, always_xy=True).transform_bounds(*bounds, densify_pts=41)
    except ProjError:
        return None
    if not np.isfinite(box).all():
        return None
    west, south, east, north = map(float, box)
    return west, south, east + 360 if to.is_geographic and west > east else east, north


def lies_on_earth(crs: CRS) -> bool:
    """Return whether a CRS says where on Earth its places are; local and vertical ones do not."""
    return crs.is_geographic or crs.is_projected


def metres_per_unit(crs: CRS) -> float:
    """Return how long the unit of a CRS is; of degrees, one of latitude."""
    return DEGREE if crs.is_geographic else float(crs.axis_info[0].unit_conversion_factor or 1)


def lengths(lines: np.ndarray, crs: CRS) -> np.ndarray:
    """Return how long lines are on the ground, in metres, (n,)."""
    parts, owners = shapely.get_parts(lines, return_index=True)
    points, index = shapely.get_coordinates(_transformed(parts, crs, WGS84), return_index=True)
    together = np.flatnonzero(index[1:] == index[:-1])
    steps = GEOD.inv(*points[together].T, *points[together + 1].T)[2]
    return np.bincount(owners[index[together]], steps, len(lines))


def _transformed(geometries: np.ndarray, crs: CRS, to: CRS) -> np.ndarray:
    if crs.equals(to, ignore_axis_order=True):
        return geometries
    transformer = Transformer.from_crs(crs, to, always_xy=True)
    found = _mapped(geometries, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))
    found[~np.isfinite(shapely.bounds(found)).all(axis=1)] = None
    return found


def _unwrapped(geometries: np.ndarray, middle: float) -> np.ndarray:
    """Return geometries whose longitudes go on past the date line, instead of jumping back around the Earth."""
    return _mapped(geometries, lambda xy: np.column_stack([(xy[:, 0] - middle + 180) % 360 - 180 + middle, xy[:, 1]]))


def _mapped(geometries: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return shapely.transform(geometries, change) if len(geometries) else np.empty(0, object)
