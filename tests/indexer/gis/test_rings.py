"""Footprints of tiles anywhere on Earth: rings that hold what their tiles hold, or none."""

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from mindseye.indexer.gis.rings import EARTH, rings_of

POLAR = ["EPSG:3995", "EPSG:3413", "EPSG:3031", "EPSG:6931"]


def squares(left: float, bottom: float, side: float, number: int = 1) -> np.ndarray:
    """Return so many squares a side as corners (n, 4, 2), from the top left, row by row."""
    lows = np.arange(number) * side
    x, y = np.meshgrid(left + lows, bottom + lows[::-1])
    offsets = np.array([[0, side], [0, 0], [side, 0], [side, side]])
    return np.stack([x.ravel(), y.ravel()], axis=-1)[:, None] + offsets


@pytest.mark.parametrize("name", POLAR)
@pytest.mark.parametrize(("left", "bottom"), [(-250_000, -300_000), (-200_000, -200_000), (-5_000, -5_000), (-1, -3)])
def test_around_a_pole_the_rings_hold_what_their_tiles_hold(name, left, bottom):
    crs, side = CRS.from_user_input(name), 100_000
    tiles = squares(left, bottom, side, 5)
    found = rings_of(tiles, crs)
    to_earth = Transformer.from_crs(crs, EARTH, always_xy=True)
    draw = np.random.default_rng(0)
    lost = [number for number, ring in enumerate(found) if ring is None]
    near = [number for number, tile in enumerate(tiles) if shapely.Polygon(tile).distance(shapely.Point(0, 0)) < 4_000]
    holding = [number for number, tile in enumerate(tiles) if shapely.Polygon(tile).intersects(shapely.Point(0, 0))]
    assert holding and set(holding) <= set(lost) <= set(near)
    for tile, ring in zip(tiles, found, strict=True):
        if ring is None:
            continue
        outline = shapely.Polygon(ring)
        assert outline.is_valid and outline.exterior.is_ccw
        assert -180 <= outline.bounds[0] <= 180 and outline.bounds[2] - outline.bounds[0] <= 180
        inside = tile[1] + draw.uniform(0.04, 0.96, (100, 2)) * side
        longitudes, latitudes = to_earth.transform(*inside.T)
        turns = [shapely.contains_xy(outline, longitudes + turn, latitudes) for turn in (0, 360)]
        assert np.logical_or(*turns).all()


def test_small_tiles_have_four_corners_and_wide_ones_as_many_as_they_need():
    (small,) = rings_of(squares(300_000, 6_000_000, 500), CRS("EPSG:32633"))
    (wide,) = rings_of(squares(-1_500_000, -1_500_000, 3_000_000), CRS("EPSG:3035"))
    assert len(small) == 4 and len(wide) > 40


def test_a_tile_of_the_whole_mercator_map_is_one_ring():
    edge = 20_037_508.342789244
    (ring,) = rings_of(squares(-edge, -edge, 2 * edge), CRS("EPSG:3857"))
    assert shapely.Polygon(ring).bounds == pytest.approx((-180, -85.0511, 180, 85.0511), abs=1e-3)


def test_what_lies_partly_beyond_the_earth_has_no_ring():
    tiles = squares(-8_000_000, -8_000_000, 4_000_000, 4)  # orthographic: the Earth is a disk
    found = rings_of(tiles, CRS.from_proj4("+proj=ortho +lat_0=0 +lon_0=20"))
    assert [number for number, ring in enumerate(found) if ring] == [5, 6, 9, 10]


def test_degrees_reach_the_poles():
    (ring,) = rings_of(squares(10, 80, 10), CRS("EPSG:4326"))
    assert set(ring) == {(10, 80), (20, 80), (20, 90), (10, 90)}
    assert rings_of(np.empty((0, 4, 2)), CRS("EPSG:4326")) == []
