"""`mindseye gis label` and `gis show` as they are typed."""

import json
from collections import Counter

import numpy as np
import pytest
from matplotlib.collections import PatchCollection
from PIL import Image
from rasterio.enums import ColorInterp

from mindseye.api.cli import main
from mindseye.api.gis.sheet import draw_tiles
from mindseye.api.session import DONE, FAILED, PARTLY, USAGE
from mindseye.indexer.gis.tileset import TileSet
from tests.indexer.gis.painting import noise, write_boxes, write_raster

COLOURS = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]
RULES = """
tiles: {size: 20}
labels:
  - {layer: ponds, word: pond, min_cover: 0.2}
  - {layer: fields, word: field}
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a raster, two layers and rules; a library of its own that no command may make."""
    write_raster(tmp_path / "town.tif", noise(3, 20, 80), colours=COLOURS)
    write_boxes(tmp_path / "ponds.gpkg", [(300_000, 6_199_700, 300_250, 6_200_000)])
    write_boxes(tmp_path / "fields.geojson", [(12.0, -35.0, 14.0, -34.0)], "EPSG:4326")
    (tmp_path / "rules.yaml").write_text(RULES)
    monkeypatch.setenv("MINDSEYE_LIBRARY", str(tmp_path / "library"))
    return tmp_path


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr("sys.argv", ["mindseye", "gis", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    out, err = capsys.readouterr()
    return end.value.code, out, err


def label(place, *more):
    layers = ["--layers", place / "ponds.gpkg", place / "fields.geojson"]
    return ["label", place / "town.tif", *layers, "--rules", place / "rules.yaml", "-o", place / "tiles", *more]


def test_label_tells_what_it_made(place, monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys, *label(place, "--date", "2010-11-24"))
    assert code == DONE
    assert out.splitlines()[:2] == [
        "version 1: 4 tiles (4 labelled) of 4 looked at",
        "  4 of town.tif: 80 x 20 pixels, 2010-11-24 by the rules",
    ]
    assert "       4  field" in out.splitlines() and "       2  pond" in out.splitlines()
    assert TileSet.read(place / "tiles").tiles()[0].labels == ("pond", "field")
    assert not (place / "library").exists()
    code, out, _ = run(monkeypatch, capsys, *label(place, "--date", "2010-11-24"))
    assert code == DONE and "is up to date" in out.splitlines()[0]


def test_label_as_json(place, monkeypatch, capsys):
    (place / "bad.tif").write_text("no raster")
    code, out, err = run(monkeypatch, capsys, *label(place, "--format", "jpeg", "--json"), place / "bad.tif")
    told = json.loads(out)
    assert code == PARTLY
    assert (told["new"], told["version"]["counts"]) == (True, {"field": 4, "pond": 2})
    assert told["version"]["command"].startswith("mindseye gis label") and told["version"]["format"] == "jpeg"
    assert [skip["path"] for skip in told["skipped"]] == [str(place / "bad.tif")]
    assert err.startswith("skipped: ") and "bad.tif cannot be read as a raster" in err


def test_label_without_any_tile_fails_and_says_why(place, monkeypatch, capsys):
    (place / "rules.yaml").write_text(RULES.replace("{size: 20}", "{size: 500, align: grid}"))
    code, out, _ = run(monkeypatch, capsys, *label(place))
    assert code == FAILED
    assert out.startswith("0 tiles: nothing is written") and "no whole tile of 500 pixels" in out


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--date", "yesterday"], "--date 'yesterday' is no date"),
        (["--format", "png"], "as one of windows, jpeg"),
    ],
)
def test_label_refuses_what_it_cannot_do(place, monkeypatch, capsys, more, told):
    code, _, err = run(monkeypatch, capsys, *label(place, *more))
    assert code == USAGE and told in err
    assert not (place / "tiles").exists()


def test_layers_may_be_named_each_or_together(place, monkeypatch, capsys):
    start = ["label", place / "town.tif", "--rules", place / "rules.yaml", "-o", place / "tiles", "--json"]
    each = ["--layers", place / "ponds.gpkg", "--layers", place / "fields.geojson"]
    _, out, _ = run(monkeypatch, capsys, *start, *each)
    one = json.loads(out)["version"]
    assert len(one["inputs"]) == 3
    code, out, _ = run(monkeypatch, capsys, *start, "--layers", place / "ponds.gpkg", place / "fields.geojson")
    assert code == DONE and json.loads(out)["new"] is False


def test_show_tells_of_versions_and_draws(place, monkeypatch, capsys):
    run(monkeypatch, capsys, *label(place))
    run(monkeypatch, capsys, *label(place, "--date", "2011"))
    code, out, _ = run(monkeypatch, capsys, "show", place / "tiles", "-o", place / "sheet.png")
    assert code == DONE and out.splitlines()[0].startswith("version 2: 4 tiles")
    assert any(line.startswith("before: version 1 of ") for line in out.splitlines())
    assert out.splitlines()[-1] == str(place / "sheet.png")
    with Image.open(place / "sheet.png") as sheet:
        assert min(sheet.size) > 300
    _, out, _ = run(monkeypatch, capsys, "show", place / "tiles", "--json")
    assert json.loads(out)["version"] == 2


def test_show_of_no_tile_set(place, monkeypatch, capsys):
    code, _, err = run(monkeypatch, capsys, "show", place)
    assert code == USAGE and "there is no tile set" in err


def test_a_sheet_shows_each_word_where_it_is(place, monkeypatch, capsys):
    run(monkeypatch, capsys, *label(place))
    figure = draw_tiles(TileSet.read(place / "tiles").tiles(), "town", lambda done, total: None)
    (axes,) = figure.axes
    stripes, outlines = (each for each in axes.collections if isinstance(each, PatchCollection))
    left = [round(path.vertices[:, 0].min() + 0.5) for path in stripes.get_paths()]
    assert sorted(left) == [0, 10, 20, 30, 40, 60]  # two words in each of the first tiles
    colours = Counter(map(tuple, np.round(stripes.get_facecolor(), 3)))
    assert sorted(colours.values()) == [2, 4]
    assert len(outlines.get_paths()) == 4
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["field  4", "pond  2"]


def test_a_sheet_tells_of_a_raster_that_is_gone(place, monkeypatch, capsys):
    run(monkeypatch, capsys, *label(place))
    (place / "town.tif").unlink()
    figure = draw_tiles(TileSet.read(place / "tiles").tiles(), "town", lambda done, total: None)
    assert "there is no raster" in " ".join(figure.axes[0].texts[0].get_text().split())
