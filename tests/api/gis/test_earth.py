"""`mindseye demo earth`: the rules on a small Earth, what is measured by, the page, and the whole of it."""

import json
import re
import sys

import numpy as np
import pytest

from mindseye.api.gis.earth.report import degrees
from mindseye.api.gis.earth.truth import truths
from mindseye.indexer.gis import earth_files
from mindseye.indexer.gis.making import make_tiles
from mindseye.indexer.gis.rules import Rules

SAHARA, PACIFIC, CONGO, ANTARCTICA, CHILE = (
    (8, 20, 12, 24), (-132, -40, -128, -36), (20, -4, 24, 0), (80, -84, 84, -80), (-76, -32, -70, -28)
)  # fmt: skip


@pytest.fixture(scope="module")
def tiles(earth_sources, tmp_path_factory):
    """The labels of each tile of the small Earth, 36 degrees wide, by the longitude and latitude of its middle."""
    folder = tmp_path_factory.mktemp("tiles")
    report = make_tiles([earth_sources.raster], [earth_sources.layers], Rules.read(earth_sources.rules), folder / "t")
    assert report.version.tiles == 50 and not report.skipped
    from mindseye.indexer.gis.tileset import TileSet

    found = TileSet.read(folder / "t").tiles()
    return {tuple(np.mean(tile.footprint, axis=0).round().tolist()): tile for tile in found}


def test_tiles_have_the_words_of_the_layers(tiles):
    pacific, siberia, antarctica = tiles[-126, 0], tiles[90, 72], tiles[90, -72]
    assert set(pacific.labels) == {"ocean", "coast"} and pacific.cover["ocean"] > 0.99  # Polynesia's, some 100 km
    assert {"coast", "russia", "river"} <= set(siberia.labels)
    assert {"antarctica", "coast"} <= set(antarctica.labels) and "river" not in antarctica.labels
    assert antarctica.cover["antarctica"] == pytest.approx(0.6, abs=0.1)


def test_a_country_is_a_word_where_it_fills_half_a_tile(tiles, earth_sources):
    rules = Rules.read(earth_sources.rules)
    countries = {rule.gives[0]: rule for rule in rules.labels if rule.layer == "countries"}
    assert {"france", "egypt", "greenland", "antarctica"} <= set(countries) and "luxembourg" not in countries
    assert all(rule.min_cover == 0.5 for rule in countries.values())
    for tile in tiles.values():
        assert all(tile.cover[word] >= 0.5 for word in tile.labels if word in countries)


def test_no_layer_tells_of_ice_desert_or_forest(earth_sources):
    words = {word for rule in Rules.read(earth_sources.rules).labels for word in rule.gives}
    assert words.isdisjoint({"ice", "desert", "forest"}) and {"ocean", "coast", "island", "lake", "river"} <= words


def test_truth_is_told_by_mask_and_colour():
    told = truths([SAHARA, PACIFIC, CONGO, ANTARCTICA, CHILE])
    shown = {word: which.tolist() for word, which in told.items()}
    assert shown["ocean"] == [False, True, False, False, False]
    assert shown["land"] == [True, False, True, True, False]
    assert shown["coast"] == [False, False, False, False, True]
    assert shown["desert"] == [True, False, False, False, False]
    assert shown["forest"] == [False, False, True, False, False]
    assert shown["ice"] == [False, False, False, True, False]


def test_middles_are_written_as_people_do():
    assert degrees((8, 20, 12, 24)) == "22° N, 10° E"
    assert degrees((-132, -40, -128, -36)) == "38° S, 130° W"
    assert degrees((-4, -2, 4, 2)) == "0° N, 0° E"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mars",), "there is no demo of 'mars'"),
        (("--keep", "somewhere"), "keeps nothing but its page"),
        (("earth", "-o", "earth.png"), "is no .html file"),
    ],
)
def test_what_cannot_be_shown_is_refused_first(run, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = run("demo", *arguments)
    assert (code, out) == (2, "") and message in err and not list(tmp_path.glob("*.html"))


def test_a_folder_that_holds_something_is_left_alone(run, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "mindseye.api.gis.earth.demo", raising=False)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "mine.txt").write_text("mine")
    code, _, err = run("demo", "earth", "--keep", tmp_path / "kept", "-o", tmp_path / "earth.html")
    assert code == 2 and "name a new folder" in err
    assert "mindseye.api.gis.earth.demo" not in sys.modules, "what it would take is not loaded first"
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["mine.txt"]


def test_without_its_packages_it_names_them(run, tmp_path, monkeypatch):
    monkeypatch.setattr(earth_files, "find_spec", lambda name: None)
    code, out, err = run("demo", "earth", "-o", tmp_path / "earth.html")
    assert (code, out) == (2, "") and "pip install 'mindseye[earth]'" in err


@pytest.mark.parametrize(
    ("keep", "message"), [(True, "stays in {folder}, and another run wants a new folder"), (False, "nothing is kept")]
)
def test_what_is_stopped_promises_only_what_is_so(run, tmp_path, monkeypatch, keep, message):
    from mindseye.api.gis.earth import demo

    def stopped(folder, cache):
        (folder / "earth.tif").write_bytes(b"II*")
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "run_earth", stopped)
    folder = tmp_path / "earth"
    code, out, err = run("demo", "earth", "-o", tmp_path / "earth.html", *(("--keep", folder) if keep else ()))
    assert (code, out) == (4, "") and message.format(folder=folder) in err and "so far is kept" not in err
    assert folder.exists() is keep


@pytest.mark.slow
def test_the_whole_demo(run, tmp_path):
    code, out, _ = run("demo", "earth", "-o", tmp_path / "earth.html", "--keep", tmp_path / "earth", "--json")
    told = json.loads(out)
    assert code == 0 and told["fit"]["kept_back"] is None
    assert 2200 < told["labels"]["ocean"] < 2500 and told["labels"]["antarctica"] > 400
    words = told["held_out"]["words"]
    for word, least in (
        ("ocean", 0.97),
        ("land", 0.95),
        ("coast", 0.65),
        ("ice", 0.6),
        ("desert", 0.5),
        ("forest", 0.3),
    ):
        assert words[word]["after"] > max(least, words[word]["before"])
    for word in told["searches"]:
        assert all((tmp_path / "earth" / f"{word}-{when}.png").stat().st_size > 100_000 for when in ("before", "after"))
    page = (tmp_path / "earth.html").read_text(encoding="utf-8")
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(sources) == 5 * (2 + 2 * 8) + 1 and all(s.startswith("data:image/jpeg;base64,") for s in sources)
