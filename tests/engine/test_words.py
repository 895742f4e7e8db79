"""The built-in collection of words, and what a word may mean."""

from types import SimpleNamespace

import numpy as np
import pytest

from mindseye.engine.query import Wording
from mindseye.engine.senses import telling_senses, with_senses
from mindseye.engine.space import Traits
from mindseye.engine.text.lexicon import Lexicon
from mindseye.engine.text.word_vectors import WordVectors
from mindseye.engine.text.words import common_words, is_rude
from mindseye.engine.vocabulary import numbered_senses, word_items


@pytest.fixture(scope="module")
def lexicon():
    return Lexicon()


@pytest.fixture(scope="module")
def words(lexicon):
    return common_words(lexicon)


def test_there_are_about_twenty_thousand_of_them_each_once_and_sorted(words, lexicon):
    assert 19_000 <= len(words) <= 21_000
    assert list(words) == sorted(set(words)) and common_words(Lexicon()) == words
    assert all(word in lexicon.lemmas and word.isalpha() and word.islower() for word in words)


def test_they_are_mostly_nouns_but_not_only(words, lexicon):
    nouns = len(set(words) & set(lexicon.nouns))
    assert 0.6 * len(words) < nouns < 0.95 * len(words)


@pytest.mark.parametrize(
    "word", ["puppy", "crane", "bat", "red", "running", "eat", "justice", "zebra", "albatross", "ibex", "ox", "queen"]
)
def test_words_that_people_know_are_among_them(words, word):
    assert word in words


@pytest.mark.parametrize(
    "word", ["houses", "zebras", "quickly", "paris", "hugo", "am", "sesquipedalian", "nigger", "slut"]
)  # fmt: skip
def test_inflected_forms_names_rarities_and_rude_words_are_not(words, word):
    assert word not in words


def test_a_word_with_a_rude_sense_among_many_is_not_rude(lexicon):
    assert is_rude("dago", lexicon) and not is_rude("queen", lexicon) and not is_rude("attack", lexicon)


def test_senses_are_numbered_where_there_are_several(lexicon):
    assert numbered_senses(lexicon, "okapi").startswith("similar to the giraffe")
    lines = numbered_senses(lexicon, "bat").split("\n")
    assert lines[0].startswith("1 nocturnal") and [line.split()[0] for line in lines] == [str(n) for n in range(1, 11)]


class Counting:
    """A few words, so that encoding them takes no minutes; it counts what is encoded."""

    def __init__(self, encoder):
        self.encoder, self.encoded = encoder, 0
        self.width, self.fingerprint = encoder.width, encoder.fingerprint

    def encode(self, texts, progress=None):
        self.encoded += len(texts)
        return self.encoder.encode(texts, progress)


@pytest.fixture
def few(pocket, monkeypatch):
    """The pocket space, counting, and three words."""
    monkeypatch.setattr("mindseye.engine.vocabulary.common_words", lambda lexicon: ("bat", "okapi", "puppy"))
    monkeypatch.setattr(pocket, "text", Counting(pocket.text))
    return pocket


def test_words_are_encoded_as_queries_once(few, tmp_path):
    told = []
    items = word_items(few, tmp_path, lambda done, total: told.append((done, total)))
    assert items.words == ("bat", "okapi", "puppy") and items.embeddings.dtype == np.float32
    assert told[-1] == (10, 10)  # bat and four senses, okapi and one, puppy and two
    queries = few.word_queries([few.wording(word) for word in items.words])
    assert items.embeddings == pytest.approx(np.stack([query.semantic for query in queries]), abs=1e-3)
    assert items.definitions[2] == "1 a young dog\n2 an inexperienced young person"
    before = few.text.encoded
    again = word_items(few, tmp_path)
    assert few.text.encoded == before and np.array_equal(again.embeddings, items.embeddings)


@pytest.mark.parametrize("damage", [b"", b"junk", None])
def test_what_is_kept_and_damaged_is_made_again(few, tmp_path, damage):
    first = word_items(few, tmp_path)
    (kept,) = tmp_path.glob("words-*.safetensors")
    kept.write_bytes(kept.read_bytes()[:-100] if damage is None else damage)
    assert np.array_equal(word_items(few, tmp_path).embeddings, first.embeddings)


def test_a_space_of_word_vectors_takes_the_words_it_knows(lexicon, words, tmp_path):
    vectors = WordVectors({"okapi": 0, "puppy": 1, "zebra": 2}, np.eye(3, dtype=np.float32))
    space = SimpleNamespace(text=vectors, lexicon=lexicon, traits=Traits(defined=False), wording=as_it_stands)
    items = word_items(space, tmp_path)
    assert "okapi" not in words and items.words == ("puppy", "zebra")
    assert np.array_equal(items.embeddings, np.eye(3, dtype=np.float32)[1:])
    assert items.definitions[0] == "1 a young dog\n2 an inexperienced young person"


def as_it_stands(word):
    return Wording(word, (word,))


def senses(space, text):
    return with_senses(space, space.wording(text))[1]


def test_an_ambiguous_word_answers_with_its_senses(pocket):
    found = senses(pocket, "Cranes")
    assert [sense.number for sense in found] == list(range(1, 7))
    bird = next(sense for sense in found if "wading bird" in sense.definition)
    poet = next(sense for sense in found if "poet" in sense.definition)
    assert bird.knowledge > poet.knowledge
    assert bird.as_dict() == {"number": 5, "definition": bird.definition, "knowledge": round(bird.knowledge, 3)}


@pytest.mark.parametrize("text", ["crane", "break", "okapi", "a dog on a beach"])
def test_a_query_is_the_same_with_its_senses_as_alone(pocket, text):
    alone, (query, _) = pocket.word_query(text), with_senses(pocket, pocket.wording(text))
    assert query.wording == alone.wording
    np.testing.assert_allclose(query.unweighted, alone.unweighted, atol=1e-5)
    assert query.knowledge == pytest.approx(alone.knowledge, rel=1e-4)


def test_a_sense_chosen_is_as_known_as_its_query(pocket):
    for sense in senses(pocket, "bat"):
        assert sense.knowledge == pytest.approx(pocket.word_query("bat", sense=sense.number).knowledge, abs=0.02)


@pytest.mark.parametrize("text", ["okapi", "wampimuk", "a dog on a beach", "blue crane"])
def test_other_texts_have_none(pocket, text):
    assert senses(pocket, text) == ()


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("crane", {"lifts and moves heavy", "large long-necked wading"}),
        ("bat", {"nocturnal mouselike mammal", "a club used for hitting"}),
        ("seal", {"any of numerous marine", "a stamp affixed to"}),
        ("mouse", {"any of numerous small rodents", "a hand-operated electronic"}),
    ],
)
def test_a_short_list_shows_senses_that_differ_and_can_be_pictured(pocket, word, meant):
    shown = telling_senses(senses(pocket, word))
    assert len(shown) == 4 and [sense.number for sense in shown] == sorted(sense.number for sense in shown)
    assert all(any(sense.definition.startswith(start) for sense in shown) for start in meant)


def test_a_word_of_two_senses_shows_both(pocket):
    assert [sense.number for sense in telling_senses(senses(pocket, "puppy"))] == [1, 2]


def test_a_word_of_very_many_senses_stays_short(pocket):
    assert len(senses(pocket, "break")) == 24 and len(telling_senses(senses(pocket, "break"))) == 4
