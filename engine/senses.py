"""What a word may mean: its senses, how well each can be pictured, and which of them to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mindseye.engine.query import Wording, word_query
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.vectors import FloatArray

MOST_SENSES = 24  # looked at, the most usual: "break" has 75
SHOWN = 4


@dataclass(frozen=True)
class KnownSense:
    """A sense of a word, by the number that chooses it.

    knowledge: how far the mapping knows it; telling: whether it is among the few that show best what the word may mean.
    """

    number: int
    definition: str
    knowledge: float
    telling: bool

    def as_dict(self) -> dict[str, Any]:
        return {"number": self.number, "definition": self.definition, "knowledge": round(self.knowledge, 3)}


def with_senses(space: JointSpace, wording: Wording) -> tuple[Query, tuple[KnownSense, ...]]:
    """Return the query by a text and, of an ambiguous word, its senses in the dictionary's order; empty for any other.

    A word is ambiguous when the dictionary lists it, itself or its singular, with several senses. A phrase is not,
    whatever its last word is: it says itself which is meant. All are mapped together, because a search waits for them.
    Raises UnknownWordError as `JointSpace.word_queries`.
    """
    text = wording.text
    listed = space.lexicon.senses(text)[:MOST_SENSES] if text in space.lexicon else []
    if len(listed) < 2:
        return space.word_queries([wording])[0], ()
    space.encode_texts(wording.texts)  # as they are encoded alone; the senses find them remembered
    each = [word_query(space.lexicon, text, sense=sense.number) for sense in listed]
    query, *asked = space.word_queries([wording, *each])
    known = np.array([one.knowledge for one in asked], dtype=np.float32)
    telling = _telling(np.vstack([one.meanings.texts for one in asked]), known)
    told = tuple(
        KnownSense(sense.number, sense.definition, float(known[place]), place in telling)
        for place, sense in enumerate(listed)
    )
    return query, told


def telling_senses(known: Sequence[KnownSense]) -> tuple[KnownSense, ...]:
    """Return the senses to show where room is short."""
    return tuple(sense for sense in known if sense.telling)


def _telling(embeddings: FloatArray, known: FloatArray) -> set[int]:
    """Return the places of a few senses (s, ds) that differ, those first that can be pictured.

    The best known comes first, then whatever is farthest from those chosen, times the square root of how far it is
    known: by knowledge alone "bat" is four kinds of clubs and no animal.
    """
    chosen = [int(known.argmax())]
    while len(chosen) < min(SHOWN, len(known)):
        apart = 1 - (embeddings @ embeddings[chosen].T).max(axis=1)
        apart[chosen] = -1
        chosen.append(int((apart * np.sqrt(known)).argmax()))
    return set(chosen)
