"""Tile sets: what is written of rasters and layers, version by version, whole or not at all."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import geopandas
import numpy as np
import pytest
from filelock import FileLock
from PIL import Image
from rasterio.enums import ColorInterp

from mindseye.engine.errors import NotFoundError, UnreadableFileError, UsageError
from mindseye.indexer.gis.folders import MANIFEST
from mindseye.indexer.gis.making import make_tiles
from mindseye.indexer.gis.pixels import read_tile
from mindseye.indexer.gis.rules import Rules
from mindseye.indexer.gis.tileset import TileSet
from tests.indexer.gis.painting import noise, write_boxes, write_raster

POND = (300_000, 6_199_700, 300_250, 6_200_000)  # the left tile, and a quarter of the one beside it
RULES = Rules.model_validate({"tiles": {"size": 20}, "labels": [{"layer": "ponds", "word": "pond", "min_cover": 0.2}]})
COLOURS = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]


@pytest.fixture
def raster(tmp_path) -> Path:
    return write_raster(tmp_path / "town_20100601.tif", noise(3, 20, 80), colours=COLOURS)


@pytest.fixture
def ponds(tmp_path) -> Path:
    return write_boxes(tmp_path / "ponds.gpkg", [POND])


def rules(**more: object) -> Rules:
    return Rules.model_validate({**RULES.model_dump(exclude_none=True), **more})


def words(folder: Path) -> dict[str, tuple[str, ...]]:
    return {tile.id: tile.labels for tile in TileSet.read(folder).tiles()}


def test_tiles_have_the_words_of_the_layers_in_them(raster, ponds, tmp_path):
    report = make_tiles([raster], [ponds], RULES, tmp_path / "tiles", command="mindseye gis label")
    assert words(tmp_path / "tiles") == {
        "town_20100601_0_0": ("pond",), "town_20100601_20_0": ("pond",),
        "town_20100601_40_0": (), "town_20100601_60_0": (),
    }  # fmt: skip
    tile = TileSet.read(tmp_path / "tiles").tiles()[1]
    assert tile.cover == {"pond": pytest.approx(0.25)} and tile.valid == 1
    assert (tile.raster, tile.date, tile.crs, tile.image) == (raster, "2010-06-01", "EPSG:32733", None)
    assert tile.window.place == "xywh=20,0,20,20"
    shown = np.asarray(read_tile(tile.raster, tile.window, tile.rendering))
    assert (shown == np.moveaxis(noise(3, 20, 80)[:, :, 20:40], 0, -1)).all()
    assert (report.new, report.skipped, report.version.counts) == (True, [], {"pond": 2})
    assert (report.version.tiles, report.version.unlabelled, report.version.seen) == (4, 2, 4)


def test_the_table_is_geoparquet_of_footprints_in_degrees(raster, ponds, tmp_path):
    make_tiles([raster], [ponds], RULES, tmp_path / "tiles")
    table = geopandas.read_parquet(tmp_path / "tiles" / "tiles-1.parquet")
    assert table.crs == "OGC:CRS84" and list(table["labels"].map(len)) == [1, 1, 0, 0]
    assert table.to_crs("EPSG:32733").total_bounds == pytest.approx([300_000, 6_199_800, 300_800, 6_200_000], abs=0.01)


def test_the_manifest_says_what_the_tiles_are_made_of(raster, ponds, tmp_path):
    make_tiles([raster], [ponds], RULES, tmp_path / "tiles", command="mindseye gis label town.tif")
    told = json.loads((tmp_path / "tiles" / MANIFEST).read_text())
    (version,) = told["history"]
    assert (told["version"], version["number"], version["command"]) == (1, 1, "mindseye gis label town.tif")
    assert [(Path(each["path"]), each["size"]) for each in version["inputs"]] == [
        (raster, raster.stat().st_size), (ponds, ponds.stat().st_size),
    ]  # fmt: skip
    assert version["rasters"][0]["date_from"] == "its name" and "gdal" in version["libraries"]
    assert Rules.model_validate(version["rules"]) == RULES


def test_the_same_inputs_and_rules_write_no_new_version(raster, ponds, tmp_path):
    folder = tmp_path / "tiles"
    make_tiles([raster], [ponds], RULES, folder)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != ".lock"}
    again = make_tiles([raster, raster], [ponds], RULES, folder)
    assert (again.new, again.version.number) == (False, 1)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != ".lock"} == before


def test_what_changed_writes_the_next_version_and_keeps_the_last(raster, ponds, tmp_path):
    folder = tmp_path / "tiles"
    make_tiles([raster], [ponds], RULES, folder)
    make_tiles([raster], [ponds], rules(date="2011"), folder)
    write_raster(raster, noise(3, 20, 80, seed=1), colours=COLOURS)
    third = make_tiles([raster], [ponds], rules(date="2011"), folder)
    assert third.version.number == TileSet.read(folder).version == 3
    assert [version.number for version in TileSet.read(folder).manifest.history] == [1, 2, 3]
    assert len(geopandas.read_parquet(folder / "tiles-1.parquet")) == 4
    assert TileSet.read(folder).tiles()[0].date == "2011"


def test_copies_are_the_pictures_of_their_windows(raster, ponds, tmp_path):
    make_tiles([raster], [ponds], RULES, tmp_path / "tiles", "jpeg")
    for tile in TileSet.read(tmp_path / "tiles").tiles():
        assert tile.image == tmp_path / "tiles" / "images" / "1" / f"{tile.id}.jpg"
        with Image.open(tile.image) as picture:
            copied = np.asarray(picture.convert("L"), float)
        shown = np.asarray(read_tile(tile.raster, tile.window, tile.rendering).convert("L"), float)
        assert np.abs(copied - shown).mean() < 4  # of random values


def test_copies_of_each_version_stay(raster, ponds, tmp_path):
    make_tiles([raster], [ponds], RULES, tmp_path / "tiles", "jpeg")
    make_tiles([raster], [ponds], rules(date="2011"), tmp_path / "tiles", "jpeg")
    assert sorted(path.name for path in (tmp_path / "tiles" / "images").iterdir()) == ["1", "2"]


def test_a_bad_raster_is_skipped_with_its_reason_and_the_others_go_on(raster, ponds, tmp_path):
    bad = tmp_path / "bad.tif"
    bad.write_text("no raster")
    nowhere = write_raster(tmp_path / "nowhere.tif", noise(3, 20, 80), crs=None)
    report = make_tiles([bad, raster, nowhere], [ponds], RULES, tmp_path / "tiles")
    assert [Path(skip.path).name for skip in report.skipped] == ["bad.tif", "nowhere.tif"]
    assert "does not say its coordinate reference system" in report.skipped[1].reason
    assert len(words(tmp_path / "tiles")) == 4 and report.version.skipped == report.skipped
    assert not make_tiles([bad, raster, nowhere], [ponds], RULES, tmp_path / "tiles").new


def test_names_of_any_characters_are_taken_and_of_other_bytes_refused(raster, ponds, tmp_path):
    odd = [tmp_path / name for name in ("a b!c.tif", "x:y#%[z]'.tif", "-n.tif", "ü.tif", os.fsdecode(b"\xff.tif"))]
    for path in odd:
        path.write_bytes(raster.read_bytes())
    report = make_tiles(odd, [ponds], RULES, tmp_path / "tiles", "jpeg")
    assert [skip.path for skip in report.skipped] == [f"{tmp_path}/\\xff.tif"]
    assert {tile.raster for tile in TileSet.read(tmp_path / "tiles").tiles()} == set(odd[:-1])


def test_a_raster_that_ends_in_the_middle_leaves_no_tiles_of_it(raster, ponds, tmp_path):
    broken = write_raster(tmp_path / "broken.tif", noise(1, 200, 80), nodata=0, blockysize=20)
    broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 2])
    report = make_tiles([broken, raster], [ponds], RULES, tmp_path / "tiles")
    assert [Path(skip.path).name for skip in report.skipped] == ["broken.tif"]
    assert {tile.raster for tile in TileSet.read(tmp_path / "tiles").tiles()} == {raster}


def test_a_raster_whose_pictures_cannot_be_copied_leaves_no_tiles_of_it(raster, ponds, tmp_path):
    broken = write_raster(tmp_path / "broken.tif", noise(1, 200, 80), blockysize=20)  # windows of it are never read
    broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 2])
    report = make_tiles([broken, raster], [ponds], RULES, tmp_path / "tiles", "jpeg")
    assert [Path(skip.path).name for skip in report.skipped] == ["broken.tif"]
    assert {tile.raster for tile in TileSet.read(tmp_path / "tiles").tiles()} == {raster}
    assert report.version.tiles == 4 and report.version.counts == {"pond": 2}


def test_without_any_tile_nothing_is_written_and_the_reason_is_told(raster, ponds, tmp_path):
    folder = tmp_path / "tiles"
    make_tiles([raster], [ponds], RULES, folder)
    none = make_tiles([raster], [ponds], rules(tiles={"size": 500, "align": "grid"}), folder)
    assert (
        none.version is None
        and "no whole tile of 500 pixels of the map's grid lies within its 80 x 20" in none.notes[0]
    )
    empty = write_raster(tmp_path / "empty.tif", np.zeros((3, 20, 80), np.uint8), nodata=0)
    none = make_tiles([empty], [ponds], RULES, folder)
    assert none.version is None and "all tiles were left out, as more than 50% of each holds no data" in none.notes[0]
    strict = {"labels": [{"layer": "ponds", "word": "sea", "min_cover": 0.99, "where": "number = 7"}]}
    none = make_tiles([raster], [ponds], rules(**strict, background={"share": 0.2}), folder)
    assert none.version is None and "none of 4 tiles has a label" in none.notes[-1]
    assert TileSet.read(folder).version == 1 and len(words(folder)) == 4
    assert {path.name for path in folder.iterdir()} - {".lock"} == {MANIFEST, "tiles-1.parquet"}


def test_of_tiles_without_a_label_so_many_are_kept_as_asked(raster, ponds, tmp_path):
    wanted = rules(background={"share": 1 / 3, "word": "land", "seed": 1})
    report = make_tiles([raster], [ponds], wanted, tmp_path / "tiles")
    assert sorted(words(tmp_path / "tiles").values()) == [("land",), ("pond",), ("pond",)]
    assert (report.version.seen, report.version.tiles, report.version.unlabelled) == (4, 3, 1)
    make_tiles([raster], [ponds], wanted, tmp_path / "again")
    assert words(tmp_path / "again") == words(tmp_path / "tiles")


def test_rasters_of_one_name_have_tiles_of_different_names(raster, ponds, tmp_path):
    (tmp_path / "other").mkdir()
    other = write_raster(tmp_path / "other" / raster.name, noise(3, 20, 80), colours=COLOURS)
    make_tiles([raster, other], [ponds], RULES, tmp_path / "tiles", "jpeg")
    tiles = TileSet.read(tmp_path / "tiles").tiles()
    assert len({tile.id for tile in tiles}) == len({tile.image for tile in tiles}) == 8


def test_names_that_are_made_up_meet_no_raster_of_that_name(raster, ponds, tmp_path):
    (tmp_path / "b").mkdir()
    paths = [tmp_path / "x-2.tif", tmp_path / "x.tif", tmp_path / "b" / "x.tif", tmp_path / "X.tif"]
    for seed, path in enumerate(paths):
        write_raster(path, noise(3, 20, 80, seed=seed), colours=COLOURS)
    make_tiles(paths, [ponds], RULES, tmp_path / "tiles", "jpeg")
    tiles = TileSet.read(tmp_path / "tiles").tiles()
    assert len({tile.id.casefold() for tile in tiles}) == len({tile.image for tile in tiles}) == 16
    for tile in tiles:
        shown = np.asarray(read_tile(tile.raster, tile.window, tile.rendering).convert("L"), float)
        with Image.open(tile.image) as picture:
            assert np.abs(np.asarray(picture.convert("L"), float) - shown).mean() < 4


def test_a_tile_set_can_be_moved_with_its_rasters(raster, ponds, tmp_path):
    make_tiles([raster], [ponds], RULES, tmp_path / "tiles")
    away = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(away)
    assert {tile.raster for tile in TileSet.read(away / "tiles").tiles()} == {away / raster.name}


def test_a_tile_set_can_be_moved_alone_when_its_rasters_stay(raster, ponds, tmp_path):
    make_tiles([raster], [ponds], RULES, tmp_path / "deep" / "tiles")
    (tmp_path / "deep" / "tiles").rename(tmp_path / "tiles")
    assert {tile.raster for tile in TileSet.read(tmp_path / "tiles").tiles()} == {raster}


def test_folders_of_other_things_are_left_alone(raster, ponds, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "mine.jpg").write_text("")
    with pytest.raises(UsageError, match="holds other files than tiles"):
        make_tiles([raster], [ponds], RULES, tmp_path / "photos")
    for file in (ponds, ponds / "below"):
        with pytest.raises(UsageError, match=r"ponds\.gpkg is no folder"):
            make_tiles([raster], [ponds], RULES, file)
    with pytest.raises(UsageError, match="nope cannot be written"):
        make_tiles([raster], [ponds], RULES, Path("/proc/nope"))


@pytest.mark.parametrize("mine", ["images/1/wedding.jpg", "images.txt", "tiles-old.txt", "tiles-1.parquet", ".tiles/a"])
def test_files_that_are_called_like_ours_are_left_alone(raster, ponds, tmp_path, mine):
    folder = tmp_path / "tiles"
    (folder / mine).parent.mkdir(parents=True)
    (folder / mine).write_text("precious")
    with pytest.raises(UsageError, match="holds other files than tiles"):
        make_tiles([raster], [ponds], RULES, folder, "jpeg")
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / mine]
    assert (folder / mine).read_text() == "precious"


def test_in_a_tile_set_files_in_the_way_of_the_next_version_stay(raster, ponds, tmp_path):
    folder = tmp_path / "tiles"
    make_tiles([raster], [ponds], RULES, folder, "jpeg")
    (folder / "images" / "2").mkdir()
    (folder / "images" / "2" / "wedding.jpg").write_text("precious")
    (folder / "tiles-3.parquet").write_text("precious, too")
    assert make_tiles([raster], [ponds], rules(date="2011"), folder, "jpeg").version.number == 4
    assert (folder / "images" / "2" / "wedding.jpg").read_text() == "precious"
    assert (folder / "tiles-3.parquet").read_text() == "precious, too"


@pytest.mark.parametrize("told", ['{"buildings": ["a.glb"]}', '{"tilejson": "3.0.0", "tiles": []}', "[]", "{", "{}"])
def test_a_manifest_of_another_program_is_left_alone(raster, ponds, tmp_path, told):
    folder = tmp_path / "tiles"
    folder.mkdir()
    (folder / MANIFEST).write_text(told)
    with pytest.raises(UnreadableFileError, match="no manifest of tiles") as raised:
        make_tiles([raster], [ponds], RULES, folder)
    assert "https://" not in str(raised.value) and "other programs" in raised.value.hint
    assert (folder / MANIFEST).read_text() == told


def test_names_that_are_no_utf8_are_written_with_escapes(raster, ponds, tmp_path):
    odd = os.fsdecode(b"\xff")
    gone = tmp_path / f"{odd}.gpkg"
    report = make_tiles([raster], [ponds, gone], RULES, tmp_path / "tiles", command=f"mindseye {odd}.tif")
    assert report.version.command == "mindseye \\xff.tif"
    assert any("\\xff.gpkg" in skip.reason for skip in report.skipped)
    assert TileSet.read(tmp_path / "tiles").manifest.current == report.version
    with pytest.raises(UsageError, match=r"xfftiles is no UTF-8"):
        make_tiles([raster], [ponds], RULES, tmp_path / f"{odd}tiles")


def test_rules_that_only_take_words_away_say_so(raster, ponds, tmp_path):
    negative = {"labels": [{"layer": "ponds", "word": "pond", "negative": True}]}
    report = make_tiles([raster], [ponds], rules(**negative), tmp_path / "tiles")
    assert "all rules are `negative: true`" in report.notes[0] and report.version.counts == {}


def test_one_labelling_at_a_time(raster, ponds, tmp_path):
    (tmp_path / "tiles").mkdir()
    with FileLock(tmp_path / "tiles" / ".lock"), pytest.raises(UsageError, match="being made"):
        make_tiles([raster], [ponds], RULES, tmp_path / "tiles")


KILLED = """
import os, signal, sys
from pathlib import Path
import mindseye.indexer.gis.versions as versions
from mindseye.indexer.gis.making import make_tiles
from mindseye.indexer.gis.rules import Rules
moment, raster, ponds, folder, rules = sys.argv[1:]
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
if moment == "writing":
    versions.TableWriter._finished = die
elif moment == "publishing":
    versions.TableWriter.publish = die
else:
    versions.Manifest.model_dump_json = die
make_tiles([Path(raster)], [Path(ponds)], Rules.model_validate_json(rules), Path(folder), "jpeg")
"""


@pytest.mark.parametrize("moment", ["writing", "publishing", "naming"])
@pytest.mark.parametrize("first", [False, True])
def test_what_is_killed_leaves_the_earlier_version_whole(raster, ponds, tmp_path, moment, first):
    folder = tmp_path / "tiles"
    if not first:
        make_tiles([raster], [ponds], RULES, folder, "jpeg")
    before = None if first else (folder / MANIFEST).read_bytes()
    changed = rules(date="2011")
    arguments = [moment, raster, ponds, folder, changed.model_dump_json()]
    child = subprocess.run([sys.executable, "-c", KILLED, *map(os.fspath, arguments)], check=False)
    assert child.returncode == -signal.SIGKILL
    assert ((folder / MANIFEST).read_bytes() if (folder / MANIFEST).exists() else None) == before
    assert first or all(tile.image.is_file() for tile in TileSet.read(folder).tiles())
    after = make_tiles([raster], [ponds], changed, folder, "jpeg")
    assert (after.new, after.version.number) == (True, 1 if first else 2)
    tables = {"tiles-1.parquet"} if first else {"tiles-1.parquet", "tiles-2.parquet"}
    assert {path.name for path in folder.iterdir()} == {".lock", MANIFEST, "images"} | tables


def test_progress_tells_of_all_tiles(raster, ponds, tmp_path):
    told = []
    make_tiles([raster], [ponds], RULES, tmp_path / "tiles", "jpeg", progress=lambda *each: told.append(each))
    assert told == [(4, 4), (8, 8)]


def test_what_is_no_tile_set_is_told(tmp_path):
    with pytest.raises(NotFoundError, match="there is no tile set"):
        TileSet.read(tmp_path)
    (tmp_path / MANIFEST).write_text('{"minzoom": 3}')
    with pytest.raises(UnreadableFileError, match="no manifest of tiles"):
        TileSet.read(tmp_path)
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(UnreadableFileError, match="no manifest of tiles"):
        TileSet.read(tmp_path)


def test_a_damaged_table_is_told(raster, ponds, tmp_path):
    make_tiles([raster], [ponds], RULES, tmp_path / "tiles")
    (tmp_path / "tiles" / "tiles-1.parquet").write_bytes(b"PAR1")
    with pytest.raises(UnreadableFileError, match="is no table of tiles"):
        TileSet.read(tmp_path / "tiles").tiles()
