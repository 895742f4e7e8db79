"""Words written together, told apart."""

import pytest

from mindseye.engine.text.lexicon import Lexicon
from mindseye.engine.text.segmentation import segmented


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("parkinglot", "parking lot"),
        ("carpark", "car park"),  # not carp ark
        ("mobilehomepark", "mobile home park"),
        ("AnnualCrop", "annual crop"),
        ("HerbaceousVegetation", "herbaceous vegetation"),
        ("tenniscourt", "tennis court"),
    ],
)
def test_what_is_written_together_is_told_apart(lexicon, written, read):
    assert segmented(written, lexicon) == read


STAY = "|greenhouse|Leopards|freeway|swellendam|Swellendam|manhattan|McDonald|iPhone|parking lot|n0123|ÄußereAlm"


@pytest.mark.parametrize("word", STAY.split("|"))
def test_words_names_and_what_nobody_knows_stay(lexicon, word):
    assert segmented(word, lexicon) == word
