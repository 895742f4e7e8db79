"""The background bank: common words that any query is compared with, in the same library."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.meanings import Meanings
from mindseye.engine.text.lexicon import Lexicon

SIZE = 2000
COMMON = 50  # SCOWL band: words that most readers know
_SEED = 20151


@dataclass(frozen=True)
class Bank:
    """Background words (b) and what they mean, encoded as queries are."""

    words: tuple[str, ...]
    meanings: Meanings

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint("bank", self.words)


def common_nouns(lexicon: Lexicon) -> list[str]:
    """Return the single-word noun lemmas that most readers know, sorted."""
    return [n for n in lexicon.nouns if n.isalpha() and n in lexicon and lexicon.grades.get(n, 99) <= COMMON]


def bank_words(lexicon: Lexicon) -> tuple[str, ...]:
    """Return a seeded sample of common nouns, sorted: whatever a library holds, most are not in it."""
    nouns = common_nouns(lexicon)
    chosen = np.random.default_rng(_SEED).choice(len(nouns), min(SIZE, len(nouns)), replace=False)
    return tuple(nouns[i] for i in sorted(chosen))
