"""Heat: scores of a word on the tiles that it is asked of, and their picture."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from matplotlib import colormaps
from PIL import Image

from mindseye.api.gis.heat import Heat, heat
from mindseye.api.gis.heat_picture import draw_heat, write_heat
from mindseye.api.gis.panels import panels
from mindseye.engine.errors import NotFoundError
from mindseye.indexer.filters import Filter
from mindseye.indexer.gis.mosaic import Ground, Piece, averaged, draw_pieces
from mindseye.indexer.gis.placed import PlacedTile, placed
from mindseye.indexer.gis.records import Rendering, Window
from tests.api.gis.planted import COLUMNS, ROWS, STRIPES
from tests.indexer.gis.tiling import SIDE


def test_scores_and_probabilities_are_those_of_a_search(aerial):
    within = Filter("aerial")
    found = heat(aerial, "zebra crossing", within)
    hits = {hit.item_id: hit for hit in aerial.search("zebra crossing", 100, within=within).hits}
    assert len(found.tiles) == len(hits) == COLUMNS * ROWS
    for tile, score, chance in zip(found.tiles, found.scores, found.probabilities, strict=True):
        assert score == pytest.approx(hits[tile.item_id].score, abs=1e-5)
        assert chance == pytest.approx(hits[tile.item_id].probability, abs=1e-4)
    best = max(hits.values(), key=lambda hit: hit.score)
    assert found.tiles[found.best(1)[0]].item_id == best.item_id


def test_a_sum_has_scores_and_no_probabilities(aerial):
    assert heat(aerial, "meadow - zebra", Filter("aerial")).probabilities is None


@pytest.mark.parametrize(("collection", "message"), [("nowhere", "nowhere"), ("photos", "no tile lies")])
def test_where_no_tiles_are_it_is_told(aerial, collection, message):
    with pytest.raises(NotFoundError, match=message):
        heat(aerial, "zebra", Filter(collection))


def square(west: float, south: float, side: float) -> tuple[tuple[float, float], ...]:
    return ((west, south), (west + side, south), (west + side, south + side), (west, south + side))


def test_overlapping_tiles_are_averaged():
    ground = Ground(0, 0, 3, 2, 6, 4)
    found = averaged(ground, [square(0, 0, 2), square(1, 0, 2)], [1.0, 4.0])
    assert found.tolist() == [[1.0] * 2 + [2.5] * 2 + [4.0] * 2] * 4
    assert np.isnan(averaged(ground, [square(0, 0, 1)], [1.0])[:, 2:]).all()


def test_a_ground_has_the_shape_of_its_place():
    equator, north = Ground.around([square(0, -1, 2)], 400), Ground.around([square(0, 59.5, 1)], 400)
    assert (equator.width, equator.height) == (400, 400)
    assert (north.width, north.height) == (200, 400), "a degree of longitude is half as long there"


def test_rasters_are_drawn_as_they_are(aerial):
    (panel,) = panels(placed(aerial.library(), Filter("aerial")), 2000)
    ground = Ground.around(panel.rings, COLUMNS * SIDE)
    shape = Ground(ground.west, ground.south, ground.east, ground.north, COLUMNS * SIDE, ROWS * SIDE)
    drawn, unread = draw_pieces(shape, panel.pieces)
    with Image.open(panel.pieces[0].raster) as raster:
        assert np.array_equal(drawn[..., :3], np.asarray(raster)) and (drawn[..., 3] == 255).all()
    assert unread == []


def test_a_raster_that_is_gone_is_told(tmp_path):
    piece = Piece(tmp_path / "gone.tif", Window(0, 0, 8, 8), Rendering((1,)))
    drawn, unread = draw_pieces(Ground(0, 0, 1, 1, 4, 4), [piece])
    assert not drawn.any() and len(unread) == 1 and "gone.tif" in unread[0]


def tile(number: int, west: float, south: float, side: float, raster: str, date: str | None) -> PlacedTile:
    """A tile as it is placed; what is no matter of drawing is made up."""
    about = dict.fromkeys(PlacedTile.__dataclass_fields__)
    ring = square(west, south, side)
    window, box = Window(0, 0, 8, 8), (west, south, west + side, south + side)
    about |= {"item_id": number, "embedding_id": number, "ring": ring, "box": box, "date": date, "labels": ()}
    return PlacedTile(
        **about | {"raster": Path(raster), "window": window, "rendering": Rendering((1,)), "place": "xywh=0"}
    )


def test_places_and_dates_apart_are_drawn_apart(tmp_path):
    here, gone = str(tmp_path / "a.tif"), str(tmp_path / "b.tif")
    tiles = [
        tile(0, 0, 0, 1, here, "2001"), tile(1, 1, 0, 1, here, "2001"), tile(2, 2, 0, 1, gone, "2001"),
        tile(3, 0, 0, 1, here, "2002"), tile(4, 50, 0, 1, gone + "c", "2001"),
    ]  # fmt: skip
    assert [panel.numbers for panel in panels(tiles, 100)] == [(0, 1, 2), (4,), (3,)]


def test_the_date_line_parts_nothing():
    (panel,) = panels([tile(0, 179, 0, 1, "a", None), tile(1, -180, 0, 1, "a", None)], 100)
    assert (panel.ground.west, panel.ground.east) == (179, 181)


def test_colours_tell_the_scores(aerial):
    found = heat(aerial, "meadow", Filter("aerial"))
    figure, notes = draw_heat(found)
    assert notes == [] and "meadow" in figure.axes[-1].get_ylabel()
    painted = figure.axes[0].images[1].get_array()
    high, width = painted.shape[:2]
    for number, placed_tile in enumerate(found.tiles):
        column, row = placed_tile.window.column / SIDE, placed_tile.window.row / SIDE
        colour = painted[int((row + 0.5) * high / ROWS), int((column + 0.5) * width / COLUMNS), :3]
        low, top = np.percentile(found.scores, (1, 99))
        meant = colormaps["viridis"](float((found.scores[number] - low) / (top - low)))
        assert np.allclose(colour, meant[:3], atol=0.01)
    assert len(figure.axes[0].texts) == 5, "the best are numbered"


def test_the_whole_earth_is_drawn_soon(tmp_path):
    """4,000 tiles: 1.5 s on an idle machine; the limit leaves room for a busy one."""
    tiles = [tile(n, -180 + 4 * (n % 90), -90 + 4 * (n // 90), 4, "earth", None) for n in range(4000)]
    started = time.monotonic()
    write_heat(Heat("ice", tuple(tiles), np.linspace(0, 1, 4000, dtype=np.float32), None), tmp_path / "ice.png")
    assert time.monotonic() - started < 10
    with Image.open(tmp_path / "ice.png") as picture:
        assert max(picture.size) <= 1600


def test_the_command(run, aerial, tmp_path):
    options = ("--library", aerial.root, "--collection", "aerial", "-o", tmp_path / "heat.png")
    code, out, err = run("gis", "heat", STRIPES, *options, "--json")
    told = json.loads(out)
    assert code == 0 and err == "" and told["file"] == str(tmp_path / "heat.png")
    scores = [each["score"] for each in told["tiles"]]
    assert scores == sorted(scores, reverse=True) and len(scores) == COLUMNS * ROWS
    with Image.open(tmp_path / "heat.png") as picture:
        assert picture.format == "PNG"
    assert f"{COLUMNS * ROWS} tiles score" in run("gis", "heat", STRIPES, *options)[1]
    code, out, err = run("gis", "heat", "x", "--library", aerial.root, "-o", tmp_path / "heat.jpg")
    assert code == 2 and "heat.jpg is no .png" in err and out == ""
