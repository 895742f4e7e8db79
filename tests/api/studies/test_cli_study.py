"""`mindseye study` on the command line."""

import json
import re
from pathlib import Path

import pytest
from PIL import Image

from mindseye.engine.errors import NotFoundError
from mindseye.indexer.studies import Studies
from tests.api.studies.judging import WORDS, judge

DONE, NO_MATCH, USAGE, PARTLY, FAILED = range(5)


def test_a_session(run, tmp_path):
    code, out, err = run("study", "new", "pilot", "--words", WORDS, "--raters", 2, "--attention", 2)
    assert (code, err) == (DONE, "") and "6 choices, 2 of them checks of attention, for 2 raters" in out
    code, out, _ = run("study", "links", "pilot", "--base", "https://lab.example/")
    links = re.findall(r"https://lab.example/study/pilot/r/([\w-]{20,})", out)
    assert code == DONE and len(set(links)) == 2 and out.count("not opened") == 2
    with Studies.open(tmp_path / "library") as studies:
        judge(studies, lambda rater, trial: True)
    code, out, _ = run("study", "results", "pilot", "--csv", tmp_path / "out.csv", "--figure", tmp_path / "out.png")
    assert code == DONE and "accuracy 1.000 (8/8); chance 0.500, p 0.004" in out
    assert "0 of 4 items above chance" in out and "2/2" in out
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 13
    with Image.open(tmp_path / "out.png") as figure:
        assert figure.width > 800
    told = json.loads(run("study", "results", "pilot", "--json")[1])
    assert told["accuracy"]["share"] == 1 and told["correction"] == "benjamini_hochberg"
    assert run("study", "list")[1].startswith("pilot  word against any other  4 items  2/2 raters finished  12 ")
    assert [each["state"] for each in json.loads(run("study", "links", "pilot", "--json")[1])] == ["finished"] * 2
    assert run("study", "links", "pilot", "--add", 3)[1].count("/r/") == 5
    code, _, err = run("study", "remove", "pilot")
    assert code == USAGE and "its 12 judgments would be gone; add --yes" in err
    assert run("study", "remove", "pilot", "--yes")[0] == DONE
    assert json.loads(run("study", "list", "--json")[1]) == []


def test_words_left_out_are_told(run):
    code, out, err = run("study", "new", "pilot", "--words", "zebra,okapi,xyzzyq", "--attention", 0, "--json")
    assert code == PARTLY and err == "left out: xyzzyq (neither dictionary nor word vectors know 'xyzzyq')\n"
    assert json.loads(out)["left_out"][0]["word"] == "xyzzyq"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["new", "a b", "--words", WORDS], "cannot be the name of a study"),
        (["new", "pilot", "--words", "zebra"], "2 to 2000 words, not 1"),
        (["new", "pilot", "--words", "none.csv"], "none.csv cannot be read"),
        (["results", "pilot"], "no study is called 'pilot'; there are: none yet"),
        (["results", "pilot", "--csv", "out.txt"], "out.txt is no .csv file"),
    ],
)
def test_refusals(arguments, said, run, eye):
    eye.library(create=True)
    code, out, err = run("study", *arguments)
    assert (code, out) == (USAGE, "") and said in err


def test_what_cannot_be_done_with_a_new_study(run, tmp_path):
    new = ["study", "new", "pilot", "--words", "zebra,okapi", "--attention", 0]
    assert run(*new)[0] == DONE
    code, _, err = run("study", "results", "pilot", "--figure", tmp_path / "out.png")
    assert code == USAGE and "nobody has answered" in err and not (tmp_path / "out.png").exists()
    code, _, err = run(*new)
    assert code == USAGE and "there is a study 'pilot' already" in err


def test_no_library_no_study(run):
    assert run("study", "list")[0] == USAGE
    with pytest.raises(NotFoundError), Studies.open(Path("/nowhere")):
        pass
