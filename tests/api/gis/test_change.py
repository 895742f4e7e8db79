"""What changed between two dates: planted changes come first, what stayed comes last, seasons are taken out."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mindseye.api.gis.change import change_between, how_far
from mindseye.engine.errors import NotFoundError
from mindseye.engine.vectors import unit
from mindseye.indexer.filters import Filter
from mindseye.indexer.gis.matching import best_overlap, matched
from tests.api.gis.planted import BLOTCHES, CHANGED, COLUMNS, ROWS, STRIPES
from tests.indexer.gis.tiling import SIDE

BEFORE, AFTER = Filter("aerial"), Filter("later")


def square(west: float, south: float, side: float = 1.0) -> tuple[tuple[float, float], ...]:
    return ((west, south), (west + side, south), (west + side, south + side), (west, south + side))


GRID = [square(x, y) for y in range(4) for x in range(5)]


@given(st.permutations(range(len(GRID))), st.floats(-0.02, 0.02))
def test_the_same_footprints_find_each_other(order, off):
    later = [square(*(corner + off for corner in GRID[number][0])) for number in order]
    assert matched(GRID, later) == [(one, order.index(one)) for one in range(len(GRID))]


def test_other_footprints_do_not():
    assert matched(GRID, [square(x + 0.2, y) for (x, y), *_ in GRID]) == []
    assert best_overlap([square(0, 0)], [square(0.5, 0)]) == pytest.approx(1 / 3)
    assert best_overlap([square(0, 0)], [square(5, 0)]) == 0
    nearer, near = square(0.01, 0), square(0.03, 0)
    assert matched([square(0, 0)], [near, nearer]) == [(0, 1)], "one place has one counterpart"


def test_what_all_have_in_common_is_no_change():
    rng = np.random.default_rng(0)
    before, season = unit(rng.normal(size=(20, 8))), rng.normal(size=8).astype(np.float32)
    after = before + season
    after[3] = before[7] + season
    moved, common = how_far(before, after)
    assert common == pytest.approx(np.linalg.norm(season), rel=1e-5)
    assert moved[3] == pytest.approx(1 - before[3] @ before[7], abs=1e-5)
    assert np.abs(np.delete(moved, 3)).max() < 1e-5
    assert how_far(before[:4], after[:4])[1] == 0, "of four, nobody can tell"


def test_a_tile_that_shows_another_place_comes_first(aerial):
    found = change_between(aerial, BEFORE, AFTER)
    places = [tuple(np.array([p.before.window.column, p.before.window.row]) // SIDE) for p in found.places]
    assert len(places) == COLUMNS * ROWS and found.unmatched == (0, 0)
    assert places[0] == CHANGED and found.places[0].moved > 0.05
    assert max(place.moved for place in found.places[1:]) < 1e-3, "what stayed has not moved"
    assert all(place.before.window == place.after.window for place in found.places)


def test_directions_are_told_by_the_labels_and_by_words_given(aerial):
    found = change_between(aerial, BEFORE, AFTER, ["zebra", STRIPES])
    assert found.words == ("zebra", STRIPES, BLOTCHES)
    first, rows = found.places[0], aerial.library().memories.index("image")
    then, later = rows.rows(np.array([first.before.embedding_id, first.after.embedding_id])) @ aerial.query("zebra").row
    told = dict((*first.towards, *((word, -gain) for word, gain in first.away)))
    assert {"zebra", BLOTCHES} <= told.keys() and np.sign(told["zebra"]) == np.sign(later - then)
    assert not any(place.towards or place.away for place in found.places[1:])


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (Filter("photos"), AFTER, "no tiles of the earlier imagery"),
        (BEFORE, Filter("photos"), "no tiles of the later imagery"),
        (BEFORE, Filter("nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_compared_is_told(aerial, before, after, message):
    with pytest.raises(NotFoundError, match=message):
        change_between(aerial, before, after)


def test_the_command(run, aerial, tmp_path):
    options = ("gis", "change", "aerial", "later", "--library", aerial.root, "-o", tmp_path / "change.geojson")
    code, out, err = run(*options, "--json")
    told = json.loads(out)
    assert code == 0 and err == "" and len(told["places"]) == COLUMNS * ROWS
    first = json.loads((tmp_path / "change.geojson").read_text())["features"][0]
    assert first["properties"]["rank"] == 1 and first["properties"]["moved"] == told["places"][0]["moved"]
    west, north = 20 + CHANGED[0] / 10, -34 - CHANGED[1] / 10
    corners = np.array(first["geometry"]["coordinates"][0])
    assert corners.min(axis=0) == pytest.approx([west, north - 0.1])
    assert corners.max(axis=0) == pytest.approx([west + 0.1, north])


def test_two_dates_of_one_collection(run, aerial, tmp_path):
    options = ("--library", aerial.root, "-n", "1", "-o", tmp_path / "change.png")
    code, out, _ = run("gis", "change", "both", "--from", "2001", "--to", "2002-07", *options)
    assert code == 0 and f"xywh={CHANGED[0] * SIDE},{CHANGED[1] * SIDE}," in out
    with Image.open(tmp_path / "change.png") as picture:
        assert picture.format == "PNG" and max(picture.size) < 2000
    code, out, err = run("gis", "change", "both", "--from", "2001", *options)
    assert code == 2 and "between two dates" in err and out == ""
    assert run("gis", "change", "both", "--from", "1999", "--to", "2002", *options)[0] != 0
