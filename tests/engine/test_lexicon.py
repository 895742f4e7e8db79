import pytest

from mindseye.engine.errors import UsageError
from mindseye.engine.query import MAX_CHARACTERS, word_query
from mindseye.engine.text.lexicon import Lexicon


@pytest.fixture(scope="module")
def lexicon():
    return Lexicon()


def test_a_word_has_its_senses_in_order(lexicon):
    senses = lexicon.senses("okapi")
    assert senses[0].number == 1 and "giraffe" in senses[0].definition
    assert [s.number for s in lexicon.senses("crane")] == list(range(1, len(lexicon.senses("crane")) + 1))


@pytest.mark.parametrize(
    ("text", "lemma"),
    [("Cats", "cat"), ("motorcycles", "motorcycle"), ("boxes", "box"), ("berries", "berry"), ("OKAPI ", "okapi")],
)
def test_a_word_is_found_in_other_forms(lexicon, text, lemma):
    assert lexicon.lemma(text) == lemma


def test_a_short_phrase_has_a_head_and_a_sentence_has_none(lexicon):
    assert lexicon.head("blue car") == "car"
    assert lexicon.head("a dog that runs along the beach") is None


def test_an_unknown_word_has_no_senses(lexicon):
    assert lexicon.senses("wampimuk") == [] and "wampimuk" not in lexicon


def test_a_query_is_the_word_and_four_senses(lexicon):
    wording = word_query(lexicon, "crane")
    assert wording.texts[0] == "crane"
    assert wording.texts[1:] == tuple(f"crane: {s.definition}" for s in lexicon.senses("crane")[:4])


def test_a_chosen_sense_stands_alone(lexicon):
    bird = next(s for s in lexicon.senses("crane") if "bird" in s.definition)
    wording = word_query(lexicon, "crane", sense=bird.number)
    assert wording.texts == ("crane", f"crane: {bird.definition}") and wording.sense == bird.number


def test_a_given_meaning_replaces_the_dictionary(lexicon):
    wording = word_query(lexicon, "wampimuk", means="a small furry animal")
    assert wording.texts == ("wampimuk: a small furry animal", "a small furry animal")


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_query_is_refused(lexicon, text):
    with pytest.raises(UsageError, match="empty"):
        word_query(lexicon, text)


def test_an_endless_query_is_refused_with_both_numbers(lexicon):
    with pytest.raises(UsageError, match=r"100,000 characters; the limit is 10,000"):
        word_query(lexicon, "x" * 100_000)
    assert MAX_CHARACTERS == 10_000


def test_a_sense_that_is_not_there_lists_those_that_are(lexicon):
    with pytest.raises(UsageError, match="its senses are: 1 similar to the giraffe"):
        word_query(lexicon, "okapi", sense=9)
    with pytest.raises(UsageError, match="no senses"):
        word_query(lexicon, "wampimuk", sense=1)
