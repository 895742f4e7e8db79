"""`evaluate text`: words through a space, hidden paragraphs through the product, and what is refused."""

import gzip
import json

import pytest

from mindseye.api.answers import Answer, Decision, RankedHit
from mindseye.api.evaluation import training
from mindseye.api.evaluation.articles import Article, read_articles
from mindseye.api.evaluation.asking import plainly, rank_of
from mindseye.api.evaluation.hidden_paragraphs import draws, evaluate_hidden_paragraphs
from mindseye.api.evaluation.text import TextData, evaluate_text
from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.engine.evaluation.hidden_paragraphs import Hidden
from mindseye.engine.terms import is_mixture, read_terms
from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.text.tokens import tokens
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
    figures = evaluate_hidden_paragraphs(pocket, read_articles(documents), range(2))
    assert (figures["documents"], figures["seeds"]) == (4, 2)
    assert figures["recall_at_1"] >= 0.75 and figures["recall_at_10"] == 1
    assert figures["recall_at_10_interval"] == [1, 1]


def test_a_single_document_cannot_be_told_from_others(pocket):
    with pytest.raises(UsageError, match="fewer than two documents"):
        evaluate_hidden_paragraphs(pocket, [Article("a", ("b", "c")), Article("d", ("e",))], [0])


@pytest.mark.parametrize("line", ["", "{", '{"title": "x"}', "[]", '"x"'])
def test_what_is_no_document_is_refused(tmp_path, line):
    path = tmp_path / "documents.jsonl"
    path.write_text(line and f"{line}\n")
    with pytest.raises(UsageError, match="documents"):
        read_articles(path if line else tmp_path / "missing.jsonl")


@pytest.mark.slow
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


@pytest.mark.parametrize("text", ["penguins - ice", 'the "Ark" + 2', "2*beach", '"Ark"', "@photo.jpg"])
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


@pytest.fixture
def told_once(tmp_path):
    """Documents of three paragraphs about classes of pictures; each paragraph has a word that no other has."""
    path = tmp_path / "classes.jsonl"
    with path.open("w", encoding="utf-8") as lines:
        for number, text in enumerate(class_texts()[:60]):
            name = text.names[0]
            paragraphs = [f"only{number}in{n} {name} sign{number} {text.description}" for n in range(3)]
            lines.write(json.dumps({"title": name, "paragraphs": paragraphs}) + "\n")
    return path


@pytest.mark.parametrize("everything", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_hidden_paragraphs_are_not_trained_on(run, told_once, monkeypatch, everything):
    """By CBOW, which is quick; all ways read the same corpus. The slow one asks, too."""
    asked = []
    if not everything:
        monkeypatch.setattr(training, "evaluate_hidden_paragraphs", lambda *told: asked.append(told) or {})
    quick = ("--method", "cbow", "--width", "16", "--min-count", "1", "--seeds", "2", "--first-seed", "4")
    more = ["--all-paragraphs"] if everything else []
    code, out, _ = run("evaluate", "training", "--documents", told_once, "--json", *quick, *more)
    told = json.loads(out)
    articles = read_articles(told_once)
    drawn = draws(articles, [4, 5])
    hidden = {each for draw in drawn.values() for each in draw}
    assert code == 0 and (told["hidden"], told["first_seed"], told["hidden_trained_on"]) == (len(hidden), 4, everything)
    assert 60 < told["hidden"] < 120 and told["parameters"]["width"] == 16
    seen = [
        paragraph
        for number, article in enumerate(articles)
        for place, paragraph in enumerate(article.paragraphs)
        if everything or Hidden(number, place) not in hidden
    ]
    words = {word for paragraph in seen for word in tokens(paragraph)}
    assert (told["paragraphs"], told["vocabulary"]) == (len(seen), len(words))
    if everything:
        found = told["paragraph_to_document"]
        assert (found["documents"], found["seeds"]) == (60, 2) and found["recall_at_10"] > 0.3
    else:
        ((space, told_documents, seeds),) = asked
        assert len(space.text.words) == len(words) and told_documents == articles and list(seeds) == [4, 5]
