"""How a query is put into words for the sentence encoder: the word itself and what the dictionary says of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mindseye.engine.errors import UsageError
from mindseye.engine.text.encoder import Progress, TextEncoder
from mindseye.engine.text.lexicon import Lexicon, Sense
from mindseye.engine.vectors import FloatArray, unit

RECIPE = "word + 'word: definition' of the first 4 senses, mean; a given meaning and 'word: meaning', mean"
MAX_CHARACTERS = 10_000
_SENSES_AVERAGED = 4


@dataclass(frozen=True)
class Wording:
    """What is asked, and the texts whose mean embedding stands for it."""

    text: str
    texts: tuple[str, ...]
    definition: str | None = None
    sense: int | None = None


def word_query(lexicon: Lexicon, text: str, means: str | None = None, sense: int | None = None) -> Wording:
    """Put a query into words.

    means: a definition or visual description that replaces the dictionary's; sense: number of the one sense meant.
    Raises UsageError for an empty or over-long query and for a sense that the dictionary does not have.
    """
    text = _checked(text, "query")
    if means is not None:
        means = _checked(means, "meaning")
        return Wording(text, (f"{text}: {means}", means), definition=means)
    senses = lexicon.senses(text)
    if sense is not None:
        chosen = _chosen(text, senses, sense)
        return Wording(text, (text, _defined(text, chosen)), chosen.definition, sense)
    definition = senses[0].definition if senses else None
    return Wording(text, (text, *(_defined(text, s) for s in senses[:_SENSES_AVERAGED])), definition)


def encode_wordings(encoder: TextEncoder, wordings: Sequence[Wording], progress: Progress | None = None) -> FloatArray:
    """Return one unit row (n, width) a wording: the mean of its texts' embeddings."""
    embeddings = encoder.encode([text for wording in wordings for text in wording.texts], progress)
    starts = np.cumsum([0, *(len(wording.texts) for wording in wordings)])[:-1]
    return unit(np.add.reduceat(embeddings, starts, axis=0)) if wordings else embeddings


def _defined(text: str, sense: Sense) -> str:
    return f"{text}: {sense.definition}"


def _checked(text: str, what: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise UsageError(f"the {what} is empty", "give at least one word")
    if len(text) > MAX_CHARACTERS:
        raise UsageError(f"the {what} has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}", "shorten it")
    return text


def _chosen(text: str, senses: Sequence[Sense], number: int) -> Sense:
    if not senses:
        raise UsageError(f"the dictionary has no senses of {text!r}", "say what it means with --means")
    if not 1 <= number <= len(senses):
        listed = "; ".join(f"{s.number} {s.definition}" for s in senses)
        raise UsageError(f"{text!r} has no sense {number}", f"its senses are: {listed}")
    return senses[number - 1]
