"""What texts are about, as far as a dictionary and WordNet can tell: the truth that P(relevance) is fitted to."""

import re
from collections.abc import Iterable, Sequence
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.text.lexicon import Lexicon, normalised
from mindseye.engine.text.wordnet import WordNet

MENTIONS = 2  # of a word make a text be about it; in the first sentence one does
BROAD = 50  # classes below a word that still says something about each
_FIRST_SENTENCE = re.compile(r"(?<=[.!?])\s")
_WORD = re.compile(r"[a-z]+(?:[-'][a-z]+)*")


class Mentions:
    """The lemmas that each of some texts mentions prominently: in its first sentence, or twice."""

    def __init__(self, lexicon: Lexicon, texts: Sequence[str]) -> None:
        self._lemma = cache(lambda word: lexicon.lemma(word) or word)
        self._count = len(texts)
        self.places: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            for lemma in self._prominent(text.lower()):
                self.places.setdefault(lemma, []).append(place)

    def of(self, words: Iterable[str]) -> NDArray[np.bool_]:
        """Return which texts (n,) mention any of some lemmas prominently."""
        found = np.zeros(self._count, dtype=bool)
        for word in words:
            found[self.places.get(word, [])] = True
        return found

    def _prominent(self, text: str) -> set[str]:
        first, *_ = _FIRST_SENTENCE.split(text, maxsplit=1)
        names, counts = np.unique([self._lemma(word) for word in _WORD.findall(text)], return_counts=True)
        return set(names[counts >= MENTIONS].tolist()) | {self._lemma(word) for word in _WORD.findall(first)}


class Kinship:
    """Which nouns are kinds of which, in their usual sense.

    classes: synsets, where they are known, of pictures' classes.
    """

    def __init__(self, lexicon: Lexicon, net: WordNet, classes: Sequence[str | None]) -> None:
        self.classes = tuple(classes)
        self._lexicon, self._net = lexicon, net

    def synset(self, word: str) -> str | None:
        """Return the usual synset of a noun; None when it has none."""
        return next(iter(self._net.synsets(self._lexicon.lemma(word) or word)), None)

    def parents(self, word: str) -> tuple[str, ...]:
        """Return the synsets that a noun is directly a kind of."""
        synset = self.synset(word)
        return self._net.parents(synset) if synset else ()

    def words_about(self, asked: Sequence[str], words: Sequence[str]) -> NDArray[np.bool_]:
        """Return which words (n) mean what each word asked (q) does, or its kind, or a kind of it; (q, n)."""
        places = _places(normalised(word) for word in words)
        meant, kinds = _places(self.synset(word) for word in words), _places_of(self.parents(word) for word in words)
        about = np.zeros((len(asked), len(words)), dtype=bool)
        for row, word in zip(about, asked, strict=True):
            synset = self.synset(word)
            for same in {normalised(word), *self._lexicon.synonyms(word)}:
                row[places.get(same, [])] = True
            for near in (synset, *self.parents(word)) if synset else ():
                row[meant.get(near, [])] = True
            row[kinds.get(synset, [])] = True
        return about

    def texts_about(self, asked: Sequence[str], synsets: Sequence[str | None], mentions: Mentions) -> NDArray[np.bool_]:
        """Return which texts (n) tell of what each word asked (q) means, or of a kind of it, or mention it; (q, n)."""
        about = self.below(asked, synsets)
        for row, word in zip(about, asked, strict=True):
            same = self._named.get(self.synset(word), ())
            row |= mentions.of({self._lexicon.lemma(word) or normalised(word), *same})
        return about

    def below(self, asked: Sequence[str], synsets: Sequence[str | None]) -> NDArray[np.bool_]:
        """Return which synsets (n) are what each word asked (q) means, or kinds of it; (q, n)."""
        places = _places_of(self._above(synset) for synset in synsets)
        about = np.zeros((len(asked), len(synsets)), dtype=bool)
        for row, word in zip(about, asked, strict=True):
            row[places.get(self.synset(word), [])] = True
        return about

    def about_classes(self, synsets: Sequence[str | None], mentions: Mentions | None = None) -> NDArray[np.bool_]:
        """Return which words or texts (n) mean what pictures of each class (c) show, its kind or a kind of it; (c, n).

        mentions: of texts, which may also mention it.
        """
        meant, below = _places(synsets), _places_of(self._above(synset) for synset in synsets)
        covered = _places_of(self._above(synset) for synset in self.classes)
        about = np.zeros((len(self.classes), len(synsets)), dtype=bool)
        for row, own in zip(about, self.classes, strict=True):
            row[below.get(own, [])] = True
            if mentions:
                row |= mentions.of(self._named.get(own, ()))
            for above in self._above(own):
                if len(covered[above]) <= BROAD:
                    row[meant.get(above, [])] = True
        return about

    def families(self, most: int) -> NDArray[np.int64]:
        """Return the family (c,) of each class, numbered: its broadest kind that `most` classes at most are of."""
        covered = _places_of(self._above(synset) for synset in self.classes)
        names = []
        for place, synset in enumerate(self.classes):
            kinds = ((len(covered[above]), above) for above in self._above(synset) if len(covered[above]) <= most)
            names.append(max(kinds, default=(0, f"unknown {place}"))[1])
        return np.unique(names, return_inverse=True)[1]

    def _above(self, synset: str | None) -> frozenset[str]:
        return self._net.ancestors(synset) if synset else frozenset()

    @cached_property
    def _named(self) -> dict[str | None, list[str]]:
        """The nouns that usually mean each synset."""
        named: dict[str | None, list[str]] = {}
        for noun in self._lexicon.nouns:
            if synset := self.synset(noun):
                named.setdefault(synset, []).append(noun)
        return named


def _places(names: Iterable[str | None]) -> dict[str | None, list[int]]:
    return _places_of((name,) if name else () for name in names)


def _places_of(several: Iterable[Iterable[str]]) -> dict[str | None, list[int]]:
    """Return, for each name, the places of the collections that hold it."""
    places: dict[str | None, list[int]] = {}
    for place, names in enumerate(several):
        for name in names:
            places.setdefault(name, []).append(place)
    return places
