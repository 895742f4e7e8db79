"""A library's map: made once, kept, following what comes and goes; never half written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mindseye.indexer import maps
from mindseye.indexer.library import Library
from mindseye.indexer.maps import kept_map, open_map, points
from mindseye.indexer.maps.kept import FILE
from mindseye.indexer.records import ImaginedRecord
from mindseye.indexer.texts.words import Word
from tests.pictures import paint, painting
from tests.tiny_space import TinySpace

WORDS = ["ape", "bat", "cat", "dog", "eel", "fox"]


def add_words(library: Library, words: list[str]) -> None:
    embeddings = library.space.encode_words(words)
    library.index_words([Word(word, "", each) for word, each in zip(words, embeddings, strict=True)])


def places(library: Library, found: maps.Map) -> dict[str, tuple[float, float]]:
    """Return places by the names of what stands there."""
    named = points(library, found.ids)
    assert [each.embedding_id for each in named] == found.ids.tolist()
    where = found.places.tolist()
    return {(each.title or each.path.name): tuple(xy) for each, xy in zip(named, where, strict=True)}


@pytest.fixture
def filled(library, photos) -> Library:
    library.index([photos], "photos")
    add_words(library, WORDS)
    return library


def test_everything_has_a_place(filled):
    found = open_map(filled)
    named = places(filled, found)
    assert sorted(named) == sorted(["ape.png", "bat.png", "cat.jpg", "dog.png", "eel.png", *WORDS])
    assert len(set(named.values())) == 11 and np.isfinite(found.places).all()
    assert found.added == 0 and found.waiting == 0


def test_it_is_made_once(filled, monkeypatch):
    first = open_map(filled)
    monkeypatch.setattr("mindseye.engine.projection.fit", lambda *args, **options: pytest.fail("made again"))
    again = open_map(filled)
    assert np.array_equal(again.ids, first.ids) and np.array_equal(again.places, first.places)


def test_without_a_map_nothing_is_kept(filled):
    assert kept_map(filled) is None
    made = open_map(filled)
    assert np.array_equal(kept_map(filled).places, made.places)


def test_what_is_new_is_placed_and_moves_nothing(filled, photos):
    before = places(filled, open_map(filled))
    paint(photos / "fly.png", 50)
    add_words(filled, [*WORDS, "gnu"])
    filled.index([photos], "photos")
    assert kept_map(filled).waiting == 2
    found = open_map(filled)
    after = places(filled, found)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"fly.png", "gnu"} and found.added == 2 and found.waiting == 0
    assert places(filled, open_map(filled)) == after


def test_a_twin_lands_beside_its_original(library, hundreds, tmp_path):
    """Nearly the same picture under another name: its place is nearer to the original's than to nearly all others."""
    library.index([hundreds], "hundreds")
    before = places(library, open_map(library))
    twin = painting(17)
    twin.putpixel((0, 0), (1, 2, 3))
    (tmp_path / "more").mkdir()
    twin.save(tmp_path / "more" / "twin.png")
    library.index([tmp_path / "more"], "more")
    after = places(library, open_map(library))
    here = np.array(after["twin.png"])
    nearest = sorted(before, key=lambda name: float(np.linalg.norm(here - before[name])))
    assert "17.png" in nearest[:10]


def test_what_is_gone_vanishes_and_comes_back_to_its_place(filled, photos):
    before = places(filled, open_map(filled))
    (photos / "bat.png").rename(photos.parent / "bat.png")
    filled.index([photos], "photos")
    without = places(filled, open_map(filled))
    assert "bat.png" not in without
    assert without == {name: place for name, place in before.items() if name != "bat.png"}
    (photos.parent / "bat.png").rename(photos / "bat.png")
    filled.index([photos], "photos")
    assert places(filled, open_map(filled)) == before


def test_refit_makes_it_anew_of_all(filled, photos):
    open_map(filled)
    paint(photos / "fly.png", 50)
    filled.index([photos], "photos")
    assert open_map(filled).added == 1
    assert open_map(filled, refit=True).added == 0


def test_another_mapping_makes_it_anew(filled, open_library, photos):
    open_map(filled)
    paint(photos / "fly.png", 50)
    filled.index([photos], "photos")
    filled.close()
    other = open_library(TinySpace(mapping="tiny-projection-2"))
    assert kept_map(other) is None
    assert open_map(other).added == 0


@pytest.mark.parametrize("damage", [b"", b"no archive", "half", "shape"])
def test_a_damaged_one_is_made_again_and_told_of(filled, caplog, damage):
    before = places(filled, open_map(filled))
    path = filled.root / FILE
    if damage == "half":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif damage == "shape":
        with np.load(path, allow_pickle=False) as stored:
            columns = dict(stored)
        np.savez(path, **columns | {"places": columns["places"][:-1]})
    else:
        path.write_bytes(damage)
    assert places(filled, open_map(filled)) == before
    assert "made again" in caplog.text


def test_a_map_that_cannot_be_kept_is_still_told(filled, caplog, monkeypatch):
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mindseye.indexer.maps.kept.replacing", full)
    assert len(open_map(filled).ids) == 11
    assert "cannot be written" in caplog.text


def test_stopping_leaves_no_map(filled):
    def stop(done: float, total: int) -> None:
        if done > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_map(filled, progress=stop)
    assert not (filled.root / FILE).exists() and kept_map(filled) is None


def test_imagined_pictures_are_placed_and_shape_nothing(filled):
    before = places(filled, open_map(filled, refit=True))
    record = ImaginedRecord("okapi", "hash", "noise", {}, 0, 0.5)
    filled.record_imagined(record, painting(77), filled.start_run("imagine", "", {}))
    found = open_map(filled)
    named = places(filled, found)
    assert found.added == 1 and len(named) == 12
    refitted = places(filled, open_map(filled, refit=True))
    assert {name: refitted[name] for name in before} == before
    assert [each.origin for each in points(filled, found.ids)].count("imagined") == 1


def test_an_empty_library_has_an_empty_map(library):
    assert len(open_map(library).ids) == 0


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_items_have_places_and_so_do_those_that_follow(library, tmp_path, count):
    for seed in range(count):
        paint(tmp_path / "few" / f"{seed}.png", seed)
    library.index([tmp_path / "few"])
    assert len(open_map(library).ids) == count
    paint(tmp_path / "few" / "next.png", 40)
    library.index([tmp_path / "few"])
    found = open_map(library)
    assert len(found.ids) == count + 1 and np.isfinite(found.places).all() and found.added == 1


CHILD = """
import sys
from pathlib import Path
from mindseye.indexer.library import Library
from mindseye.indexer.maps import open_map
from tests.tiny_space import TinySpace
with Library.open(Path(sys.argv[1]), TinySpace()) as library:
    print("ready", flush=True)
    while True:
        open_map(library, refit=True)
"""


@pytest.mark.slow
def test_killed_at_any_time_it_leaves_a_whole_map_or_none(filled):
    """Another process makes the map again and again, and is killed; what lies there can be read, and is the same."""
    expected = places(filled, open_map(filled))
    for attempt in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(filled.root)], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
        )
        assert child.stdout.readline() == b"ready\n"
        time.sleep(0.4 + 0.13 * attempt)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert places(filled, kept_map(filled)) == expected
