"""`text train` on the command line: a space of a corpus, told, searched in, fitted further; and what goes wrong."""

import copy
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from unittest.mock import Mock

import pytest
from safetensors import SafetensorError

from mindseye.api.settings import Settings
from mindseye.api.spaces import open_space, own_spaces, save_space
from mindseye.api.text_training import _corpus, train_space
from mindseye.engine.errors import MindseyeError, UsageError
from mindseye.engine.text.training import Parameters

DONE, NO_MATCH, USAGE, PARTLY, FAILED = range(5)


@pytest.fixture
def library(trained, tmp_path) -> Path:
    """The library that `run` uses, with the space `mine`."""
    trained.copy(tmp_path / "library")
    return tmp_path / "library"


def test_a_training_is_told_and_what_it_could_not_read(trained):
    told, corpus = trained.told, trained.corpus
    assert trained.code == PARTLY and "broken.pdf" in trained.said and "line=301" in trained.said
    assert (told["documents"], told["paragraphs"]) == (300, 300) and told["vocabulary"] > 500
    assert told["parameters"]["method"] == "pv-dbow" and told["repeatable"] and told["classes"] > 250
    assert set(told["skipped"]) == {str(corpus / "broken.pdf"), f"{corpus / 'classes.jsonl'}#line=301"}
    home = trained.library / "spaces" / "mine"
    assert told["folder"] == str(home) and [path.name for path in home.parent.iterdir()] == ["mine"]
    assert {path.suffix for path in home.iterdir()} == {".safetensors", ".json", ".txt"}


def test_a_space_of_a_corpus_is_listed_and_shown(run, trained, library, cache):
    names = [space["name"] for space in json.loads(run("space", "list", "--json")[1])]
    assert names == ["pocket", "swift", "glove", "mine"]
    told = f"pv-dbow, {trained.told['vocabulary']:,} words of {trained.corpus}"
    assert told in run("space", "list")[1].splitlines()[-1]
    shown = json.loads(run("space", "show", "mine", "--json")[1])
    assert shown["text"]["corpus"] == [str(trained.corpus)] and shown["text"]["window"] == 5
    assert shown["classes"] == trained.told["classes"] and not shown["calibrated"] and shown["bytes"] > 100_000
    space = open_space("mine", library, cache)
    assert space.text.fingerprint == shown["text_encoder"] and space.text.width == 20


def test_all_modalities_are_found_in_a_space_of_a_corpus(run, library, demo_manifest, tmp_path):
    photos = {picture.word: picture.path for picture in demo_manifest.pictures}
    (tmp_path / "coffee.txt").write_text("A hot drink in a cup, made of roasted beans.")
    (tmp_path / "cat.txt").write_text("A small furry animal with whiskers and a long tail.")
    texts = tmp_path / "coffee.txt", tmp_path / "cat.txt"
    assert run("index", photos["cat"], photos["coffee"], *texts, "--space", "mine")[0] == DONE
    answer = json.loads(run("search", "espresso coffee", "--space", "mine", "--imagine", "never", "--json")[1])
    images = [hit for hit in answer["hits"] if hit["modality"] == "image"]
    assert Path(images[0]["uri"]).name == photos["coffee"].name
    documents = json.loads(run("search", "furry animal", "--in", "documents", "--json")[1])["hits"]
    assert [Path(hit["uri"]).name for hit in documents] == ["cat.txt", "coffee.txt"]


def test_a_corpus_of_no_language_that_pictures_are_named_in_is_refused_before_training(tmp_path, cache):
    (tmp_path / "a.txt").write_text(" ".join(f"xq{n}" for n in range(200)))
    (tmp_path / "b.pdf").write_bytes(b"nothing")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(UsageError, match="0 of 1000") as refused:
        patch.setattr("gensim.models.Doc2Vec.train", lambda *_, **__: pytest.fail("it was trained"))
        settings = Settings(library=tmp_path / "library", cache=cache)
        train_space(settings, [tmp_path], "x", Parameters(min_count=1))
    assert "1 files or records could not be read, the first" in refused.value.what and "b.pdf" in refused.value.what
    assert not (tmp_path / "library").exists()


def test_a_corpus_is_what_index_would_take(tmp_path):
    """One walk finds texts for both: hidden names are left out, what is named itself is taken, pictures are not."""
    for name in ("a.txt", ".git/b.txt", ".c.txt", "sub/d.jsonl.gz", "photo.jpg", "notes.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = _corpus([tmp_path, tmp_path / "notes.log"]).files
    assert sorted(path.name for path in found) == ["a.txt", "d.jsonl.gz", "notes.log"]
    with pytest.raises(UsageError, match="no such file or folder"):
        _corpus([tmp_path / "ghost"])


def test_a_failed_save_leaves_the_space_that_was_there(library, cache, monkeypatch):
    home = library / "spaces" / "mine"
    before = {path.name: path.read_bytes() for path in home.iterdir()}
    space = open_space("mine", library, cache)
    for trouble in (OSError(28, "No space left on device"), SafetensorError("No space left on device")):
        with monkeypatch.context() as patch:
            patch.setattr("mindseye.engine.space.JointSpace.save", Mock(side_effect=trouble))
            with pytest.raises((OSError, MindseyeError), match="No space left"):
                save_space(space, "mine", library)
        assert {path.name: path.read_bytes() for path in home.iterdir()} == before
        assert [path.name for path in home.parent.iterdir()] == ["mine"]


def test_whoever_opens_a_space_while_another_takes_its_place_finds_the_old_or_the_new(library, cache, monkeypatch):
    """The saver is held between taking the old one away and putting the new one there; a reader waits for it."""
    home, held, go = library / "spaces" / "mine", Event(), Event()
    old = open_space("mine", library, cache)
    new = replace(old.traits, words=("okapi",))
    rename = Path.rename

    def held_up(path: Path, target: Path) -> Path:
        if Path(target) == home and not held.is_set():
            held.set()
            go.wait(30)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", held_up)
    changed = copy.copy(old)
    changed.traits = new
    with ThreadPoolExecutor(2) as pool:
        saving = pool.submit(save_space, changed, "mine", library)
        assert held.wait(30) and not home.exists()
        reading = pool.submit(open_space, "mine", library, cache)
        with pytest.raises(TimeoutError):
            reading.result(0.3)
        go.set()
        assert saving.result(30) == home and reading.result(30).traits.words == ("okapi",)
    assert [path.name for path in home.parent.iterdir()] == ["mine"]


def test_a_space_whose_folder_is_renamed_goes_by_its_new_name(library, cache):
    (library / "spaces" / "mine").rename(library / "spaces" / "yours")
    assert open_space("yours", library, cache).name == "yours"


@pytest.mark.parametrize("successor", [False, True])
def test_a_space_that_a_killed_command_took_away_is_put_back(library, cache, successor):
    home = library / "spaces" / "mine"
    before = home.with_name(".mine.before.tmp")
    home.rename(before)
    if successor:
        shutil.copytree(before, home)
    assert own_spaces(library) == ["mine"] and not before.exists()
    assert open_space("mine", library, cache).name == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["text", "train", "/nowhere", "--name", "x"], "no such file or folder: /nowhere"),
        (["text", "train", "{empty}", "--name", "x"], "no texts below"),
        (["text", "train", "{few}", "--name", "x"], "words that come 5 times"),
        (["text", "train", "{few}", "--name", "pocket"], "built in"),
        (["text", "train", "{few}", "--name", "../x"], "cannot be a space's name"),
        (["text", "train", "{few}", "--name", "x", "--method", "glove"], "glove"),
        (["text", "train", "{few}", "--name", "x", "--width", "1"], "--width"),
        (["text", "train", "{few}"], "--name"),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, list) else "",
)
def test_a_wrong_request_has_one_message(run, tmp_path, arguments, message):
    places = {name: tmp_path / name for name in ("empty", "few")}
    for place in places.values():
        place.mkdir()
    (places["few"] / "a.txt").write_text("one two three")
    code, out, err = run(*[argument.format(**places) for argument in arguments])
    assert code == USAGE and message in err and out == "" and "Traceback" not in err
