"""Words written together, as folders are named, taken apart: `parkinglot`, `AnnualCrop`."""

import re
from collections.abc import Iterator

from mindseye.engine.text.lexicon import Lexicon

_CAMEL = re.compile(r"(?:[A-Z][a-z]{2,}){2,}")
_SMALL = re.compile(r"[a-z]+")
_COMMON = 35  # grade of the words that nearly everybody knows
_SHORTEST = {2: 3, 3: 4}  # letters of a part, of two and of three


def segmented(word: str, lexicon: Lexicon) -> str:
    """Return a word as several when the dictionary does not know it and it is written like several together.

    Capitals within say where they part; small letters are parted into two common words, or else into three, the most
    common ones.
    """
    if word in lexicon:
        return word
    if _CAMEL.fullmatch(word):
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word).lower()
    if not _SMALL.fullmatch(word):
        return word
    found = list(_parted(word, lexicon, 2)) or list(_parted(word, lexicon, 3))
    return " ".join(min(found, key=lambda parts: sum(lexicon.grades[part] for part in parts), default=(word,)))


def _parted(word: str, lexicon: Lexicon, number: int, shortest: int | None = None) -> Iterator[tuple[str, ...]]:
    """Yield what a word is made of as that number of common words, none of which is shorter than it may be."""
    shortest = shortest or _SHORTEST[number]
    if len(word) < shortest * number:
        return
    if number == 1:
        if lexicon.grades.get(word, _COMMON + 1) <= _COMMON:
            yield (word,)
        return
    for cut in range(shortest, len(word) - shortest + 1):
        for first in _parted(word[:cut], lexicon, 1, shortest):
            yield from (first + rest for rest in _parted(word[cut:], lexicon, number - 1, shortest))
