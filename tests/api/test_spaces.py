"""Spaces of the user's own on the command line: fitted, listed, searched with, compared; and what goes wrong."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mindseye.api.mindseye import Mindseye
from mindseye.api.pairs import read_pairs
from mindseye.api.spaces import open_space
from mindseye.engine.errors import UsageError
from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.text.glove import glove

DONE, NO_MATCH, USAGE, PARTLY, FAILED = range(5)


@pytest.fixture(scope="module")
def vectors(tmp_path_factory) -> Path:
    """A small file of GloVe vectors: the words of ImageNet's classes, and a few more."""
    words = {word.lower() for text in class_texts() for word in text.names[0].split()} | {"cat", "espresso"}
    known = sorted(word for word in words if word in glove())
    rows = zip(known, glove().encode(known), strict=True)
    lines = [f"{word} {' '.join(f'{x:.4f}' for x in row)}" for word, row in rows]
    path = tmp_path_factory.mktemp("vectors") / "few.vec"
    path.write_text("\n".join([f"{len(lines)} {glove().width}", *lines]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def labelled(tmp_path_factory, demo_manifest) -> Path:
    """Twelve small parts of each of two photographs, turned so that no two are near duplicates, by words."""
    home, rng = tmp_path_factory.mktemp("labelled"), np.random.default_rng(0)
    shown = {"cat": "cat", "espresso": "coffee"}
    for word, photo in shown.items():
        (home / word).mkdir()
        path = next(p.path for p in demo_manifest.pictures if p.word == photo)
        picture = Image.open(path).convert("RGB").resize((300, 300))
        for number in range(12):
            left, top = rng.integers(0, 180, 2)
            part = picture.crop((left, top, left + 120, top + 120)).rotate(90 * (number % 4))
            part.save(home / word / f"{number}.png")
    return home


@pytest.mark.slow
def test_a_space_of_vectors_and_pairs_from_fit_to_search(run, vectors, labelled, pocket, tmp_path, monkeypatch):
    (labelled / "cat" / "torn.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    run("index", labelled)
    code, out, err = run("space", "fit", "--vectors", vectors, "--pairs", labelled, "--name", "mine", "--json")
    (labelled / "cat" / "torn.jpg").unlink()
    told = json.loads(out)
    assert code == PARTLY and "torn.jpg" in err and len(told["skipped"]) == 1
    assert told["kept_back"] is None and told["after"]["fitted"] >= told["before"]["fitted"]
    assert told["told_apart"]["after"] > told["told_apart"]["chance"] and told["told_apart"]["pictures"] == 6
    assert Path(told["folder"]) == tmp_path / "library" / "spaces" / "mine"
    assert {p.suffix for p in Path(told["folder"]).iterdir()} == {".safetensors", ".json", ".npy", ".txt"}
    assert [line.split()[0] for line in run("space", "list")[1].splitlines()] == ["pocket", "swift", "glove", "mine"]
    shown = json.loads(run("space", "show", "mine", "--json")[1])
    assert shown["own_words"] == ["cat", "espresso"] and not shown["calibrated"] and "text" not in shown["runtime"]

    def encode(self, pictures):
        raise AssertionError("a picture is encoded again")

    monkeypatch.setattr(type(pocket.picture), "encode", encode)
    for option in (["--space", "mine", "search", "espresso"], ["search", "espresso", "--space", "mine"]):
        _, out, _ = run(*option, "-n", "12", "--imagine", "never", "--json")
        answer = json.loads(out)
        assert {Path(hit["uri"]).parent.name for hit in answer["hits"]} == {"espresso"}
        assert answer["decision"]["probability"] is None and "no calibrated" in answer["decision"]["reason"]
        assert {hit["probability"] for hit in answer["hits"]} == {None}
    monkeypatch.setenv("MINDSEYE_SPACE", "mine")
    assert run("search", "wampimuk", "--imagine", "never")[0] == USAGE
    monkeypatch.delenv("MINDSEYE_SPACE")
    assert json.loads(run("search", "cat", "--imagine", "never", "--json")[1])["decision"]["probability"] is not None
    code, out, _ = run("compare", "espresso", "--spaces", "mine,pocket", "-n", "5", "--json")
    told = json.loads(out)
    ids = [{hit["item_id"] for hit in told["spaces"][name]["hits"]} for name in ("mine", "pocket")]
    assert told["overlap"] == [{"spaces": ["mine", "pocket"], "share": len(ids[0] & ids[1]) / 5}]
    assert "share" in run("compare", "cat", "--spaces", "mine,pocket")[1].splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "cat", "--space", "nowhere"], "no space 'nowhere'"),
        (["space", "show", "nowhere"], "no space 'nowhere'"),
        (["space", "fit", "--name", "mine"], "nothing was given"),
        (["space", "fit", "--pairs", "/nowhere"], "/nowhere"),
        (["space", "fit", "--pairs", "/nowhere", "--base", "mine", "--vectors", "glove"], "both the side of texts"),
        (["space", "fit", "--vectors", "/nowhere.bin"], "/nowhere.bin"),
        (["space", "fit", "--vectors", "glove", "--name", "pocket"], "built in"),
        (["space", "fit", "--vectors", "glove", "--name", "../x"], "cannot be a space's name"),
        (["compare", "cat", "--spaces", "pocket"], "cannot be compared"),
        (["evaluate", "adaptation", "--images", "/nowhere"], "/nowhere"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_a_wrong_request_has_one_message(run, arguments, message):
    code, out, err = run(*arguments)
    assert code == USAGE and message in err and out == "" and "Traceback" not in err


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8)).save(path)
    return path


def test_folders_are_read_as_they_come(tmp_path):
    for name in ("a/ferry_boat/1.png", "a/tram/1.png", "b/Tram/2.png"):
        picture(tmp_path / name)
    (tmp_path / "a" / "nothing").mkdir()
    named = read_pairs([tmp_path / "a", tmp_path / "b" / "Tram"])
    assert named.names == (("ferry boat",), ("tram",)) and not named.captioned
    assert [[p.name for p in files] for files in named.files] == [["1.png"], ["1.png", "2.png"]]
    assert "nothing holds no pictures" in named.notes[0] and "joins another folder" in named.notes[1]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no pictures"):
        read_pairs([tmp_path / "empty"])


ENTRIES = (
    '{"file": "1.png", "captions": ["a dog, asleep", "a small dog"]}',
    '{"file": "2.png", "caption": "two cats"}',
)
CAPTIONS = {
    "told.csv": 'file,caption\n1.png,"a dog, asleep"\n1.png,a small dog\n2.png,two cats\n',
    "told.jsonl": "\n".join(ENTRIES),
    "told.json": f"[{', '.join(ENTRIES)}]",
}


@pytest.mark.parametrize("name", CAPTIONS)
def test_captions_are_read_from_every_format(tmp_path, name):
    (tmp_path / name).write_text(CAPTIONS[name], encoding="utf-8")
    named = read_pairs([tmp_path / name], tmp_path / "pictures")
    assert named.captioned and named.names == (("a dog, asleep", "a small dog"), ("two cats",))
    assert named.files == ((tmp_path / "pictures" / "1.png",), (tmp_path / "pictures" / "2.png",))


@pytest.mark.parametrize("content", ["[1, 2]", "{", '[{"file": "a.png"}]', ""])
def test_a_file_without_captions_is_told(tmp_path, content):
    (tmp_path / "told.json").write_text(content)
    with pytest.raises(UsageError, match=r"told\.json"):
        read_pairs([tmp_path / "told.json"])
    with pytest.raises(UsageError, match="cannot be mixed"):
        read_pairs([tmp_path / "told.json", tmp_path])


@pytest.mark.slow
def test_glove_is_built_in_and_imagines(cache, tmp_path):
    space = open_space("glove", tmp_path, cache)
    with Mindseye(tmp_path / "library", space) as eye:
        made = eye.imagine("okapi", size=64)
    assert made.path.is_file() and np.isfinite(made.stored.record.similarity)


def test_a_space_of_other_encoders_is_refused(run, vectors, tmp_path):
    """Its width may be the same: pictures would be encoded one way and compared another."""
    assert run("space", "fit", "--vectors", vectors, "--name", "old")[0] == DONE
    told = tmp_path / "library" / "spaces" / "old" / "space.json"
    told.write_text(json.dumps(json.loads(told.read_text()) | {"encoder": "another"}))
    code, _, err = run("--space", "old", "search", "cat")
    assert code == FAILED and "encoder another" in err and "space fit" in err


@pytest.mark.slow
def test_pictures_are_fitted_to_a_space_of_a_corpus(run, trained, labelled, cache, tmp_path, monkeypatch):
    monkeypatch.setattr("mindseye.engine.adaptation._LOSS_ALLOWED", 1.0)  # twenty numbers a word have little room
    trained.copy(tmp_path / "library")
    pictures = tmp_path / "pictures"
    for shown, word in (("cat", "cat"), ("espresso", "coffee")):  # words of the corpus
        shutil.copytree(labelled / shown, pictures / word)
    code, out, err = run("space", "fit", "--pairs", pictures, "--base", "mine", "--name", "both", "--json")
    assert code == DONE, err
    assert json.loads(out)["kept_back"] is None
    base, both = (open_space(name, tmp_path / "library", cache) for name in ("mine", "both"))
    assert both.traits.words == ("cat", "coffee") and not base.traits.words
    assert both.text.fingerprint == base.text.fingerprint and both.mapping != base.mapping
    told = json.loads(run("space", "show", "both", "--json")[1])
    assert told["text"]["corpus"] == [str(trained.corpus)] and told["pictures"]["pictures"] == 24
    code, out, err = run("space", "fit", "--pairs", pictures, "--base", "both", "--name", "more")
    assert code == USAGE and "has words of its own already" in err and out == ""
