"""`kill -9` while a tile set is indexed: the next run ends as if nothing had been, and encodes only what was lost."""

from pathlib import Path

import pytest

from mindseye.indexer import doctor
from mindseye.indexer.gis.placed import placed
from mindseye.indexer.library import Library
from tests.indexer.gis.tiling import copied, paint_raster, tiles_of, write_tileset
from tests.indexer.processes import answers, ask, killed_at, mostly_slow
from tests.tiny_space import TinySpace

COLUMNS, ROWS = 10, 7  # three batches
TOLD = (
    "SELECT uri, place, state, modified, sha256, west, footprint, cover, raster, version, name,"
    " (SELECT group_concat(word) FROM label WHERE item_id = item.id), hex(vector) FROM item"
    " JOIN content ON content.id = content_id JOIN embedding USING (content_id) JOIN tile ON item_id = item.id"
    " ORDER BY uri, place"
)


@pytest.fixture(scope="module")
def raster(tmp_path_factory) -> Path:
    return paint_raster(tmp_path_factory.mktemp("raster") / "town.tif", COLUMNS, ROWS)


@pytest.fixture(scope="module", params=["windows", pytest.param("copies", marks=pytest.mark.slow)])
def tiles(request, raster, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    words = {(column, row): ["road"] for column in range(COLUMNS) for row in range(3)}
    plain = tiles_of(raster, words, "2010")
    return write_tileset(folder, copied(folder, plain) if request.param == "copies" else plain)


@pytest.fixture(scope="module")
def undisturbed(tiles, tmp_path_factory):
    with Library.open(tmp_path_factory.mktemp("undisturbed") / "library", TinySpace()) as library:
        library.index([tiles], "default")
        yield library


HOLDS = [
    [("encode", ""), ("encode", "")],
    [("sql", "INSERT INTO tile")],
    [("encode", ""), ("sql", "INSERT INTO label")],
    [("encode", ""), ("commit", ""), ("sql", "INSERT INTO item"), ("commit", "")],
    [("encode", ""), ("encode", ""), ("encode", ""), ("sql", "INSERT INTO change")],
    [("sql", "UPDATE run SET ended")],
]


@pytest.mark.parametrize("hold", mostly_slow(HOLDS))
def test_killed_anywhere_nothing_is_lost(hold, tiles, undisturbed, tmp_path):
    root = tmp_path / "library"
    killed_at(tmp_path / "mark", hold, root, "index", tiles)
    done = ask(root, "SELECT count(*) FROM embedding")[0][0]
    with Library.open(root, TinySpace()) as library:
        report = library.index([tiles])
        assert library.space.encoded == COLUMNS * ROWS - done and report.skipped == ()
        assert ask(root, TOLD) == ask(undisturbed.root, TOLD) != []
        assert answers(library) == answers(undisturbed) and len(placed(library)) == COLUMNS * ROWS
        assert library.index([tiles]).unchanged == COLUMNS * ROWS
    assert doctor.examine(root, TinySpace()) == []
