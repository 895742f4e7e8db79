"""Change on real imagery, from rasters to ranking; water seen by near infrared is the reference. Half a minute each."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from mindseye.api.gis.change import Change, change_between
from mindseye.api.ranges import dates
from mindseye.indexer.filters import Filter
from mindseye.indexer.gis.making import make_tiles
from mindseye.indexer.gis.opening import opened
from mindseye.indexer.gis.placed import PlacedTile
from mindseye.indexer.gis.rules import Rules

pytestmark = pytest.mark.slow

_LAND = "labels: [{layer: countries, word: land}]"


def changed(eye, home: Path, rasters: list[Path], tiles: str, since: str, until: str) -> Change:
    rules = eye.root.parent / "rules.yaml"
    rules.write_text(f"tiles: {tiles}\n{_LAND}\n")
    layers = [next(home.rglob("countries.geojson"))]
    make_tiles(rasters, layers, Rules.read(rules), eye.root.parent / "tiles")
    eye.index([eye.root.parent / "tiles"], "seen")
    return change_between(eye, Filter("seen", date=dates(since)), Filter("seen", date=dates(until)))


def water(tile: PlacedTile, band: int, below: int) -> np.ndarray:
    """Water, which swallows near infrared."""
    area = tile.window
    with opened(tile.raster) as source:
        values = source.read(band)[area.row : area.row + area.height, area.column : area.column + area.width]
    return np.asarray(values < below)


def test_a_river_and_a_town_of_the_amazon(unpacked, eye):
    home = unpacked.folder("gis_layers")
    rasters = sorted(home.rglob("landsat/*.tif"))
    found = changed(eye, home, rasters, "{size: 64, unit: pixels}", "1985", "2020")
    assert len(found.places) == 66 and found.unmatched == (0, 0)
    order = [(place.before.window.column, place.before.window.row) for place in found.places]
    assert order.index((512, 256)) < 3, "the Ucayali left this bend; what is left are oxbow lakes"
    assert order.index((448, 256)) < 8, "and came here, where there was forest"
    assert order.index((192, 64)) < 8, "Pucallpa lost its bend of the river"
    drowned = [(water(p.before, 2, 90) != water(p.after, 2, 90)).mean() for p in found.places]
    assert spearmanr(drowned, [place.moved for place in found.places]).statistic > 0.5


def test_lakes_and_fields_of_the_prairie(unpacked, eye):
    home = unpacked.folder("gis_layers")
    rasters = sorted(home.rglob("naip/*.tif"))
    tiles = "{size: 500, unit: metres, align: grid}"
    found = changed(eye, home, rasters, tiles, "2009", "2020")
    assert len(found.places) == 54, "rasters whose origins differ by a metre have the same footprints"
    order = [(place.before.window.column, place.before.window.row) for place in found.places]
    assert order.index((120, 49)) < 5, "pasture became a field, harvested"
    assert order.index((620, 149)) < 5, "two ponds became one lake"
    lake = found.places[order.index((620, 149))]
    assert water(lake.after, 4, 90).mean() > water(lake.before, 4, 90).mean() + 0.2
