"""A rules file is read strictly: what is wrong with it is told with its file, key and what is allowed."""

import pytest

from mindseye.engine.errors import UsageError
from mindseye.indexer.gis.rules import Rules

LABEL = "labels: [{layer: roads, word: road}]\n"


def read(tmp_path, text: str) -> Rules:
    (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    return Rules.read(tmp_path / "rules.yaml")


def test_all_that_rules_may_say(tmp_path):
    rules = read(
        tmp_path,
        """
        tiles: {size: 100, unit: metres, overlap: 20, align: grid, max_nodata: 0.1}
        render: {bands: [4, 3, 2], stretch: [2, 98]}
        date: 2010-11-24
        offset: {east: 3, north: -4.5, unit: pixels}
        layers: {roads_33S: {crs: 32733, swap_axes: true}}
        labels:
          - {layer: roads_33S, where: "TYPE = 'national'", words: [road, highway, road], min_cover: 0.1, min_length: 50,
             buffer: 5, negative: true}
        background: {share: 0.2, word: nothing, seed: 7}
        """,
    )
    assert (rules.tiles.size, rules.tiles.unit, rules.tiles.overlap, rules.tiles.align) == (100, "metres", 20, "grid")
    assert rules.render.bands == [4, 3, 2] and rules.render.stretch == (2, 98)
    assert rules.date == "2010-11-24"
    assert (rules.offset.east, rules.offset.north, rules.offset.unit) == (3, -4.5, "pixels")
    assert rules.layers["roads_33S"].crs == "EPSG:32733" and rules.layers["roads_33S"].swap_axes
    rule = rules.labels[0]
    assert rule.gives == ("road", "highway")
    assert (rule.min_cover, rule.min_length, rule.buffer, rule.negative) == (0.1, 50, 5, True)
    assert rules.background and (rules.background.share, rules.background.word, rules.background.seed) == (
        0.2, "nothing", 7,
    )  # fmt: skip


def test_what_is_not_said_has_its_default(tmp_path):
    rules = read(tmp_path, LABEL)
    assert rules.tiles.size == 256 and rules.tiles.unit == "pixels" and rules.tiles.max_nodata == 0.5
    assert rules.background is None and rules.date is None and rules.layers == {}
    assert rules.labels[0].gives == ("road",) and rules.labels[0].min_cover == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("labels: [{layer: a, word: b}, {layer: a, word: b, min_cover: 3}]", "labels[1].min_cover"),
        ("labels: [{layer: a, word: b, min_covr: 0.3}]", "labels[0].min_covr: no such key; allowed here: layer, where"),
        (LABEL + "layers: {x: {csr: 1}}", "layers.x.csr: no such key; allowed here: crs, swap_axes"),
        (LABEL + "tile: {size: 5}", "tile: no such key; allowed here: tiles, render, date"),
        (LABEL + "tiles: {unit: feet}", "tiles.unit"),
        (LABEL + "tiles: {size: 256, overlap: 256}", "tiles: an overlap of 256 must be less than the size, 256"),
        (LABEL + "tiles: {size: 25.5}", "whole numbers"),
        (LABEL + "render: {bands: [1, 2]}", "render: name one band or three"),
        (LABEL + "layers: {x: {crs: EPSG:1}}", "layers.x.crs: no coordinate reference system"),
        (LABEL + "layers: {x: {crs: EPSG:5773}}", "layers.x.crs: 'EGM96 height' does not say where on Earth"),
        (LABEL + 'layers: {x: {crs: \'LOCAL_CS["a",UNIT["metre",1]]\'}}', "'a' does not say where on Earth"),
        (LABEL + "date: yesterday", "date: a date is written like 2010-11-24"),
        (LABEL + "date: 2010-13-01", "cannot be read as YAML"),
        (LABEL + "background: {seed: 3}", "background.share: Field required"),
        (LABEL + "background: {share: 1}", "background.share"),
        (LABEL + LABEL, "the key labels is there twice"),
        ("labels: [{layer: a, word: b, word: c}]", "the key word is there twice"),
        ("labels: [roads]", "labels[0]: keys and values are written here, of layer, where, word"),
        ("labels: [{layer: a, word: '   '}]", "labels[0].word: a word is not blank"),
        ("labels: [{layer: a, word: b, buffer: 1000001}]", "labels[0].buffer: Input should be less than or equal"),
        (LABEL + "offset: {east: 1.0e7}", "offset.east: Input should be less than or equal to 1000000"),
        (LABEL + "offset: {north: -1.0e7}", "offset.north: Input should be greater than or equal to -1000000"),
        ("labels: [{layer: a}]", "labels[0]: give either word or words"),
        ("labels: [{layer: a, word: b, words: [c]}]", "labels[0]: give either word or words"),
        ("labels: []", "labels: List should have at least 1 item"),
        ("labels: [", "cannot be read as YAML"),
        ("", "holds no rules"),
        ("!!python/object/apply:os.getcwd []", "cannot be read as YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, text, told):
    with pytest.raises(UsageError) as raised:
        read(tmp_path, text)
    assert "rules.yaml" in str(raised.value) and told in str(raised.value)


def test_words_are_those_that_labels_become(tmp_path):
    rules = read(tmp_path, 'labels: [{layer: a, words: [a, A, " a "]}, {layer: a, word: "Bus\\n Stop"}]')
    assert [rule.gives for rule in rules.labels] == [("a",), ("bus stop",)]


def test_of_many_wrong_items_some_are_told(tmp_path):
    with pytest.raises(UsageError, match=r"labels\[9\].*; and 290 more$") as raised:
        read(tmp_path, f"labels: [{', '.join(['x'] * 300)}]")
    assert "labels[10]" not in str(raised.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UsageError, match=r"absent\.yaml"):
        Rules.read(tmp_path / "absent.yaml")


@pytest.mark.parametrize("date", ["2010", "2010-11", "2010-11-24"])
def test_dates_may_be_coarse(tmp_path, date):
    assert read(tmp_path, LABEL + f"date: {date}").date == date
