"""Searching real photographs in the real space: which picture came back, and what was decided."""

from pathlib import Path

import pytest

from mindseye.engine.errors import NotFoundError, UnknownWordError, UsageError
from mindseye.indexer.filters import Filter


def shown_word(manifest, path: Path) -> str:
    return next(p.word for p in manifest.pictures if p.path.resolve() == path)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("cat", "cat"),
        ("coffee", "coffee"),
        ("rocket", "rocket"),
        ("motorcycle", "motorcycle"),
        ("a small cup of espresso on a saucer", "coffee"),
        ("tabby", "cat"),
        ("blossom", "flower"),
        ("Motorcycles", "motorcycle"),
    ],
)
def test_the_right_photograph_comes_first(demo_library, demo_manifest, query, word):
    answer = demo_library.search(query)
    assert shown_word(demo_manifest, answer.hits[0].path) == word


@pytest.mark.parametrize("word", ["cat", "coffee", "rocket", "motorcycle"])
def test_what_a_photograph_shows_is_a_match(demo_library, word):
    answer = demo_library.search(word)
    assert answer.decision.matched and answer.hits[0].probability > 0.5 > answer.hits[1].probability


@pytest.mark.parametrize("word", ["okapi", "grasshopper", "violin", "volcano", "justice", "pizza"])
def test_what_no_photograph_shows_is_none(demo_library, word):
    answer = demo_library.search(word)
    assert not answer.decision.matched and "no picture stands out" in answer.decision.reason
    assert len(answer.hits) == 10, "the nearest are told all the same"


def test_hits_are_ranked_by_score(demo_library):
    hits = demo_library.search("flower", 13).hits
    assert [hit.rank for hit in hits] == list(range(1, 14))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_picture_finds_itself_and_then_its_like(demo_library, demo_manifest):
    cat = next(p.path for p in demo_manifest.pictures if p.word == "cat")
    assert demo_library.search_picture(cat, 1).hits[0].path == cat.resolve()
    assert cat.resolve() not in [hit.path for hit in demo_library.similar(str(cat), 12).hits]


def test_a_picture_that_is_not_indexed_finds_its_twin(demo_library, demo_manifest):
    left = next(p.path for p in demo_manifest.pictures if p.word == "motorcycle")
    right = left.with_name("motorcycle_right.png")
    assert demo_library.search_picture(right).hits[0].path == left.resolve()


def test_a_collection_is_searched_alone(eye, demo_manifest):
    paths = {p.word: p.path for p in demo_manifest.pictures}
    eye.index([paths["cat"], paths["coins"]], "one")
    eye.index([paths["coffee"]], "two")
    assert [hit.path for hit in eye.search("cat", within=Filter("two")).hits] == [paths["coffee"].resolve()]
    assert not eye.search("cat", within=Filter("two")).decision.matched
    with pytest.raises(NotFoundError, match="three"):
        eye.search("cat", within=Filter("three"))


def test_the_decision_follows_the_library(eye, demo_manifest):
    paths = {p.word: p.path for p in demo_manifest.pictures}
    eye.index([p.path for p in demo_manifest.pictures])
    assert eye.search("cat").decision.matched
    eye.remove([str(paths["cat"])])
    without = eye.search("cat")
    assert not without.decision.matched and paths["cat"].resolve() not in [hit.path for hit in without.hits]
    eye.index([paths["cat"]])
    assert eye.search("cat").decision.matched


def test_a_meaning_helps_where_the_word_is_invented(demo_library, demo_manifest):
    answer = demo_library.search("wampimuk", means="a vehicle with two wheels, handlebars and an engine")
    assert shown_word(demo_manifest, answer.hits[0].path) == "motorcycle"


def test_an_unknown_word_asks_for_its_meaning(demo_library):
    with pytest.raises(UnknownWordError, match=r"know 'wampimuk'.*--means"):
        demo_library.search("wampimuk")


def test_an_empty_library_has_no_match(eye):
    with pytest.raises(NotFoundError, match="mindseye index"):
        eye.search("cat")


def test_no_hits_cannot_be_asked_for(demo_library):
    with pytest.raises(UsageError, match="at least 1"):
        demo_library.search("cat", 0)


@pytest.mark.parametrize("name", ["missing.jpg", "text.jpg"])
def test_a_query_picture_that_cannot_be_read_is_refused(demo_library, tmp_path, name):
    (tmp_path / "text.jpg").write_text("no picture")
    with pytest.raises(UsageError, match=name):
        demo_library.search_picture(tmp_path / name)


def test_an_answer_has_the_documented_shape(demo_library):
    told = demo_library.search("okapi", 2).as_dict()
    assert list(told) == ["query", "decision", "hits", "total", "offset", "senses", "imagined", "timings_ms"]
    assert list(told["decision"]) == ["matched", "probability", "reason", "decided", "by_modality"]
    assert told["senses"] == [], "the okapi is one animal"
    assert {"rank", "item_id", "modality", "uri", "score", "probability"} <= set(told["hits"][0])
    assert told["imagined"] is None and set(told["timings_ms"]) == {"encode", "search", "read", "decide"}
