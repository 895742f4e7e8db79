"""A shift of polygons against the picture is told where it was made, and nothing where none was."""

import re
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.features import rasterize
from scipy.ndimage import gaussian_filter

from mindseye.indexer.gis.labelling import Labeller
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.offset import find_shift
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.rules import Rules
from tests.indexer.gis.painting import UTM, write_raster

SIDE = 500  # pixels of 1 m
PLACE = rasterio.Affine(1, 0, 300_000, 0, -1, 6_200_000)


def town(folder: Path, seed: int, related: bool = True) -> tuple[Path, np.ndarray]:
    """Write a picture of houses with shadows over rough ground; return it with their outlines, drawn 1 m off or so.

    related: whether the houses stand where the outlines are.
    """
    draw = np.random.default_rng(seed)
    frequencies = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE)[None]) + 1 / SIDE
    picture = np.fft.ifft2(np.fft.fft2(draw.normal(size=(SIDE, SIDE))) / frequencies**1.2).real
    picture /= picture.std()
    drawn = []
    for x, y, width, height in np.column_stack([draw.uniform(40, 450, (60, 2)), draw.uniform(6, 15, (60, 2))]):
        corner = draw.uniform(40, 450, 2) if not related else (x, y)
        shadow, house = (
            rasterize([shapely.box(*corner + d, *corner + d + (width, height))], (SIDE, SIDE)).astype(bool)
            for d in (np.array([3, 3]), np.array([0, 0]))
        )
        picture[shadow & ~house] -= 0.8
        picture[house] = draw.normal(1, 0.6)
        off = draw.normal(0, 1, 2)
        drawn.append(shapely.box(x + off[0], y + off[1], x + width + off[0], y + height + off[1]))
    values = np.clip(128 + 40 * gaussian_filter(picture, 0.6), 0, 255).astype(np.uint8)[None]
    path = write_raster(folder / f"town{seed}.tif", values, transform=PLACE)
    return path, shapely.transform(np.array(drawn), lambda xy: xy * (1, -1) + (300_000, 6_200_000))


@pytest.mark.parametrize(("seed", "east", "north"), [(0, 9, 4), (1, -12, 3), (2, 0, -7), (3, 5, -15)])
def test_a_shift_that_was_made_is_found(tmp_path, seed, east, north):
    path, houses = town(tmp_path, seed)
    with rasterio.open(path) as source:
        shift = find_shift(source, shapely.transform(houses, lambda xy: xy + np.array([east, north])))
    assert shift is not None
    assert shift.right == pytest.approx(-east, abs=1.5) and shift.down == pytest.approx(north, abs=1.5)


@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_told_of_polygons_that_fit_or_have_no_part_in_the_picture(tmp_path, seed):
    path, houses = town(tmp_path, seed)
    with rasterio.open(path) as source:
        assert find_shift(source, houses) is None
    path, houses = town(tmp_path, seed, related=False)
    with rasterio.open(path) as source:
        assert find_shift(source, houses) is None
        assert find_shift(source, houses[:5]) is None
        assert find_shift(source, houses[:0]) is None


@pytest.mark.parametrize("unit", ["metres", "pixels"])
def test_the_offset_that_is_told_mends_it(tmp_path, unit):
    path, houses = town(tmp_path, 0)
    wrong = shapely.transform(houses, lambda xy: xy + np.array([9, 4]))
    geopandas.GeoDataFrame(geometry=wrong, crs=UTM).to_file(tmp_path / "houses.gpkg")

    def told(offset: dict) -> list[str]:
        rules = Rules.model_validate({"labels": [{"layer": "houses", "word": "house"}], "offset": offset})
        labeller = Labeller(Layers([tmp_path / "houses.gpkg"]), rules, Raster.open(path))
        return [line for line in labeller.diagnoses if "shifted" in line]

    (line,) = told({"east": 0, "north": 0, "unit": unit})
    found = re.search(r"`offset: \{east: (\S+), north: ([-\d.]+)", line)
    assert found is not None and ("pixels" in line) == (unit == "pixels")
    east, north = float(found[1]), float(found[2])
    assert east == pytest.approx(-9, abs=1.5) and north == pytest.approx(-4, abs=1.5)
    assert told({"east": east, "north": north, "unit": unit}) == []


@pytest.mark.parametrize(("east", "north"), [(0, 0), (14, -9), (-20, 12)])
def test_buildings_of_swellendam_moved_by_so_many_metres(unpacked, tmp_path, east, north):
    folder = unpacked.folder("gis_layers") / "swellendam"
    frame = geopandas.read_file(folder / "training_data.gpkg", layer="buildings").to_crs("EPSG:32734")
    frame.geometry.translate(east, north).to_frame("geometry").to_file(tmp_path / "houses.gpkg")
    rules = Rules.model_validate({"labels": [{"layer": "houses", "word": "building"}]})
    raster = Raster.open(folder / "raster/3420B_2010_328_RGB_LATLNG.tif")
    told = [line for line in Labeller(Layers([tmp_path / "houses.gpkg"]), rules, raster).diagnoses if "shifted" in line]
    if not (east or north):
        assert told == []
        return
    found = re.search(r"`offset: \{east: (\S+), north: ([-\d.]+)\}`", told[0])
    assert found is not None
    assert float(found[1]) == pytest.approx(-east, abs=3) and float(found[2]) == pytest.approx(-north, abs=3)
