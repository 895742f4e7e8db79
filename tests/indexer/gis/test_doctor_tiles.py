"""Doctor and tiles: every damage is told, mended, and put right by indexing again."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import rasterio

from mindseye.indexer import doctor
from mindseye.indexer.backup import Move, export_library, import_library
from mindseye.indexer.gis.placed import placed
from mindseye.indexer.library import Library
from tests.indexer.gis.tiling import SIDE, paint_raster, tiles_of, write_tileset
from tests.tiny_space import TinySpace


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with `library`, `aerial/town.tif` and `aerial/tiles`."""
    raster = paint_raster(tmp_path / "aerial" / "town.tif")
    write_tileset(tmp_path / "aerial" / "tiles", tiles_of(raster, {(0, 0): ["road"]}, "2010"))
    index(tmp_path)
    return tmp_path


def index(home: Path) -> TinySpace:
    with Library.open(home / "library", TinySpace()) as library:
        library.index([home / "aerial" / "tiles"], "aerial")
        return library.space


def found(home: Path) -> dict[str, int]:
    return {each.code: len(each.subjects) for each in doctor.examine(home / "library", TinySpace())}


def test_a_sound_library_of_tiles_is_sound(home):
    assert found(home) == {}
    os.utime(home / "aerial" / "town.tif", (1, 1))
    assert found(home) == {}, "another time alone is no change of pixels"


@pytest.mark.parametrize("what", ["raster_gone", "tile_changed", "tile_row_missing"])
def test_what_befell_tiles_is_told_and_mended(home, what):
    raster, number = home / "aerial" / "town.tif", 12
    if what == "raster_gone":
        raster.rename(home / "away")
    elif what == "tile_changed":
        number = 1
        with rasterio.open(raster, "r+") as opened:
            opened.write(np.zeros((3, SIDE, SIDE), np.uint8), window=rasterio.windows.Window(32, 0, SIDE, SIDE))
    else:
        number = 2
        with closing(sqlite3.connect(home / "library" / "library.db")) as connection, connection:
            connection.execute("DELETE FROM tile WHERE item_id IN (1, 2)")
    assert found(home) == {what: number}
    repair = doctor.repair(home / "library", TinySpace())
    assert [each.code for each in repair.mended] == [what] and repair.left == () and found(home) == {}
    with Library.open(home / "library", TinySpace()) as library:
        assert len(placed(library)) == 12 - number and library.status().vectors == 12 - number
    if what == "raster_gone":
        (home / "away").rename(raster)
    assert index(home).encoded == (what == "tile_changed")
    assert found(home) == {}
    with Library.open(home / "library", TinySpace()) as library:
        assert len(placed(library)) == 12 == library.status().vectors


def test_tiles_that_were_moved_are_found_where_they_are(home, tmp_path):
    """An export carries the table; with --move rasters and tile sets are looked for in their new place."""
    with Library.open(home / "library", TinySpace()) as library:
        before = placed(library)
    export_library(home / "library", tmp_path / "export.zip")
    (home / "aerial").rename(home / "elsewhere")
    move = Move.parse(f"{home / 'aerial'}={home / 'elsewhere'}")
    import_library(tmp_path / "export.zip", tmp_path / "new", [move])
    with Library.open(tmp_path / "new", TinySpace()) as library:
        after = placed(library)
        assert [each.raster for each in after] == [home / "elsewhere" / "town.tif"] * 12
        assert [(each.box, each.labels, each.cover) for each in after] == [(e.box, e.labels, e.cover) for e in before]
        assert library.explain(str(after[0].item_id)).tile.made is not None
        report = library.index([home / "elsewhere" / "tiles"], "aerial")
        assert (report.unchanged, library.space.encoded) == (12, 0)
    assert doctor.examine(tmp_path / "new", TinySpace()) == []
