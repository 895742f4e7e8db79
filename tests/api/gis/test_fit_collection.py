"""A space fitted to what the library has labelled: tiles of several words, held out by blocks of space."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mindseye.api.labelled import Labelled, labelled_pairs
from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.indexer.filters import Filter
from mindseye.indexer.gis.blocks import BETWEEN
from mindseye.indexer.gis.placed import placed
from tests.api.gis.planted import BLOTCHES, COLUMNS, ROWS, STRIPES
from tests.pictures import paint


def test_a_picture_of_two_words_is_one_picture(aerial, pocket):
    encoded = labelled_pairs(aerial.root, pocket, Labelled("aerial"))
    tiles = {tile.embedding_id: tile for tile in placed(aerial.library(), Filter("aerial"))}
    assert encoded.words == (BLOTCHES, STRIPES)
    assert len(encoded.pairs.features) == len(tiles) == COLUMNS * ROWS, "those without a word are told from"
    for shown, tile in zip(encoded.pairs.shown, (tiles[each] for each in sorted(tiles)), strict=True):
        assert [word for word, shows in zip(encoded.words, shown, strict=True) if shows] == list(tile.labels)
    features = aerial.library().features_of(sorted(tiles))
    assert np.array_equal(encoded.pairs.features, features), "as they are stored"


def test_tiles_are_held_out_by_blocks(aerial, pocket):
    encoded = labelled_pairs(aerial.root, pocket, Labelled("aerial"))
    groups = encoded.pairs.groups
    assert len(set(groups.tolist()) - {BETWEEN}) >= 4
    tiles = sorted(placed(aerial.library(), Filter("aerial")), key=lambda tile: tile.embedding_id)
    places = np.array([(tile.window.column, tile.window.row) for tile in tiles]) // tiles[0].window.width
    near = np.abs(places[:, None] - places[None]).max(axis=2) == 1
    parted = (groups[:, None] != groups[None]) & (groups[:, None] != BETWEEN) & (groups[None] != BETWEEN)
    assert not (near & parted).any()
    assert any("lie between" in note for note in encoded.notes)


def test_one_word_is_told_from_the_tiles_of_others(aerial, pocket):
    encoded = labelled_pairs(aerial.root, pocket, Labelled("aerial", (" Parking  LOT ",)))
    assert encoded.words == (STRIPES,) and len(encoded.pairs.features) == COLUMNS * ROWS
    assert not any("only one word" in note for note in encoded.notes)
    assert any("show none of the words" in note for note in encoded.notes)


@pytest.mark.parametrize(
    ("wanted", "kind", "message"),
    [
        (Labelled("nowhere"), NotFoundError, "nowhere"),
        (Labelled("photos"), UsageError, "no picture of the collection 'photos' has a label"),
        (Labelled("aerial", ("swamp",)), UsageError, "is labelled 'swamp'"),
    ],
)
def test_what_cannot_be_learned_from_is_told(aerial, pocket, wanted, kind, message):
    with pytest.raises(kind, match=message) as told:
        labelled_pairs(aerial.root, pocket, wanted)
    if wanted.words:
        assert f"{STRIPES} (" in told.value.hint


def test_photographs_with_few_labels(eye, pocket, tmp_path):
    for seed in range(6):
        paint(tmp_path / "photos" / f"{seed}.png", seed)
    eye.index([tmp_path / "photos" / "0.png"], labels=["Harbour"])
    alone = labelled_pairs(eye.root, pocket, Labelled("default"))
    assert len(alone.pairs.features) == 1 and len(alone.pairs.groups) == 1
    assert any("only one word" in note for note in alone.notes)
    assert any("'harbour' has 1 picture: too few" in note for note in alone.notes)
    eye.index([tmp_path / "photos"])
    eye.index([tmp_path / "photos" / "1.png"], labels=["quay", "harbour"])
    encoded = labelled_pairs(eye.root, pocket, Labelled("default"))
    assert encoded.words == ("harbour", "quay")
    assert encoded.pairs.shown.tolist() == [[True, False], [True, True]], "of the others nobody said what they show"
    assert any("4 pictures have no label" in note for note in encoded.notes)
    assert any("'harbour' is on every picture" in note for note in encoded.notes)


def test_near_duplicates_are_held_out_together(eye, pocket, tmp_path, demo_manifest):
    for picture in demo_manifest.pictures[:4]:
        photo = Image.open(picture.path).convert("RGB")
        photo.save(tmp_path / f"{picture.word} 1.png")
        photo.save(tmp_path / f"{picture.word} 2.jpg", quality=90)
    eye.index(sorted(tmp_path.glob("* [12].*")), labels=["harbour"])
    groups = labelled_pairs(eye.root, pocket, Labelled("default")).pairs.groups.tolist()
    hits = sorted(eye.library().select(Filter()).everything(), key=lambda hit: hit.embedding_id)
    shown = [hit.path.name.split()[0] for hit in hits]
    assert len(set(groups)) == len(set(shown)) == len(set(zip(shown, groups, strict=True))) == 4 and len(shown) == 8


def test_of_very_many_pictures_the_rarest_words_are_drawn_whole(aerial, pocket, monkeypatch):
    monkeypatch.setattr("mindseye.api.labelled._MOST", 24)
    encoded = labelled_pairs(aerial.root, pocket, Labelled("aerial"), seed=3)
    assert len(encoded.pairs.features) == 24
    assert encoded.pairs.shown.sum(axis=0).min() >= 8 and (~encoded.pairs.shown.any(axis=1)).sum() >= 8
    again = labelled_pairs(aerial.root, pocket, Labelled("aerial"), seed=3)
    assert np.array_equal(encoded.pairs.features, again.pairs.features)


@pytest.mark.slow
def test_from_fit_to_search(run, aerial, pocket, monkeypatch):
    library = aerial.root

    def encode(self, pictures):
        raise AssertionError("a picture is encoded again")

    monkeypatch.setattr(type(pocket.picture), "encode", encode)
    code, out, err = run("space", "fit", "--collection", "aerial", "--name", "land", "--json", "--library", library)
    told = json.loads(out)
    assert code == 0 and told["kept_back"] is None and told["after"]["fitted"] > 0.9 > told["before"]["fitted"]
    assert told["told_apart"].keys() == {"before", "after", "chance", "p", "pictures"}
    assert "lie between" in err
    made = json.loads((Path(told["folder"]) / "made.json").read_text())
    assert made["collection"] == "aerial" and made["pictures"] == COLUMNS * ROWS
    assert made["words"] == [BLOTCHES, STRIPES]
    shown = json.loads(run("space", "show", "land", "--json", "--library", library)[1])
    assert shown["pictures"]["collection"] == "aerial" and shown["own_words"] == [BLOTCHES, STRIPES]
    for word in (BLOTCHES, STRIPES):
        options = ("--space", "land", "--imagine", "never", "--in", "images", "-n", "10", "--json")
        hits = json.loads(run("search", word, *options, "--library", library)[1])["hits"]
        labels = {tile.item_id: tile.labels for tile in placed(aerial.library(), Filter("aerial"))}
        assert all(word in labels[hit["item_id"]] for hit in hits[:10])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--collection", "aerial", "--pairs", "/tmp"], "both pictures to learn from"),
        (["--label", "marsh"], "--label is of --collection"),
        (["--collection", "nowhere"], "no library"),
    ],
)
def test_a_wrong_request_has_one_message(run, options, message):
    code, out, err = run("space", "fit", *options)
    assert code in (2, 4) and message in err and out == "" and "Traceback" not in err
