"""`evaluate text`: words through a space, hidden paragraphs through the product, and what is refused."""

import gzip
import json

import pytest

from mindseye.api.answers import Answer, Decision, RankedHit
from mindseye.api.evaluation.asking import plainly, rank_of
from mindseye.api.evaluation.hidden_paragraphs import Article, evaluate_hidden_paragraphs, read_articles
from mindseye.api.evaluation.text import TextData, evaluate_text
from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.engine.terms import is_mixture, read_terms
from tests.engine.test_text_evaluation import written

ABOUT = {
    "Volcano": ["Lava flows down the slopes when it erupts.", "Ash clouds rise from the crater of a volcano."],
    "Violin": ["Its four strings are played with a bow.", "Luthiers carve the body of a violin from spruce."],
    "Penguin": ["It swims after fish in cold Antarctic water.", "Penguins breed in colonies - on ice - in winter."],
    "Bread": ["Flour, water and yeast are kneaded to dough.", "The loaves are baked in a hot oven."],
}


@pytest.fixture
def documents(tmp_path):
    path = tmp_path / "documents.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"title": t, "paragraphs": p}) + "\n" for t, p in ABOUT.items())
    return path


def test_hidden_paragraphs_find_their_documents(pocket, documents):
    figures = evaluate_hidden_paragraphs(pocket, read_articles(documents), 2)
    assert (figures["documents"], figures["seeds"]) == (4, 2)
    assert figures["recall_at_1"] >= 0.75 and figures["recall_at_10"] == 1
    assert figures["recall_at_10_interval"] == [1, 1]


def test_a_single_document_cannot_be_told_from_others(pocket):
    with pytest.raises(UsageError, match="fewer than two documents"):
        evaluate_hidden_paragraphs(pocket, [Article("a", ("b", "c")), Article("d", ("e",))], 1)


@pytest.mark.parametrize("line", ["", "{", '{"title": "x"}', "[]", '"x"'])
def test_what_is_no_document_is_refused(tmp_path, line):
    path = tmp_path / "documents.jsonl"
    path.write_text(line and f"{line}\n")
    with pytest.raises(UsageError, match="documents"):
        read_articles(path if line else tmp_path / "missing.jsonl")


def test_words_are_measured_in_a_space_of_word_vectors(run, tmp_path, monkeypatch):
    monkeypatch.setenv("MINDSEYE_DATA", str(tmp_path))  # where no documents are
    benchmarks = written(tmp_path / "benchmarks")
    code, out, _ = run("evaluate", "text", "--benchmarks", benchmarks, "--space", "glove", "--json")
    figures = json.loads(out)
    assert code == 0 and list(figures) == ["glove"]
    glove = figures["glove"]
    assert glove["simlex_999"] == {"pairs": 2, "covered": 2, "spearman": 1.0, "spearman_uncovered_as_mean": 1.0}
    assert glove["google_analogies"]["vocabulary"] > 10_000
    assert glove["google_analogies_own_vocabulary"]["three_cos_add"]["accuracy"] == 1
    assert glove["bless"]["purity"] == 1


@pytest.mark.parametrize(
    ("asked", "error", "complaint"),
    [
        ({"data": TextData()}, UsageError, "nothing to measure"),
        ({"spaces": ["nosuch"]}, NotFoundError, "no space 'nosuch'"),
    ],
)
def test_nothing_to_measure_and_unknown_spaces_are_refused(tmp_path, documents, cache, asked, error, complaint):
    given = {"spaces": ["pocket"], "data": TextData(documents=documents)} | asked
    with pytest.raises(error, match=complaint):
        evaluate_text(given["spaces"], given["data"], cache, tmp_path)


@pytest.mark.parametrize("text", ["Penguins breed - on ice", 'the "Ark" + 2', "2*beach", '"Ark"', "@photo.jpg"])
def test_a_text_with_signs_is_asked_as_the_words_that_it_is(text):
    assert is_mixture(text)
    (term,) = read_terms(plainly(text))
    assert term.text == text.replace('"', "'") and not term.picture and term.weight == 1
    assert plainly("a well-known text") == "a well-known text"


def test_a_hit_is_right_by_any_of_its_places():
    def hit(rank, place, *also):
        return RankedHit(
            rank=rank, item_id=rank, modality="document", uri="file:///a.jsonl", score=0.5, probability=None,
            also=also, place=place,
        )  # fmt: skip

    hits = hit(1, "line=3&paragraph=1"), hit(2, "line=30", "file:///a.jsonl#line=4&char=0,9")
    answer = Answer("", Decision(True, None, ""), hits, None, {})
    assert rank_of(answer, {"file:///a.jsonl#line=3"}) == 0
    assert rank_of(answer, {"file:///a.jsonl#line=4"}) == 1
    assert rank_of(answer, {"file:///a.jsonl#line=5", "file:///b.jsonl#line=3"}) is None
