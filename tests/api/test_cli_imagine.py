"""`mindseye imagine` from end to end, with sketches for pictures: what it writes, keeps and refuses."""

import errno
import json
import signal
from copy import copy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from mindseye.api import imagining, mindseye
from mindseye.api.spaces import open_space
from mindseye.engine.vision.pictures import read_picture
from tests.sketching import Sketching

DONE, NO_MATCH, USAGE, PARTLY, FAILED = range(5)
SIZE = 48


@pytest.fixture
def quick(monkeypatch, open_once):
    """Sketches for the default way, without a network; every other way and every refusal is the real one."""
    real = imagining.load_method

    def load(name="ensemble_inversion", size=None, **others):
        if name != "ensemble_inversion":
            return real(name=name, size=size, **others)
        return Sketching() if size is None else Sketching(size)

    monkeypatch.setattr(imagining, "load_method", load)


@pytest.fixture
def open_once(monkeypatch, spaces):
    """Commands share the spaces that are open already."""
    opened = mindseye.open_space
    monkeypatch.setattr(mindseye, "open_space", lambda name, *others: spaces.get(name) or opened(name, *others))


@pytest.fixture(scope="module")
def spaces(pocket, cache):
    return {"pocket": pocket, "glove": open_space("glove", cache, cache)}


def kept(library: Path) -> list[Path]:
    return sorted(path for path in library.rglob("*") if path.suffix in (".png", ".tmp"))


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), int)


def shown_by(run, *arguments):
    """Return the JSON records of the pictures that a command answers with."""
    code, out, err = run("imagine", *arguments, "--json")
    assert code == DONE, err
    told = json.loads(out)
    return told if isinstance(told, list) else [told]


def file_of(record: dict) -> Path:
    return Path(record["uri"].removeprefix("file://"))


def test_several_words_and_candidates_on_a_grid(run, quick, tmp_path):
    grid = tmp_path / "grid.png"
    told = shown_by(run, "okapi", "blue car", "--count", 3, "--seed", 5, "--grid", grid)
    asked = [(each["query"], each["seed"]) for each in told]
    assert [word for word, _ in asked] == ["okapi"] * 3 + ["blue car"] * 3
    assert set(asked) == {(word, seed) for word in ("okapi", "blue car") for seed in (5, 6, 7)}
    for candidates in (told[:3], told[3:]):
        views = [each["view"] for each in candidates]
        assert views == sorted(views, reverse=True) and None not in views
    shown, gap = pixels(grid), 6
    for place, each in enumerate(told):
        row, column = divmod(place, 3)
        top, left = gap + row * (shown.shape[0] - gap) // 2, gap + column * (SIZE + gap)
        assert np.array_equal(shown[top : top + SIZE, left : left + SIZE], pixels(file_of(each))), asked[place]
    marked = read_picture(grid.read_bytes(), "grid").synthetic
    assert marked["provenance"].split() == [file_of(each).stem for each in told]


def test_the_best_candidate_is_written(run, quick, tmp_path):
    told = shown_by(run, "okapi", "--count", 3, "-o", tmp_path / "best.png")
    assert np.array_equal(pixels(tmp_path / "best.png"), pixels(file_of(told[0])))


def test_one_line_a_picture_when_there_are_several(run, quick):
    code, out, _ = run("imagine", "freedom", "zebra")
    title, *lines = out.splitlines()
    assert code == DONE and title.split() == ["item", "similarity", "known", "concrete"]
    assert [("'freedom', seed 0" in lines[0], "0.33" in lines[0]), "'zebra', seed 0" in lines[1]] == [
        (True, True),
        True,
    ]


@pytest.mark.parametrize(("word", "rated"), [("freedom", 0.335), ("okapi", None)])
def test_concreteness_is_told_and_explained(run, quick, word, rated):
    told = shown_by(run, word)[0]
    assert told["concreteness"] == rated and told["space"] == "pocket"
    lines, chain = run("imagine", word)[1], run("explain", told["item_id"])[1]
    assert ("concreteness 0.3" in lines) == ("concreteness 0.3" in chain) == (rated is not None)
    assert json.loads(run("explain", told["item_id"], "--json")[1])["concreteness"] == pytest.approx(rated)


def test_a_stored_picture_is_found_without_a_target(run, quick, monkeypatch):
    told = shown_by(run, "okapi")
    monkeypatch.setattr(Sketching, "target", lambda *_: pytest.fail("nothing is left to imagine"))
    assert shown_by(run, "okapi") == told


def test_a_mixture_is_made_only_when_asked_for(run, quick):
    mixed, phrase = (shown_by(run, *options, "zebra + sofa")[0] for options in (["--mix"], []))
    assert mixed["query"] == phrase["query"] == "zebra + sofa" and mixed["item_id"] != phrase["item_id"]
    assert "sofa: an upholstered seat" in mixed["definition"]
    other = shown_by(run, "--mix", "2*zebra + sofa")[0]
    assert other["item_id"] != mixed["item_id"] == shown_by(run, "--mix", "zebra + sofa")[0]["item_id"]


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_the_way_to_another_word_is_a_film(run, quick, tmp_path, suffix):
    film = tmp_path / f"way.{suffix}"
    told = shown_by(run, "zebra", "--towards", "sofa", "--frames", 4, "-o", film)
    assert [each["query"] for each in told] == ["zebra", "zebra → sofa 2/4", "zebra → sofa 3/4", "sofa"]
    with Image.open(film) as opened:
        frames = [np.asarray(frame.convert("RGB"), int) for frame in ImageSequence.Iterator(opened)]
    stored = [pixels(file_of(each)) for each in told]
    nearest = [int(np.argmin([np.abs(frame - each).mean() for each in stored])) for frame in frames]
    assert nearest == [0, 1, 2, 3] and {each["seed"] for each in told} == {0}
    assert read_picture(film.read_bytes(), "film").synthetic["provenance"].split() == [file_of(t).stem for t in told]
    assert "zebra → sofa 2/4" in run("explain", told[1]["item_id"])[1]
    assert shown_by(run, "zebra")[0]["item_id"] == told[0]["item_id"], "the ends are the words themselves"


def test_a_place_on_two_ways_is_called_by_the_way_asked_for(run, quick):
    short, long = (shown_by(run, "zebra", "--towards", "sofa", "--frames", frames) for frames in (3, 5))
    assert (short[1]["query"], long[2]["query"]) == ("zebra → sofa 2/3", "zebra → sofa 3/5")
    assert np.array_equal(pixels(file_of(short[1])), pixels(file_of(long[2])))
    assert shown_by(run, "zebra", "--towards", "sofa", "--frames", 3) == short


def test_the_way_as_a_strip(run, quick, tmp_path):
    strip = tmp_path / "way.png"
    told = shown_by(run, "zebra", "--towards", "sofa", "--frames", 3, "-o", strip)
    assert np.array_equal(pixels(strip), np.hstack([pixels(file_of(each)) for each in told]))


def test_two_spaces_side_by_side(run, quick, tmp_path):
    told = shown_by(run, "okapi", "zebra", "--spaces", "pocket, glove,", "--grid", tmp_path / "grid.png")
    asked = [(each["query"], each["space"]) for each in told]
    assert asked == [(word, space) for word in ("okapi", "zebra") for space in ("pocket", "glove")]
    mappings = [json.loads(run("explain", t["item_id"], "--json")[1])["imagined"]["mapping"] for t in told[:2]]
    assert mappings[0] != mappings[1]
    assert pixels(tmp_path / "grid.png").shape[1] == 2 * (SIZE + 6) + 6


def test_films_and_grids_in_an_indexed_folder_stay_out_of_search(run, quick, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    run("imagine", "zebra", "--towards", "sofa", "--frames", 2, "-o", folder / "a.gif", "--grid", folder / "b.png")
    run("imagine", "zebra", "--towards", "sofa", "--frames", 2, "-o", folder / "c.webp")
    code, out, _ = run("index", folder, "--json")
    assert code == DONE and (json.loads(out)["seen"], json.loads(out)["imagined"]) == (3, 3)
    assert json.loads(run("search", "zebra", "--imagine", "never", "--json")[1])["hits"] == []


def test_a_paragraph_is_imagined_whole(run, quick):
    text = " ".join(f"The clerk signed paper number {n} and put it away." for n in range(60))
    one, other = (shown_by(run, f"{text} {end}")[0] for end in ("A volcano erupts.", "A zebra grazes."))
    assert one["item_id"] != other["item_id"]
    assert np.abs(pixels(file_of(one)) - pixels(file_of(other))).mean() > 0.5


def test_a_real_picture_of_another_way(run, demo_manifest):
    run("index", *[picture.path for picture in demo_manifest.pictures])
    told = shown_by(run, "cat", "--method", "recollection", "--size", 64)[0]
    assert told["method"] == "recollection" and told["recalled"] == 12 and pixels(file_of(told)).shape == (64, 64, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["okapi", "zebra", "--means", "an animal"], "of one word"),
        (["--mix", "okapi", "--sense", "1"], "of one word"),
        (["okapi", "--towards", "zebra", "--count", "2"], "one at a time"),
        (["okapi", "--towards", "zebra", "--spaces", "pocket,glove"], "one at a time"),
        (["okapi", "--towards", "zebra", "--frames", "1"], "--frames"),
        (["okapi", "--towards", "wampimuk"], "wampimuk"),
        (["okapi", "zebra", "-o", "both.png"], "--grid"),
        (["okapi", "-o", "okapi.gif"], "no .png"),
        (["okapi", "--towards", "zebra", "-o", "way.mp4"], ".gif or .png or .webp"),
        (["okapi", "--grid", "grid.jpg"], "no .png"),
        (["okapi", "--grid", "nowhere/grid.png"], "no folder"),
        (["okapi", "--count", "0"], "--count"),
        (["okapi", "--method", "telepathy"], "telepathy"),
        (["okapi", "--method", "decoder"], "decoder"),
        (["okapi", "-o", "one.png", "--grid", "./one.png"], "both write one.png"),
        (["okapi", "--space", "pocket", "--spaces", "glove"], "among them"),
        (["okapi", "--spaces", " ,"], "no space"),
        (["okapi", "--spaces", "pocket,narnia"], "narnia"),
        (["whiffletree", "--spaces", "pocket,glove"], "whiffletree"),  # only the dictionary knows it
        (["okapi", "--size", "7"], "7 pixels"),
        (["okapi", "--size", "5000"], "5000 pixels"),
        (["--mix", "zebra +  "], "no mixture"),
        (["--mix", "zebra - zebra"], "nothing is left"),
        (["--mix", "zebra + wampimuk"], "wampimuk"),
        (["okapi", "wampimuk"], "wampimuk"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_request_has_one_message_and_leaves_nothing(run, quick, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = run("imagine", *arguments)
    assert code == USAGE and message in err and out == "" and "Traceback" not in err
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    ("vector", "message"),
    [(np.zeros(1280), "is zero"), (np.full(1280, np.nan), "not finite"), (np.ones(512), "(512,)")],
    ids=["zero", "nan", "narrow"],
)
def test_a_bad_target_is_refused_and_search_goes_on(run, quick, tmp_path, demo_manifest, monkeypatch, vector, message):
    photo = next(picture.path for picture in demo_manifest.pictures if picture.word == "cat")
    run("index", photo)
    bad = {"lite0": vector.astype(np.float32)}
    monkeypatch.setattr(Sketching, "target", lambda *_: bad)
    code, out, err = run("imagine", "okapi")
    assert code == FAILED and message in err and out == "" and kept(tmp_path) == []
    assert photo.name in run("search", "cat", "-n", 1, "--imagine", "never")[1]


def test_a_library_of_another_encoder_is_refused(run, quick, tmp_path, monkeypatch):
    run("imagine", "okapi")
    before = kept(tmp_path)
    space = copy(mindseye.open_space("pocket"))
    space.encoder = "anotherencoder00"
    monkeypatch.setattr(mindseye, "open_space", lambda *_: space)
    code, _, err = run("imagine", "zebra")
    assert code == FAILED and "anotherencoder00" in err and kept(tmp_path) == before


def test_what_was_imagined_before_an_interruption_is_kept(run, quick, tmp_path, monkeypatch):
    monkeypatch.setattr(imagining, "_BATCH", 1)
    make, calls = Sketching.__call__, []

    def interrupted(self, *arguments):
        calls.append(arguments)
        if len(calls) == 2:
            signal.raise_signal(signal.SIGINT)
        return make(self, *arguments)

    monkeypatch.setattr(Sketching, "__call__", interrupted)
    code, out, err = run("imagine", "okapi", "zebra", "--grid", tmp_path / "grid.png")
    assert (code, out) == (FAILED, "") and "stopped" in err
    assert [path.parent.name for path in kept(tmp_path)] == ["imagined"]
    assert json.loads(run("status", "--json")[1])["last_run"]["counts"] == {"imagined": 1, "interrupted": True}
    assert len(shown_by(run, "okapi", "zebra")) == 2 and len(calls) == 3, "the first was not made again"


@pytest.fixture
def full_disk(monkeypatch):
    """Make the disk full for files of a folder: half of the bytes are written."""

    def fill(folder: Path) -> None:
        write = Path.write_bytes

        def write_half(path: Path, data: bytes) -> int:
            if path.parent != folder:
                return write(path, data)
            write(path, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

        monkeypatch.setattr(Path, "write_bytes", write_half)

    return fill


def test_a_full_disk_leaves_no_picture_and_search_goes_on(run, quick, tmp_path, demo_manifest, full_disk):
    photo = next(picture.path for picture in demo_manifest.pictures if picture.word == "cat")
    run("index", photo)
    full_disk(tmp_path / "library" / "imagined")
    code, out, err = run("imagine", "okapi")
    assert (code, out) == (FAILED, "") and "No space left" in err and kept(tmp_path) == []
    assert photo.name in run("search", "cat", "-n", 1, "--imagine", "never")[1]


@pytest.mark.parametrize("option", ["-o", "--grid"])
def test_a_disk_full_for_the_copy_leaves_no_part_of_it(run, quick, tmp_path, full_disk, option):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "okapi.png").write_bytes(b"before")
    full_disk(tmp_path / "out")
    code, out, err = run("imagine", "okapi", option, tmp_path / "out" / "okapi.png")
    assert (code, out) == (FAILED, "") and "what was imagined is kept" in err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["okapi.png"]
    assert (tmp_path / "out" / "okapi.png").read_bytes() == b"before"
    assert json.loads(run("status", "--json")[1])["imagined"] == 1
