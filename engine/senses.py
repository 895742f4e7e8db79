"""What a word may mean: its senses, and how well each can be pictured."""

from dataclasses import dataclass
from typing import Any

from mindseye.engine.query import encode_wordings, word_query
from mindseye.engine.space import JointSpace

MOST_SENSES = 24  # of those that a word has, the most usual: "break" has 75
SHOWN = 4


@dataclass(frozen=True)
class KnownSense:
    """A sense of a word, by the number that chooses it; knowledge: how far the mapping knows it."""

    number: int
    definition: str
    knowledge: float

    def as_dict(self) -> dict[str, Any]:
        return {"number": self.number, "definition": self.definition, "knowledge": round(self.knowledge, 3)}


def senses(space: JointSpace, text: str) -> tuple[KnownSense, ...]:
    """Return the senses of an ambiguous word, in the dictionary's order; empty for any other text.

    A word is ambiguous when the dictionary lists it, itself or its singular, with several senses. A phrase is not,
    whatever its last word is: it says itself which is meant.
    """
    listed = space.lexicon.senses(text)[:MOST_SENSES] if text in space.lexicon else []
    if len(listed) < 2:
        return ()
    meanings = encode_wordings(space.text, [word_query(space.lexicon, text, sense=each.number) for each in listed])
    known = space.knowledge(meanings)
    return tuple(KnownSense(s.number, s.definition, float(k)) for s, k in zip(listed, known, strict=True))


def telling_senses(known: tuple[KnownSense, ...], most: int = SHOWN) -> tuple[KnownSense, ...]:
    """Return the senses to show where room is short: those that can best be pictured, in the dictionary's order."""
    best = sorted(known, key=lambda sense: -sense.knowledge)[:most]
    return tuple(sorted(best, key=lambda sense: sense.number))
