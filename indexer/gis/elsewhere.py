"""Why a layer does not meet a raster: axes exchanged, coordinates that are no degrees, or simply another place."""

import math

import numpy as np
from pyproj import CRS

from mindseye.indexer.gis.placing import GEOD, WGS84, Ground, around
from mindseye.indexer.gis.records import Box


def elsewhere(name: str, extent: Box, crs: CRS, swap_axes: bool, ground: Ground) -> str:
    """Return in words why a layer, whose extent is given as its file has it, does not meet the raster."""
    read = exchanged(extent) if swap_axes else extent
    if meets(exchanged(read), crs, ground):
        right = str(not swap_axes).lower()
        return (
            f"layer {name} does not meet the raster, but with x and y exchanged it would: its axes are swapped "
            f"(longitude and latitude, or east and north); write `layers: {{{name}: {{swap_axes: {right}}}}}`"
        )
    if said := _in_another(name, read, crs, ground):
        return said
    box = around(read, crs, WGS84)
    if box is None:
        return f"layer {name} has no place on Earth in {name_of(crs)} ({_told(read)})"
    return (
        f"layer {name} and the raster do not overlap: the layer has {in_degrees(box)}, the raster "
        f"{in_degrees(ground.degrees)}; they are {distance(box, ground.degrees) / 1000:,.0f} km apart"
    )


def _in_another(name: str, read: Box, crs: CRS, ground: Ground) -> str | None:
    """Return in words in which other CRS a layer may be, None where nothing speaks for one."""
    fitting = crs_that_fits(read, ground)
    if crs.is_geographic and not _degrees(read):
        guess = f"; {fitting} would lay it on the raster" if fitting else ""
        return (
            f"layer {name} says {name_of(crs)}, but its coordinates ({_told(read)}) are no degrees{guess}; "
            f"write `layers: {{{name}: {{crs: {fitting or 'EPSG:…'}}}}}`"
        )
    if fitting and CRS.from_user_input(fitting) != crs:
        return (
            f"layer {name} does not meet the raster in {name_of(crs)}, which it says it is in, but would in {fitting}; "
            f"if so, write `layers: {{{name}: {{crs: {fitting}}}}}`"
        )
    return None


def crs_that_fits(extent: Box | None, ground: Ground) -> str | None:
    """Return a CRS in which an extent would meet the raster: degrees, the raster's, its UTM zone, or Web Mercator."""
    if extent is None:
        return None
    west, south, east, north = ground.degrees
    zone = int(((west + east) / 2 + 180) // 6) % 60 + 1
    utm = f"EPSG:{(32700 if south + north < 0 else 32600) + zone}"
    own = [] if ground.crs.is_geographic or not ground.crs.to_authority() else [name_of(ground.crs)]
    candidates = ["EPSG:4326", *own, utm, "EPSG:3857"]
    return next((name for name in candidates if meets(extent, CRS.from_user_input(name), ground)), None)


def meets(extent: Box, crs: CRS, ground: Ground) -> bool:
    """Return whether an extent, taken as of a CRS, meets the raster's box there."""
    reach = ground.reach(crs, 0)
    if reach is None or (crs.is_geographic and not _degrees(extent)):
        return False
    return reach[0] < extent[2] and extent[0] < reach[2] and reach[1] < extent[3] and extent[1] < reach[3]


def exchanged(extent: Box) -> Box:
    """Return an extent with x and y exchanged."""
    return extent[1], extent[0], extent[3], extent[2]


def degrees_of(extent: Box, crs: CRS) -> tuple[Box | None, bool]:
    """Return an extent in degrees, None when it has no place on Earth, and whether it has one with axes exchanged."""
    if crs.is_geographic and not _degrees(extent):
        return None, _degrees(exchanged(extent))
    return around(extent, crs, WGS84), False


def in_degrees(box: Box) -> str:
    """Return a box of degrees in words."""
    west, south, east, north = box
    return f"longitude {west:.5g} to {east:.5g}, latitude {south:.5g} to {north:.5g}"


def distance(one: Box, other: Box) -> float:
    """Return how far, in metres, two boxes of degrees are apart."""
    nearer = min((0.0, 360.0, -360.0), key=lambda turn: abs(_gap(one[0] + turn, one[2] + turn, other[0], other[2])[0]))
    x = _gap(one[0] + nearer, one[2] + nearer, other[0], other[2])
    y = _gap(one[1], one[3], other[1], other[3])
    return float(GEOD.inv(x[1], y[1], x[2], y[2])[2])


def _gap(low: float, high: float, from_: float, to: float) -> tuple[float, float, float]:
    """Return how far two ranges are apart, and the values of each that are nearest; 0 where they overlap."""
    if high < from_:
        return from_ - high, high, from_
    if to < low:
        return low - to, low, to
    middle = (max(low, from_) + min(high, to)) / 2
    return 0.0, middle, middle


def _degrees(extent: Box) -> bool:
    return max(abs(extent[0]), abs(extent[2])) <= 360.001 and max(abs(extent[1]), abs(extent[3])) <= 90.001


def _told(extent: Box) -> str:
    digits = max(6, math.ceil(math.log10(np.abs(extent).max() + 1)))
    return "x {0:.{4}g} to {2:.{4}g}, y {1:.{4}g} to {3:.{4}g}".format(*extent, digits)


def name_of(crs: CRS) -> str:
    """Return what a CRS is called: its code, else its own name."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name
