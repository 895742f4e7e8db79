"""Words to finish what is being typed with, each with what it means."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

from mindseye.engine.text.concreteness import ratings
from mindseye.engine.text.lexicon import Lexicon, normalised
from mindseye.engine.text.words import is_rude

SHOWN = 8
_LOOKED_AT = 4000  # lemmas that begin alike: "s" has more, none of them is what is meant
_RARE = 100  # beyond SCOWL's bands
_SHORT = 2  # letters: such lemmas are signs of elements and units, seldom what is being typed
_SIGNS = (" + ", " - ")
_NAMES = re.compile(r"\(\d{4}|\bborn\b|^\(|\bUnited States\b|\bEnglish\b|\bBritish\b|\bsymbol\b")  # no common nouns


@dataclass(frozen=True)
class Suggestion:
    """A word, the whole text that it makes of what was typed, one of its meanings, and how many it has."""

    word: str
    text: str
    gloss: str
    senses: int


def suggest(lexicon: Lexicon, typed: str) -> list[Suggestion]:
    """Return words that begin like the last term typed, common and concrete ones first."""
    before, last = _split(typed)
    start = normalised(last)
    if not start:
        return []
    lemmas = _sorted_lemmas(lexicon)
    first = bisect_left(lemmas, start)
    alike = [lemma for lemma in lemmas[first : first + _LOOKED_AT] if lemma.startswith(start)]
    best = sorted(alike, key=lambda lemma: _rank(lexicon, lemma, start))
    polite = (lemma for lemma in best if lemma == start or not is_rude(lemma, lexicon))
    return [_suggestion(lexicon, before, lemma) for lemma, _ in zip(polite, range(SHOWN), strict=False)]


def _split(typed: str) -> tuple[str, str]:
    """Return what stands before the last term of a sum, and that term."""
    end = max(typed.rfind(sign) + len(sign) if sign in typed else 0 for sign in _SIGNS)
    return typed[:end], typed[end:]


@lru_cache(maxsize=1)
def _sorted_lemmas(lexicon: Lexicon) -> list[str]:
    return sorted(lexicon.lemmas)


def _rank(lexicon: Lexicon, lemma: str, start: str) -> tuple[bool, int, float, int, str]:
    grade = lexicon.grades.get(lemma, _RARE)
    is_typed = lemma == start and len(start) > _SHORT
    return not is_typed, grade // 20, -ratings().get(lemma, 0.0), len(lemma), lemma


def _suggestion(lexicon: Lexicon, before: str, lemma: str) -> Suggestion:
    told = [sense.definition for sense in lexicon.senses(lemma)]
    gloss = next((each for each in told if not _NAMES.search(each)), told[0])
    return Suggestion(lemma, before + lemma, gloss, len(told))
