"""`mindseye doctor`: what it prints, and its exit codes."""

import copy
import json
import os
import shutil
from pathlib import Path

import pytest

from mindseye.api.mindseye import Mindseye
from mindseye.api.spaces import save_space
from tests.indexer.damage import BEYOND_REPAIR, INDEX, LONG_AGO, OTHERS, index_file, sql, truncate

DONE, NO_MATCH, USAGE, PARTLY, FAILED = range(5)
SOUND = "sound: database, index, pictures, caches and spaces agree\n"


@pytest.fixture(scope="module")
def indexed(tmp_path_factory, pocket, demo_manifest) -> Path:
    """The folder of a library of the demo's photographs that has been searched."""
    root = tmp_path_factory.mktemp("indexed") / "library"
    with Mindseye(root, pocket, "pytest") as eye:
        eye.index([picture.path for picture in demo_manifest.pictures], "demo")
        eye.search("cat")
    return root


@pytest.fixture
def root(indexed, tmp_path) -> Path:
    shutil.copytree(indexed, tmp_path / "library")
    return tmp_path / "library"


def findings(out: str) -> list[tuple[str, bool]]:
    return [(each["code"], each["mended"]) for each in json.loads(out)["findings"]]


def test_a_sound_library(run, root):
    before = run("status")
    assert run("doctor") == (DONE, SOUND, "")
    assert run("doctor", "--repair", "--json")[:2] == (DONE, '{\n  "sound": true,\n  "findings": []\n}\n')
    assert run("status")[1].splitlines()[:4] == before[1].splitlines()[:4]
    assert run("status")[1].splitlines()[-1] == before[1].splitlines()[-1]  # no run was written down


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        INDEX["no file"],
        INDEX["a stale generation"],
        (OTHERS["a background of nonsense"][0], "background_damaged"),
        (OTHERS["an imagined file without a row"][0], "imagined_orphan"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_difference_is_named_and_mended(run, root, damage, code):
    (root / "imagined").mkdir()
    hits = json.loads(run("search", "cat", "--imagine", "never", "--json")[1])["hits"]
    damage(root)
    exit_code, out, err = run("doctor")
    assert (exit_code, err) == (PARTLY, "") and out.startswith(f"{code}: ") and "--repair" in out
    exit_code, out, _ = run("doctor", "--repair", "--json")
    assert (exit_code, findings(out), json.loads(out)["sound"]) == (DONE, [(code, True)], True)
    assert run("doctor") == (DONE, SOUND, "")
    assert json.loads(run("search", "cat", "--imagine", "never", "--json")[1])["hits"] == hits


def test_a_search_in_another_space_leaves_a_sound_library(run, root, pocket):
    mine = copy.copy(pocket)
    mine.mapping = "mine"
    save_space(mine, "mine", root)
    answer = run("search", "cat", "--imagine", "never", "--space", "mine", "--json")
    assert answer[0] == DONE and json.loads(answer[1])["hits"]
    assert run("doctor") == run("doctor", "--space", "mine") == (DONE, SOUND, "")
    assert run("status")[0] == DONE  # in its own space again, with what words reach in the other
    assert run("doctor") == (DONE, SOUND, "")


def test_what_is_to_be_done_after_a_repair_is_said_before_and_after_it(run, root):
    sql(root, "UPDATE embedding SET vector = zeroblob(5120) WHERE id = 2")
    to_do = "index the folders of these files again"
    exit_code, out, _ = run("doctor")
    assert (exit_code, out.count(to_do)) == (PARTLY, 1) and "--repair" in out
    exit_code, out, _ = run("doctor", "--repair")
    assert (exit_code, out.count(to_do)) == (DONE, 1) and "--repair" not in out
    assert json.loads(run("status", "--json")[1])["missing"] == 1
    run("index", "--collection", "demo")
    assert json.loads(run("status", "--json")[1])["missing"] == 0
    assert run("doctor") == (DONE, SOUND, "")


@pytest.mark.parametrize("damage", ["nonsense", "newer tables", "another encoder"])
def test_what_cannot_be_mended_is_left_with_what_to_do(run, root, damage):
    make, code = BEYOND_REPAIR[damage]
    make(root)
    for arguments in ([], ["--repair"]):
        exit_code, out, _ = run("doctor", *arguments, "--json")
        (found,) = json.loads(out)["findings"]
        assert (exit_code, found["code"], found["repairable"]) == (PARTLY, code, False)
        assert found["hint"]


def test_spaces_that_cannot_be_used_are_named(run, root, pocket):
    for name in ("good", "bad", "half"):
        save_space(copy.copy(pocket), name, root)
    truncate(root / "spaces" / "bad" / "mapping.safetensors")
    (root / "spaces" / "half" / "space.json").unlink()
    (root / "spaces" / "notes").mkdir()
    (root / "spaces" / "notes" / "mine.txt").write_text("nobody's business")
    (root / "spaces" / "list.txt").write_text("nor this")
    assert findings(run("doctor", "--json")[1]) == []  # they may just be written
    for path in (root / "spaces").rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    exit_code, out, _ = run("doctor", "--repair", "--json")
    told = json.loads(out)["findings"]
    assert exit_code == PARTLY
    assert [(each["code"], each["subjects"]) for each in told] == [
        ("space_unusable", ["bad"]),
        ("space_unusable", ["half"]),
    ]
    assert all("mindseye space fit" in each["hint"] for each in told)
    truncate(index_file(root))  # in a space that cannot be used nothing else can be told
    assert findings(run("doctor", "--space", "bad", "--json")[1]) == [("space_unusable", False)] * 2


def test_many_files_are_counted_after_the_first(run, root):
    for number in range(9):
        path = root / "thumbnails" / f"0{number}" / f"0{number}{'a' * 62}.jpg"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
    exit_code, out, _ = run("doctor")
    assert exit_code == PARTLY and "9 thumbnails show no content of the library" in out and "and 4 more" in out
    assert len(json.loads(run("doctor", "--json")[1])["findings"][0]["subjects"]) == 9
    exit_code, out, _ = run("doctor", "--repair")
    assert exit_code == DONE and out.startswith("mended: 9 thumbnails") and out.endswith(SOUND)


def test_there_must_be_a_library(run, tmp_path):
    exit_code, out, err = run("doctor", "--library", tmp_path / "none")
    assert (exit_code, out) == (USAGE, "") and "there is no library" in err
