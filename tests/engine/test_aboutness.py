import numpy as np
import pytest

from mindseye.api.evaluation.words import wordnet
from mindseye.engine.evaluation.aboutness import Kinship, Mentions
from mindseye.engine.text.lexicon import Lexicon

LEXICON = Lexicon()
BEAGLE, BASSET, TABBY, SIAMESE = "02088364", "02088238", "02123045", "02123597"  # WordNet ids of ImageNet classes


@pytest.fixture(scope="module")
def kinship():
    net = wordnet()
    if net is None:
        pytest.skip("Debian's wordnet-base is not installed")
    return Kinship(LEXICON, net, [BEAGLE, TABBY])


def test_a_text_is_about_what_its_first_sentence_or_two_of_its_words_mention():
    texts = ["Cranes are tall birds. They eat frogs.", "It eats. A frog, two frogs.", "It sleeps. One crane."]
    mentions = Mentions(LEXICON, texts)
    assert mentions.of(["crane"]).tolist() == [True, False, False]
    assert mentions.of(["frog"]).tolist() == [False, True, False]
    assert mentions.of(["frog", "crane", "unheard"]).tolist() == [True, True, False]


def test_words_are_about_themselves_their_synonyms_and_their_next_of_kin(kinship):
    words = ["hound", "car", "automobile", "beagle", "Beagle", "animal"]
    about = kinship.words_about(["beagle", "car"], words)
    assert about.tolist() == [[True, False, False, True, True, False], [False, True, True, False, False, False]]


def test_texts_are_about_kinds_of_what_is_asked_and_not_about_what_it_is_a_kind_of(kinship):
    texts = ["It hunts hares.", "They bark. They guard.", "A beagle sleeps."]
    synsets = [BEAGLE, kinship.synset("dog"), None]
    about = kinship.texts_about(["dog", "beagle"], synsets, Mentions(LEXICON, texts))
    assert about.tolist() == [[True, True, False], [True, False, True]]


def test_pictures_of_a_class_are_told_of_by_its_name_and_its_kind(kinship):
    words = ["beagle", "hound", "cat", "car"]
    about = kinship.about_classes([kinship.synset(word) for word in words])
    assert about.tolist() == [[True, True, False, False], [False, False, True, False]]
    mentioned = kinship.about_classes([None, None], Mentions(LEXICON, ["A beagle sleeps.", "A car stops."]))
    assert mentioned.tolist() == [[True, False], [False, False]]


def test_words_that_wordnet_lacks_are_about_nothing_but_themselves(kinship):
    assert kinship.words_about(["zzyzx"], ["zzyzx", "dog"]).tolist() == [[True, False]]
    assert not np.any(kinship.below(["zzyzx"], [None, BEAGLE]))


def test_a_family_is_the_broadest_kind_of_some_classes_at_most(kinship):
    net = wordnet()
    dogs_and_cats = Kinship(LEXICON, net, [BEAGLE, BASSET, TABBY, SIAMESE, None])
    assert len(set(dogs_and_cats.families(1).tolist())) == 5
    dogs, cats, unknown = np.split(dogs_and_cats.families(2), [2, 4])
    assert len(set(dogs)) == len(set(cats)) == 1 and len({dogs[0], cats[0], unknown[0]}) == 3
    assert len(set(dogs_and_cats.families(4)[:4].tolist())) == 1
