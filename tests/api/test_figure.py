"""A figure of many words: the page, the sheet, the answer key, and what goes on where it was stopped."""

import csv
import json
import re

import numpy as np
import pytest
from PIL import Image

from mindseye.api import imagining
from mindseye.api.figure import Entry, read_entries
from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation import concepts
from mindseye.engine.vision.pictures import read_picture
from tests.sketching import Sketching

DONE, NO_MATCH, USAGE, PARTLY, FAILED = range(5)
WORDS = "word,category\nzebra,animals\nsofa,furniture\nokapi,animals\nchair,furniture\nzebra,animals\n"


@pytest.fixture
def words(tmp_path, monkeypatch):
    monkeypatch.setattr(imagining, "load_method", lambda **_: Sketching())
    path = tmp_path / "words.csv"
    path.write_text(WORDS)
    return path


def test_the_figure_and_its_answer_key(run, words, tmp_path):
    code, out, _ = run("figure", "--concepts", words, "-o", tmp_path / "page.html")
    page, sheet, key = (tmp_path / name for name in ("page.html", "page.png", "page-key.csv"))
    assert code == DONE and out.split() == [str(page), str(sheet), str(key)]
    rows = list(csv.DictReader(key.read_text(encoding="utf-8").splitlines()))
    told = [(row["number"], row["category"], row["word"]) for row in rows]
    assert told == [
        ("1", "animals", "zebra"), ("2", "animals", "okapi"), ("3", "furniture", "sofa"), ("4", "furniture", "chair"),
    ]  # fmt: skip
    files = [tmp_path / "library" / "imagined" / row["file"] for row in rows]
    assert read_picture(sheet.read_bytes(), "sheet").synthetic["provenance"].split() == [file.stem for file in files]
    with Image.open(sheet) as image, Image.open(files[2]) as sofa:
        shown = np.asarray(image)
        assert (shown == np.asarray(sofa)[24, 24]).all(axis=-1).any(), "the third picture is on the sheet"


def test_the_page_keeps_the_words_until_asked_and_needs_nothing_else(run, words, tmp_path):
    run("figure", "--concepts", words, "-o", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert len(re.findall(r'src="data:image/png;base64,', page)) == 4 and "http" not in page
    open_to_all = re.sub(r'<span class="word">.*?</span>|<details>.*?</details>', "", page, flags=re.DOTALL)
    for word in ("zebra", "okapi", "sofa", "chair"):
        assert f'<span class="word">{word}</span>' in page and word not in open_to_all
    assert page.index("<h2>animals</h2>") < page.index(">okapi<") < page.index("<h2>furniture</h2>")


def test_a_word_cannot_write_into_the_page(run, words, tmp_path):
    words.write_text("word,category\n<b>zebra</b>,<i>animals</i>\n")
    assert run("figure", "--concepts", words, "-o", tmp_path / "page.html")[0] == DONE
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<b>zebra" not in page and "<i>animals" not in page and "&lt;b&gt;zebra" in page


def test_it_goes_on_where_it_was_stopped(run, words, tmp_path, monkeypatch):
    monkeypatch.setattr(imagining, "_BATCH", 2)
    make, made = Sketching.__call__, []

    def stopping(self, targets, *others):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.extend(targets)
        return make(self, targets, *others)

    with monkeypatch.context() as patch:
        patch.setattr(Sketching, "__call__", stopping)
        code, _, err = run("figure", "--concepts", words, "-o", tmp_path / "page.html")
    assert code == FAILED and "stopped" in err and not list(tmp_path.glob("page*"))
    code, out, _ = run("figure", "--concepts", words, "-o", tmp_path / "page.html", "--json")
    assert code == DONE and [row["word"] for row in json.loads(out)["key"]] == ["zebra", "okapi", "sofa", "chair"]
    assert json.loads(run("status", "--json")[1])["last_run"]["counts"] == {"imagined": 2}


def test_a_word_that_nobody_knows_is_left_out(run, words, tmp_path):
    words.write_text(WORDS + "wampimuk,animals\n")
    code, out, err = run("figure", "--concepts", words, "-o", tmp_path / "page.html", "--json")
    assert code == PARTLY and json.loads(out)["left_out"][0]["word"] == "wampimuk" and "wampimuk" in err
    assert json.loads(out)["pictures"] == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no table"),
        ("a,b\n1,2\n", "no table"),
        ("word,category\n", "no words"),
        ("word,category\nq1w2,x\n", "known"),
    ],
)
def test_what_is_no_list_of_words_is_refused(run, words, tmp_path, content, message):
    if content is None:
        words.unlink()
    else:
        words.write_text(content)
    code, out, err = run("figure", "--concepts", words, "-o", tmp_path / "page.html")
    assert code == USAGE and message in err and out == "" and not list(tmp_path.glob("page*"))


@pytest.mark.parametrize("output", ["page.pdf", "nowhere/page.html"])
def test_a_page_that_cannot_be_written_is_refused_before_the_work(run, words, tmp_path, output):
    assert run("figure", "--concepts", words, "-o", tmp_path / output)[0] == USAGE
    assert not (tmp_path / "library").exists()


def test_words_come_by_category_each_once(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("\ufeff" + WORDS, encoding="utf-8")
    assert read_entries(path) == [
        Entry("zebra", "animals"), Entry("okapi", "animals"), Entry("sofa", "furniture"), Entry("chair", "furniture"),
    ]  # fmt: skip
    path.write_bytes(b"word,category\n\xff\xfe,x\n")
    with pytest.raises(UsageError, match="no table"):
        read_entries(path)


def test_without_a_list_the_evaluation_concepts_are_shown(run, words, tmp_path, monkeypatch):
    two_of_each = [each for place, each in enumerate(concepts.evaluation_concepts()) if place % 10 < 2]
    monkeypatch.setattr(concepts, "evaluation_concepts", lambda: two_of_each)
    code, out, _ = run("figure", "-o", tmp_path / "page.html", "--json")
    shown = [(row["word"], row["category"]) for row in json.loads(out)["key"]]
    assert code == DONE and shown == [(each.word, each.category) for each in two_of_each]
    assert len({category for _, category in shown}) == 20


def test_every_evaluation_concept_is_a_known_word(demo_library):
    words = [concept.word for concept in concepts.evaluation_concepts()]
    assert len(words) == 200 and len(demo_library.queries(words)) == 200
