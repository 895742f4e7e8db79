"""One question, answered with words, pictures, paragraphs and documents."""

import json
from pathlib import Path

import numpy as np
import pytest

from mindseye.api.hit_sheet import write_hits
from mindseye.api.mindseye import Mindseye
from mindseye.engine.errors import UsageError
from mindseye.indexer.filters import Filter
from mindseye.indexer.texts.words import Word

ARTICLES = [
    {
        "title": "Felis catus",
        "paragraphs": [
            "The cat is a small domesticated carnivore that people keep as a house pet. It purrs and hunts mice.",
            "A male cat is called a tom, a young one a kitten. Cats clean their fur with their tongues.",
        ],
    },
    {
        "title": "Espresso",
        "paragraphs": [
            "Espresso is a concentrated coffee brewed by forcing hot water through finely ground beans.",
            "The barista pours the coffee into a small cup with a spoon beside it.",
        ],
    },
    {"title": "Tax law", "paragraphs": ["The court held that the levy on imported goods was not a tax on income."]},
]
WORDS = ("cat", "kitten", "coffee", "cup", "rocket", "king", "queen", "man", "woman", "justice", "flower", "crane")


@pytest.fixture(scope="module")
def mixed(pocket, demo_manifest, tmp_path_factory):
    """The demo's photographs, three articles and a dozen words; tests leave it as it is."""
    home = tmp_path_factory.mktemp("mixed")
    (home / "articles.jsonl").write_text("".join(json.dumps(each) + "\n" for each in ARTICLES))
    with Mindseye(home / "library", pocket, "pytest") as eye:
        eye.index([picture.path for picture in demo_manifest.pictures], "demo")
        eye.index([home / "articles.jsonl"], "articles")
        vectors = pocket.encode_words(WORDS)
        eye.library().index_words([Word(word, "", vector) for word, vector in zip(WORDS, vectors, strict=True)])
        yield eye


def names(hits) -> list[str]:
    """Return what each hit is called: a picture by its file, a text by its title, a paragraph by its number too."""
    return [hit.path.name if hit.modality == "image" else f"{hit.modality} {hit.title}" for hit in hits]


def test_a_word_is_answered_by_all_that_is_about_it(mixed):
    answer = mixed.search("cat", 4)
    assert set(names(answer.hits)) == {"word cat", "chelsea.png", "paragraph Felis catus", "document Felis catus"}
    assert answer.decision.matched and answer.decision.by_modality["image"].matched
    assert [hit.rank for hit in answer.hits] == [1, 2, 3, 4]
    assert answer.total == 13 + 5 + 3 + len(WORDS)


def test_each_modality_may_be_asked_alone_and_apart(mixed):
    assert names(mixed.search("cat", 1, modalities=["word"]).hits) == ["word cat"]
    paragraphs = mixed.search("young cats", 2, modalities=["paragraph"]).hits
    assert paragraphs[0].text.startswith("A male cat") and paragraphs[0].place == "line=1&paragraph=2"
    apart = mixed.search("coffee", 1, apart=True)
    assert names(apart.hits) == ["coffee.png", "word coffee", "paragraph Espresso", "document Espresso"]
    assert [hit.rank for hit in apart.hits] == [1, 1, 1, 1]
    one = mixed.search("coffee", 1, modalities=["document", "image"], apart=True)
    assert names(one.hits) == ["coffee.png", "document Espresso"]


def test_pages_of_the_merged_list_follow_each_other(mixed):
    whole = mixed.search("coffee", 12).hits
    pages = [hit for offset in (0, 5, 10) for hit in mixed.search("coffee", 5, offset=offset).hits]
    assert [hit.item_id for hit in whole] == [hit.item_id for hit in pages[:12]]
    assert [hit.rank for hit in pages[:12]] == list(range(1, 13))


def test_each_modality_keeps_its_own_order_in_the_merged_list(mixed):
    merged = mixed.search("cat", 30).hits
    for modality in ("image", "word", "document"):
        alone = mixed.search("cat", 30, modalities=[modality]).hits
        inside = [hit.item_id for hit in merged if hit.modality == modality]
        assert inside == [hit.item_id for hit in alone][: len(inside)]


def test_the_paragraphs_of_one_document_are_one_answer_among_others(mixed):
    hits = [hit for hit in mixed.search("cat", 30).hits if hit.modality == "paragraph"]
    assert len({hit.document_id for hit in hits}) == len(hits) == 3
    assert len(hits[0].near) == 1 and hits[0].near[0].endswith("articles.jsonl#line=1&paragraph=2")
    assert len(mixed.search("cat", 30, modalities=["paragraph"]).hits) == 5


def test_a_photograph_is_answered_with_words_and_texts(mixed, demo_manifest):
    photograph = next(each.path for each in demo_manifest.pictures if each.path.name == "coffee.png")
    assert names(mixed.search_picture(photograph, 1, modalities=["word"]).hits)[0] in ("word cup", "word coffee")
    apart = mixed.search_picture(photograph, 1, modalities=["paragraph", "document"], apart=True)
    assert names(apart.hits) == ["paragraph Espresso", "document Espresso"]
    assert apart.decision.matched and not apart.decision.decided and apart.decision.probability is None


def test_any_item_asks_for_any_modality_and_is_left_out(mixed):
    library = mixed.library()
    word = library.item("word:kitten")
    assert names(mixed.similar(str(word.id), 1, modalities=["image"]).hits) == ["chelsea.png"]
    assert names(mixed.similar("word:kitten", 2, modalities=["word"]).hits)[0] == "word cat"
    document = library.item("articles.jsonl#line=1")
    alike = mixed.similar(str(document.id), 20).hits
    assert document.id not in [hit.item_id for hit in alike] and "chelsea.png" in names(alike)
    cat = library.item("chelsea.png")
    assert names(mixed.similar(str(cat.id), 1, modalities=["word"]).hits)[0] in ("word cat", "word kitten")


def test_what_nothing_is_about_matches_nothing(mixed):
    answer = mixed.search("submarine volcano", 5, modalities=["image", "paragraph", "document"])
    assert not answer.decision.matched and not any(each.matched for each in answer.decision.by_modality.values())


def test_a_word_found_among_words_is_no_picture_of_it(mixed):
    """Words always hold the word that is asked for: they do not turn "no match" into a match."""
    answer = mixed.search("justice", 5, modalities=["image", "word"])
    assert names(answer.hits)[0] == "word justice" and answer.decision.by_modality["word"].matched
    assert not answer.decision.by_modality["image"].matched and not answer.decision.matched


def test_filters_hold_in_every_modality(mixed):
    hits = mixed.search("coffee", 30, within=Filter(collection="articles")).hits
    assert {hit.modality for hit in hits} == {"paragraph", "document"}
    assert {hit.modality for hit in mixed.search("coffee", 30, within=Filter(path="*.png")).hits} == {"image"}


def test_sums_search_every_modality_and_repeat_none_of_their_terms(mixed, demo_manifest):
    answer = mixed.search("king - man + woman", 3, modalities=["word"])
    assert names(answer.hits)[0] == "word queen" and "word king" not in names(answer.hits)
    assert answer.decision.probability is None and answer.hits[0].probability is None
    coffee = next(each.path for each in demo_manifest.pictures if each.path.name == "coffee.png")
    hits = mixed.search(f"@{coffee} + cat", 13, modalities=["image"]).hits
    assert names(hits)[0] == "chelsea.png" and "coffee.png" not in names(hits)
    assert names(mixed.search("@chelsea.png + cat", 13, modalities=["image"]).hits).count("chelsea.png") == 0
    with pytest.raises(UsageError, match=r"no file and no item 'ghost\.png'"):
        mixed.search("cat + @ghost.png")


def test_no_match_is_decided_for_a_sum_whatever_it_searches(mixed):
    for modalities in (["word"], ["image", "word"], None):
        decision = mixed.search("king - man + woman", 3, modalities=modalities).decision
        assert (decision.matched, decision.decided, decision.probability) == (True, False, None)
        assert "read as the sum king - man + woman; in double quotes" in decision.reason
    with pytest.raises(UsageError, match="has no senses"):
        mixed.search("king - man", sense=1)


@pytest.mark.parametrize("title", ["Star Wars: Episode IV - A New Hope", "Paris - Dakar", "Portrait - oil on canvas"])
def test_a_title_with_a_dash_is_no_sum(mixed, title):
    answer = mixed.search(title, 1)
    assert answer.decision.decided and "sum" not in answer.decision.reason


def test_a_library_of_texts_imagines_no_picture_unless_it_is_told_to(pocket, tmp_path):
    (tmp_path / "note.txt").write_text("A zebra is a striped horse of the African plains.")
    with Mindseye(tmp_path / "library", pocket, "pytest") as eye:
        eye.index([tmp_path / "note.txt"])
        answer = eye.search("zebra", imagine="auto")
        assert answer.imagined is None and names(answer.hits)[0].startswith(("paragraph", "document"))
        assert eye.status().imagined == 0


def test_a_sheet_shows_the_pictures_among_the_hits(mixed, tmp_path):
    assert write_hits(tmp_path / "cats.png", mixed.search("cat", 4), mixed) and (tmp_path / "cats.png").exists()
    assert not write_hits(tmp_path / "none.png", mixed.search("cat", 1, modalities=["word"]), mixed)
    assert not (tmp_path / "none.png").exists()


def test_an_ambiguous_word_answers_with_its_senses_and_a_chosen_one_does_not(mixed):
    senses = {sense.number: sense.definition for sense in mixed.search("crane", 1).senses}
    bird = next(number for number, text in senses.items() if "bird" in text)
    machine = next(number for number, text in senses.items() if "heavy objects" in text)
    assert mixed.search("crane", 1, sense=bird).senses == ()
    one, other = (mixed.query("crane", sense=number).semantic for number in (bird, machine))
    assert not np.allclose(one, other)
    assert mixed.search("espresso machine", 1).senses == (), "a phrase says itself what it means"


def test_a_pasted_paragraph_with_dashes_is_no_sum(mixed):
    text = "The cat - a small carnivore that people keep as a house pet - purrs and hunts mice at night."
    answer = mixed.search(text, 1, modalities=["paragraph"])
    assert answer.hits[0].title == "Felis catus" and answer.decision.probability is not None


@pytest.mark.slow
def test_puppy_over_photographs_articles_and_words(unpacked, cache, tmp_path):
    """3,076 photographs, 1,000 Wikipedia articles (those that name puppies, then the first), and the words."""
    articles = tmp_path / "articles.jsonl"
    articles.write_text("".join(_articles(unpacked.file("enwiki_docs.jsonl.gz"), "pupp", 1000)), encoding="utf-8")
    with Mindseye.open(tmp_path / "library", cache) as eye:
        assert eye.index([unpacked.folder("caltech101_78")], "photographs").added == 3076
        assert eye.index([articles], "articles").documents == 1000
        assert 18_000 < eye.index_words().added < 22_000
        hits = eye.search("puppy", 10).hits
        assert {hit.modality for hit in hits} == {"image", "word", "paragraph", "document"}
        by_modality = {name: eye.search("puppy", 5, modalities=[name]).hits for name in eye.library().modalities()}
        assert [hit.title for hit in by_modality["word"][:2]] == ["puppy", "pup"] and by_modality["word"][
            2
        ].title == "dog"
        assert by_modality["image"][0].path.parent.name == "dalmatian", "the only dogs there are"
        assert by_modality["document"][0].title == "Puppy (band)"
        assert all("pupp" in hit.text.lower() for hit in by_modality["paragraph"])
        assert {hit.title for hit in hits if hit.modality == "paragraph"} >= {"Puppy (band)", "Lajka"}


def _articles(path: Path, naming: str, number: int) -> list[str]:
    import gzip

    with gzip.open(path, "rt", encoding="utf-8") as lines:
        every = list(lines)
    return sorted(every, key=lambda line: f" {naming}" not in line.lower())[:number]
