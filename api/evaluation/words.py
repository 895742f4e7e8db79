"""Words that no picture of a set shows: random dictionary nouns, unrelated to what is there."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from mindseye.engine.errors import NotFoundError
from mindseye.engine.text.lexicon import Lexicon, normalised
from mindseye.engine.text.wordnet import WordNet


def wordnet() -> WordNet | None:
    """Return WordNet's noun hierarchy where it is installed."""
    try:
        return WordNet()
    except NotFoundError:
        return None


def absent_words(
    lexicon: Lexicon,
    present: Iterable[str],
    bank: Collection[str],
    count: int,
    seed: int = 0,
    net: WordNet | None = None,
) -> list[str]:
    """Return seeded single-word noun lemmas unrelated to the words present and not in the bank.

    Unrelated: no synonym, ancestor or descendant in WordNet; by the dictionary's synonyms alone where it is absent.
    """
    shown = _Shown(lexicon, present, net)
    nouns = [n for n in lexicon.nouns if n.isalpha() and n in lexicon and n not in bank]
    found: list[str] = []
    for place in np.random.default_rng(seed).permutation(len(nouns)):
        if len(found) == count:
            break
        if not shown.covers(nouns[place]):
            found.append(nouns[place])
    return found


def broader_words(lexicon: Lexicon, wnids: Sequence[str], net: WordNet, most: int = 50) -> dict[str, list[int]]:
    """Return single-word nouns whose usual sense has 2 to `most` of some WordNet ids below it, and their places."""
    below: dict[str, list[int]] = {}
    for place, wnid in enumerate(wnids):
        for synset in net.ancestors(wnid.removeprefix("n")):
            below.setdefault(synset, []).append(place)
    nouns = (noun for noun in lexicon.nouns if noun.isalpha() and noun in lexicon)
    found = {noun: below.get(synsets[0], []) for noun in nouns if (synsets := net.synsets(noun))}
    return {noun: places for noun, places in found.items() if 2 <= len(places) <= most}


class _Shown:
    def __init__(self, lexicon: Lexicon, present: Iterable[str], net: WordNet | None) -> None:
        self._net = net
        words = {normalised(word) for word in present}
        heads = {head for word in words if (head := lexicon.head(word))}
        self._words = words | heads | {s for word in words | heads for s in lexicon.synonyms(word)}
        self._synsets = {s for word in words | heads for s in (net.synsets(word) if net else ())}
        self._above = {a for s in self._synsets for a in net.ancestors(s)} if net else set()

    def covers(self, noun: str) -> bool:
        if noun in self._words or self._net is None:
            return noun in self._words
        senses = self._net.synsets(noun)
        return any(s in self._above or self._net.ancestors(s) & self._synsets for s in senses)
