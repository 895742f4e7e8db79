"""Tile sets as part of a library: what becomes of their tiles, whatever becomes of their rasters and of themselves."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image

from mindseye.api.formatting import report_lines
from mindseye.engine.errors import UsageError
from mindseye.indexer.filters import Filter
from mindseye.indexer.gathering import gather
from mindseye.indexer.gis.folders import MANIFEST
from mindseye.indexer.gis.pixels import read_tile
from mindseye.indexer.gis.placed import PlacedTile, placed
from mindseye.indexer.gis.records import Rendering, Tile
from mindseye.indexer.library import Library
from mindseye.indexer.stored import Stored, read
from tests.indexer.gis.tiling import SIDE, copied, paint_raster, tiles_of, write_tileset
from tests.indexer.processes import ask
from tests.indexer.test_reembed import OtherSpace
from tests.pictures import paint
from tests.tiny_space import TinySpace

WORDS = {(0, 0): ["road"], (1, 0): ["Road", "farm"], (2, 2): ["river"]}
DATE = "2010-11-24"


@pytest.fixture
def raster(tmp_path: Path) -> Path:
    """Four tiles by three, outside of the folder of the tile set."""
    return paint_raster(tmp_path / "imagery" / "town.tif")


@pytest.fixture
def tiles(raster: Path, tmp_path: Path) -> Path:
    return write_tileset(tmp_path / "tiles", tiles_of(raster, WORDS, DATE))


def found(library: Library, **within: object) -> dict[str, PlacedTile]:
    return {each.window.place: each for each in placed(library, Filter(**within))}


def states(library: Library) -> dict[str, int]:
    return dict(ask(library.root, "SELECT state, count(*) FROM item WHERE place <> '' GROUP BY state"))


def sought(library: Library, tile: Tile) -> tuple[str, str, float]:
    """Return the file, the place and the score of what is most like a tile."""
    image = read_tile(tile.raster, tile.window, tile.rendering)
    hit = library.search(library.space.image_rows(library.space.encode_images([image])), 1)[0][0]
    return hit.path.name, hit.place, hit.score


def test_a_tile_set_becomes_items_that_lie_somewhere(library, tiles, raster):
    report = library.index([tiles], "aerial")
    assert (report.seen, report.tiles, report.added, report.skipped) == (12, 12, 12, ())
    known = found(library, collection="aerial")
    assert len(known) == 12 and library.space.encoded == 12 and max(library.space.batches) <= 32
    one = known["xywh=32,0,32,32"]
    assert (one.labels, one.cover, one.date, one.raster) == (("farm", "road"), {"Road": 0.5, "farm": 0.5}, DATE, raster)
    assert one.box == pytest.approx((20.1, -34.1, 20.2, -34)) and one.rendering == Rendering((1, 2, 3))
    assert {each.raster for each in known.values()} == {raster} and one.crs == "EPSG:4326"
    for tile in tiles_of(raster):
        assert sought(library, tile) == ("town.tif", tile.window.place, pytest.approx(2, abs=1e-2))
    item = library.item(f"{raster}#xywh=32,0,32,32")
    assert (item.id, item.place, item.taken, item.width) == (one.item_id, "xywh=32,0,32,32", DATE, SIDE)


def test_the_second_time_nothing_is_done(library, tiles, raster):
    library.index([tiles], "aerial")
    before = ask(library.root, "SELECT * FROM item"), ask(library.root, "SELECT * FROM tile"), library.space.encoded
    report = library.index([tiles / MANIFEST, tiles.parent], "aerial")
    assert (report.unchanged, report.added, report.updated) == (12, 1, 0)  # the raster, met as a picture for once
    report = library.index([tiles.parent], "aerial")
    assert (report.unchanged, report.added, report.updated, report.skipped) == (13, 0, 0, ())
    after = ask(library.root, "SELECT * FROM item WHERE place <> ''"), ask(library.root, "SELECT * FROM tile")
    assert (*after, library.space.encoded) == (*before[:2], before[2] + 1)


def test_a_raster_is_a_picture_too_and_neither_disturbs_the_other(library, tiles, raster):
    library.index([raster], "pictures", labels=["whole"])
    library.index([tiles], "aerial")
    library.index([raster], "aerial")
    library.index([tiles], "pictures")
    assert ask(library.root, "SELECT count(*), sum(place = '') FROM item") == [(26, 2)]
    assert library.item(str(raster)).place == "" and library.item(str(raster)).labels == ("whole",)
    assert found(library, collection="pictures")["xywh=0,0,32,32"].labels == ("road",)
    library.index([raster], "pictures", labels=["other"])
    assert found(library, collection="pictures")["xywh=0,0,32,32"].labels == ("road",)
    raster.with_name("town.tif").write_bytes(b"no raster at all")
    report = library.index([raster], "pictures")
    assert states(library) == {"present": 24}, "it is the picture that cannot be read: its tiles were not looked at"
    assert report.missing == 1
    library.remove([str(raster)])
    assert states(library) == {"removed": 24}


def test_pictures_in_the_folder_of_a_tile_set_are_no_pictures_of_their_own(library, raster, tmp_path):
    folder = tmp_path / "tiles"
    write_tileset(folder, copied(folder, tiles_of(raster, WORDS)[:3]))
    paint(folder / "images" / "stray.png", 1)
    report = library.index([tmp_path], "aerial")
    assert (report.seen, report.tiles, report.added) == (4, 0, 4)  # the raster itself, and three copies
    assert not ask(library.root, "SELECT 1 FROM item WHERE uri LIKE '%stray%'")


def test_another_programs_tiles_json_is_nothing(library, tmp_path):
    paint(tmp_path / "game" / "hero.png", 1)
    (tmp_path / "game" / "tiles.json").write_text('{"tilewidth": 16}')
    assert library.index([tmp_path / "game"]).added == 1


@pytest.mark.parametrize("shown", ["windows", "copies"])
def test_windows_and_copies_answer_alike(open_library, raster, tmp_path, shown):
    """The oracle: every tile's picture, encoded by itself."""
    folder, library = tmp_path / "tiles", open_library(TinySpace())
    plain = tiles_of(raster, WORDS, DATE)
    write_tileset(folder, copied(folder, plain) if shown == "copies" else plain)
    assert library.index([folder], "aerial").added == 12
    rows = {each.window.place: each for each in placed(library, Filter(collection="aerial"))}
    assert {place: each.labels for place, each in rows.items() if each.labels} == {
        "xywh=0,0,32,32": ("road",), "xywh=32,0,32,32": ("farm", "road"), "xywh=64,64,32,32": ("river",),
    }  # fmt: skip
    assert len(placed(library, Filter(box=(20, -34.1, 20.4, -34)))) == 4
    assert len(placed(library, Filter(date=("2010", "2011")))) == 12
    assert not placed(library, Filter(date=("2011", None)))
    for tile in plain:
        image = read_tile(tile.raster, tile.window, tile.rendering)
        hit = library.search(library.space.image_rows(library.space.encode_images([image])), 1)[0][0]
        assert hit.item_id == rows[tile.window.place].item_id and hit.score == pytest.approx(2, abs=1e-2)
        assert (hit.box, hit.date) == (tile.box, DATE)
        item = library.item(str(hit.item_id))
        assert (item.taken, item.labels) == (DATE, rows[tile.window.place].labels)
        with Image.open(library.thumbnail(hit.item_id)) as small:
            assert np.asarray(small).mean((0, 1)) == pytest.approx(np.asarray(image).mean((0, 1)), abs=8)
        assert np.array_equal(np.asarray(library.picture(hit.item_id).picture.image), np.asarray(image))
    assert library.index([folder], "aerial").unchanged == 12


def test_a_new_version_brings_the_collection_up_to_date(library, tiles, raster):
    library.index([tiles], "aerial")
    encoded = library.space.encoded
    kept = tiles_of(raster, {(0, 0): ["bridge"]}, "2015-01-01")[:-2]
    write_tileset(tiles, kept, version=2)
    report = library.index([tiles], "aerial")
    assert (report.updated, report.added, report.missing, library.space.encoded) == (10, 0, 0, encoded)
    assert report.dropped == 2 and library.status().last_run.counts["dropped"] == 2
    assert "10 tiles seen: 10 updated, 2 dropped (no longer in their tile set) (" in report_lines(report)[0]
    assert states(library) == {"present": 10, "dropped": 2}
    known = found(library)
    assert known["xywh=0,0,32,32"].labels == ("bridge",) and known["xywh=32,0,32,32"].labels == ()
    assert {each.date for each in known.values()} == {"2015-01-01"}
    assert library.explain(str(known["xywh=0,0,32,32"].item_id)).tile.version == 2
    write_tileset(tiles, tiles_of(raster, WORDS, DATE), version=3)
    assert library.index([tiles], "aerial").added == 2 and states(library) == {"present": 12}
    assert library.space.encoded == encoded, "what was dropped comes back without being encoded"


def test_a_raster_that_was_renamed_keeps_its_embeddings(library, tiles, raster):
    library.index([tiles], "aerial")
    moved = raster.rename(raster.with_name("village.tif"))
    write_tileset(tiles, tiles_of(moved, WORDS, DATE), version=2)
    report = library.index([tiles, raster.parent], "aerial")
    assert (report.tiles, report.missing, library.space.encoded) == (12, 12, 13)  # the raster as a picture
    assert report.moved == 12 and len(found(library)) == 12


def test_pixels_that_changed_are_encoded_and_the_others_are_not(library, tiles, raster):
    library.index([tiles], "aerial")
    library.index([tiles], "copy")
    with rasterio.open(raster, "r+") as opened:
        opened.write(np.full((3, SIDE, SIDE), 200, np.uint8), window=rasterio.windows.Window(0, 0, SIDE, SIDE))
    report = library.index([tiles], "aerial")
    assert (report.updated, library.space.encoded) == (12, 13)
    for collection in ("aerial", "copy"):
        tile = found(library, collection=collection)["xywh=0,0,32,32"]
        shown = library.picture(tile.item_id)
        assert np.asarray(shown.picture.image).min() == 200 and library.item(str(tile.item_id)).state == "present"
    assert library.index([tiles], "copy").unchanged == 12


def test_a_raster_that_is_gone_takes_its_tiles_along(library, tmp_path):
    rasters = [paint_raster(tmp_path / f"{seed}.tif", 2, 2, seed) for seed in range(2)]
    tiles = write_tileset(tmp_path / "tiles", [tile for each in rasters for tile in tiles_of(each)])
    library.index([tiles], "aerial")
    away = rasters[0].rename(tmp_path / "away")
    report = library.index([tiles], "aerial")
    assert (report.missing, len(report.skipped), report.unchanged) == (4, 1, 4)
    assert report.skipped[0].uri == rasters[0].as_uri() and "4 tiles" in report.skipped[0].reason
    assert states(library) == {"present": 4, "missing": 4}
    away.rename(rasters[0])
    assert library.index([tiles], "aerial").added == 4 and library.skipped() == []
    rasters[0].unlink()
    library.index([tmp_path], "aerial")
    assert states(library) == {"present": 4, "missing": 4}


def test_the_sweep_leaves_tiles_alone_whose_raster_is_there(library, tiles, raster):
    library.index([tiles], "aerial")
    shutil.rmtree(tiles)
    report = library.index([tiles.parent], "aerial")
    assert (report.missing, states(library)) == (0, {"present": 12})
    assert library.explain(f"{raster}#xywh=0,0,32,32").tile.made is None


def test_one_bad_tile_or_raster_is_skipped_and_the_others_go_on(library, raster, tmp_path):
    bad = tmp_path / "imagery" / "bad.tif"
    bad.write_bytes(raster.read_bytes()[:200])
    good = tiles_of(raster)
    outside = replace(good[0], id="outside", window=replace(good[0].window, column=999))
    beside = [replace(tile, id=f"bad-{n}", raster=bad) for n, tile in enumerate(good[:3])]
    tiles = write_tileset(tmp_path / "tiles", [*beside, good[0], outside, *good[1:]])
    report = library.index([tiles], "aerial")
    assert (report.added, [each.path.name for each in report.skipped]) == (12, ["bad.tif", "town.tif"])
    assert "2 more" in report.skipped[0].reason and "999" in report.skipped[1].reason
    assert len(found(library)) == 12
    again = library.index([tiles], "aerial")
    assert (again.unchanged, again.added, len(again.skipped)) == (12, 0, 2)


def test_a_damaged_set_is_skipped_and_its_folder_is_not_walked(library, tiles, tmp_path):
    paint(tmp_path / "photo.png", 1)
    paint(tiles / "images" / "1.png", 2)
    (tiles / MANIFEST).write_text("{")
    report = library.index([tmp_path])
    assert [each.path.name for each in report.skipped] == [MANIFEST] and report.added == 2  # photo and raster


def test_what_lies_outside_of_the_folders_is_refused(library, tiles, raster, tmp_path):
    report = library.index([tiles], inside=[tiles])
    assert (report.added, [each.path for each in report.skipped]) == (0, [raster])
    assert "leads out" in report.skipped[0].reason
    assert library.index([tiles], inside=[tmp_path]).added == 12


def test_labels_given_to_all_stand_beside_the_sets_own(library, tiles):
    library.index([tiles], "aerial", labels=["Western Cape"])
    known = found(library)
    assert known["xywh=0,0,32,32"].labels == ("road", "western cape")
    assert known["xywh=96,0,32,32"].labels == ("western cape",)


def test_identical_tiles_are_one_content_at_several_places(library, tmp_path):
    raster = paint_raster(tmp_path / "sea.tif")
    with rasterio.open(raster, "r+") as opened:
        opened.write(np.zeros((3, opened.height, opened.width), np.uint8))
    tiles = write_tileset(tmp_path / "tiles", tiles_of(raster))
    library.index([tiles], "aerial")
    assert library.space.encoded == 1 and len(found(library)) == 12
    hit = library.search(np.ones((1, library.space.width), np.float32), 5)[0]
    assert len(hit) == 1 and len(hit[0].also) == 11 and hit[0].place == "xywh=0,0,32,32"
    west = library.select(Filter(box=(20.3, -34.3, 20.4, -34.2))).everything()
    assert [each.place for each in west] == ["xywh=96,64,32,32"], "named by the place that passes"


def test_a_raster_names_many_tiles(library, tiles, raster):
    library.index([tiles], "aerial")
    with pytest.raises(UsageError, match=r"12 tiles.*#xywh="):
        library.item(str(raster))
    assert library.remove([f"{raster}#xywh=0,0,32,32"]) == 1 and states(library) == {"present": 11, "removed": 1}
    assert library.index([tiles], "aerial").added == 1


def test_what_must_be_read_again_reads_the_window(library, tiles, raster):
    library.index([tiles], "aerial")
    kept = library.stored()
    assert len(kept) == 12 and all(isinstance(each, Stored) for each in kept)
    by_hash = {each.sha256: outcome for each, outcome in zip(kept, read(kept), strict=True)}
    for tile in tiles_of(raster):
        item = library.item(f"{raster}#{tile.window.place}")
        shown = read_tile(tile.raster, tile.window, tile.rendering)
        assert np.array_equal(np.asarray(by_hash[item.sha256]), np.asarray(shown))
    library.close()
    space = OtherSpace()
    report = Library.reembed(library.root, space)
    assert (report.encoded, report.skipped) == (12, ())
    with Library.open(library.root, space) as other:
        assert sought(other, tiles_of(raster)[5])[:2] == ("town.tif", "xywh=32,32,32,32")


def test_reembed_tells_tiles_whose_raster_changed(library, tiles, raster):
    library.index([tiles], "aerial")
    library.close()
    paint_raster(raster, seed=5)
    report = Library.reembed(library.root, OtherSpace())
    assert (report.encoded, len(report.skipped)) == (0, 12) and "has changed" in report.skipped[0].reason


def test_a_gathered_tile_keeps_its_place(library, tiles):
    library.index([tiles], "aerial")
    one = found(library)["xywh=32,0,32,32"]
    assert gather(library, [one.item_id], "chosen").added == 1
    (chosen,) = placed(library, Filter(collection="chosen"))
    assert (chosen.box, chosen.labels, chosen.cover, chosen.window) == (one.box, one.labels, one.cover, one.window)
    assert library.picture(chosen.item_id).sha256 == library.picture(one.item_id).sha256


def test_the_chain_of_a_tile_is_told(library, tiles, raster):
    library.index([tiles], "aerial", command="mindseye index tiles")
    told = library.explain(f"{raster}#xywh=32,0,32,32")
    lines = "\n".join(told.lines())
    for part in (
        "tile set",
        "version 1",
        "town-1-0",
        "EPSG:4326",
        "layer roads, word road",
        "roads.gpkg",
        "farm 50.0%",
    ):
        assert part in lines, part
    facts = told.as_dict()["tile"]
    assert (facts["raster"], facts["window"]) == (raster.as_uri(), "xywh=32,0,32,32")
    assert facts["made"]["command"] == "mindseye gis label" and facts["made"]["inputs"][0]["sha256"] == "1" * 64
    assert library.explain(str(paint_and_index(library, tiles))).tile is None


def paint_and_index(library: Library, tiles: Path) -> int:
    path = paint(tiles.parent / "plain" / "one.png", 9)
    library.index([path])
    return library.item(str(path)).id


def test_a_folder_moved_with_its_rasters_is_taken_anew_and_encodes_nothing(library, tmp_path):
    raster = paint_raster(tmp_path / "here" / "town.tif")
    write_tileset(tmp_path / "here" / "tiles", tiles_of(raster, WORDS))
    library.index([tmp_path / "here" / "tiles"], "aerial")
    (tmp_path / "here").rename(tmp_path / "there")
    report = library.index([tmp_path / "there" / "tiles"], "aerial")
    assert (report.added, library.space.encoded) == (12, 12)
