"""`text train` on the command line: a space of a corpus, told, searched in, fitted further; and what goes wrong."""

import json
from pathlib import Path

import pytest

from mindseye.api.spaces import open_space
from mindseye.engine.text.class_texts import class_texts

DONE, NO_MATCH, USAGE, PARTLY, FAILED = range(5)
QUICK = ("--width", "20", "--epochs", "2", "--min-count", "2", "--sample", "0.001")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    """What the classes look like, a document each; one record and one file cannot be read."""
    home = tmp_path_factory.mktemp("corpus")
    told = [{"id": text.wnid, "title": text.names[0], "paragraphs": [text.description]} for text in class_texts()]
    (home / "classes.jsonl").write_text("\n".join([*map(json.dumps, told), "{broken"]), encoding="utf-8")
    (home / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    return home


def train(run, corpus: Path, *arguments: object) -> dict:
    code, out, err = run("text", "train", corpus, "--json", *QUICK, *arguments)
    assert code == PARTLY and "broken.pdf" in err and "line=1001" in err
    return json.loads(out)


@pytest.mark.parametrize("method", ["pv-dbow", "cbow"])
def test_a_space_of_a_corpus_from_training_to_search(run, corpus, demo_manifest, cache, tmp_path, method):
    told = train(run, corpus, "--name", "mine", "--method", method)
    assert (told["documents"], told["paragraphs"]) == (1000, 1000) and told["vocabulary"] > 1000
    assert told["parameters"]["method"] == method and told["repeatable"] and told["classes"] > 500
    assert set(told["skipped"]) == {str(corpus / "broken.pdf"), f"{corpus / 'classes.jsonl'}#line=1001"}
    names = [space["name"] for space in json.loads(run("space", "list", "--json")[1])]
    assert names == ["pocket", "swift", "glove", "mine"]
    assert f"{method}, {told['vocabulary']:,} words of {corpus}" in run("space", "list")[1].splitlines()[-1]
    shown = json.loads(run("space", "show", "mine", "--json")[1])
    assert shown["text"]["corpus"] == [str(corpus)] and shown["text"]["window"] == 5 and shown["bytes"] > 100_000
    assert shown["classes"] == told["classes"] and not shown["calibrated"]
    library = tmp_path / "library"
    space = open_space("mine", library, cache)
    assert space.text.fingerprint == shown["text_encoder"] and space.text.width == 20
    again = train(run, corpus, "--name", "again", "--method", method)
    other = open_space("again", library, cache)
    assert again["vocabulary"] == told["vocabulary"] and other.mapping == space.mapping


def test_photographs_are_found_in_a_space_of_a_corpus(run, corpus, demo_manifest, tmp_path):
    train(run, corpus, "--name", "mine", "--epochs", "10")
    photos = {picture.word: picture.path for picture in demo_manifest.pictures}
    code, _, _ = run("index", photos["cat"], photos["coffee"], "--space", "mine")
    assert code == DONE
    answer = json.loads(run("search", "coffee", "--space", "mine", "--imagine", "never", "--json")[1])
    images = [hit for hit in answer["hits"] if hit["modality"] == "image"]
    assert Path(images[0]["uri"]).name == photos["coffee"].name


def test_a_failed_training_leaves_the_space_that_was_there(run, corpus, tmp_path, monkeypatch):
    train(run, corpus, "--name", "mine")
    home = tmp_path / "library" / "spaces" / "mine"
    before = {path.name: path.read_bytes() for path in home.iterdir()}
    (tmp_path / "few.txt").write_text("too few words")
    assert run("text", "train", tmp_path / "few.txt", "--name", "mine")[0] == USAGE
    monkeypatch.setattr("mindseye.engine.space.JointSpace.save", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        open_and_save(home)
    assert {path.name: path.read_bytes() for path in home.iterdir()} == before
    assert [path.name for path in home.parent.iterdir()] == ["mine"]


def open_and_save(home: Path) -> None:
    from mindseye.api.settings import Settings
    from mindseye.api.spaces import save_space

    library = home.parent.parent
    save_space(open_space("mine", library, Settings().cache), "mine", library)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["text", "train", "/nowhere", "--name", "x"], "no file or folder /nowhere"),
        (["text", "train", "{empty}", "--name", "x"], "no texts below"),
        (["text", "train", "{few}", "--name", "x"], "words that come 5 times"),
        (["text", "train", "{foreign}", "--name", "x", "--min-count", "1"], "0 of 1000 class names"),
        (["text", "train", "{few}", "--name", "pocket"], "built in"),
        (["text", "train", "{few}", "--name", "../x"], "cannot be a space's name"),
        (["text", "train", "{few}", "--name", "x", "--method", "glove"], "glove"),
        (["text", "train", "{few}", "--name", "x", "--width", "1"], "--width"),
        (["text", "train", "{few}"], "--name"),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, list) else "",
)
def test_a_wrong_request_has_one_message(run, tmp_path, arguments, message):
    places = {name: tmp_path / name for name in ("empty", "few", "foreign")}
    for place in places.values():
        place.mkdir()
    (places["few"] / "a.txt").write_text("one two three")
    (places["foreign"] / "a.txt").write_text(" ".join(f"xq{n}" for n in range(200)))
    code, out, err = run(*[argument.format(**places) for argument in arguments])
    assert code == USAGE and message in err and out == "" and "Traceback" not in err
