"""A library of real photographs moved from one real encoder to another, and back."""

import json
import shutil
from pathlib import Path

import pytest

from mindseye.api import deciding
from mindseye.api.mindseye import Mindseye
from mindseye.api.paging import Page
from mindseye.engine.errors import SpaceMismatchError
from mindseye.engine.mixture import alone
from mindseye.engine.swift import load_swift


@pytest.fixture
def moved(run, demo_library: Mindseye, tmp_path: Path):
    """`mindseye …` on a copy of the demo's library that has been moved to the swift space."""
    shutil.copytree(demo_library.root, tmp_path / "library")
    code, out, err = run("reembed", "--space", "swift", "--json")
    assert code == 0, err
    assert json.loads(out)["encoded"] == demo_library.status().contents
    return run


def test_the_library_remembers_its_space_and_every_command_uses_it(moved, demo_manifest):
    status = json.loads(moved("status", "--json")[1])
    assert (status["space"], status["vectors"], status["missing"]) == ("swift", 13, 0)
    cat = next(picture.path for picture in demo_manifest.pictures if picture.word == "cat")
    answer = json.loads(moved("search", "cat", "--imagine", "never", "--json")[1])
    assert answer["hits"][0]["uri"] == cat.resolve().as_uri()
    assert answer["decision"]["matched"] and answer["decision"]["probability"] is None
    assert moved("similar", cat)[0] == 0


def test_the_space_it_left_is_refused_with_what_to_do(moved):
    for command in (["search", "cat"], ["index", Path(__file__).parent], ["remove", "1"], ["imagine", "okapi"]):
        code, out, err = moved(*command, "--space", "pocket")
        assert (code, out) == (4, "")
        assert "the library is in swift" in err and "mindseye reembed --space pocket" in err


def test_moving_back_encodes_nothing_and_answers_as_before(moved, demo_library):
    code, out, _ = moved("reembed", "--space", "pocket", "--json")
    assert code == 0
    assert {name: json.loads(out)[name] for name in ("encoded", "kept")} == {"encoded": 0, "kept": 13}
    answer = json.loads(moved("search", "cat", "--imagine", "never", "--json")[1])
    before = json.loads(json.dumps(demo_library.search("cat").as_dict()))
    assert {**answer, "timings_ms": {}} == {**before, "timings_ms": {}}


def test_a_query_of_another_space_is_refused_though_as_wide(demo_library, cache):
    other = load_swift(cache)
    query = other.word_query("cat")
    assert query.row.shape == demo_library.query("cat").row.shape
    with pytest.raises(SpaceMismatchError, match=r"'cat' is of mapping .* ask it again in the space 'pocket'"):
        deciding.decide(demo_library.library(), demo_library.space, query, Page())
    with pytest.raises(SpaceMismatchError, match="'cat' is of mapping"):
        demo_library.imagine_mixtures([alone(query)], [0])
