"""How a query is put into words for the sentence encoder: the word itself and what the dictionary says of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mindseye.engine.errors import UsageError
from mindseye.engine.meanings import Meanings
from mindseye.engine.text.documents.split import spans
from mindseye.engine.text.encoder import Progress, TextEncoder
from mindseye.engine.text.lexicon import Lexicon, Sense
from mindseye.engine.vectors import unit

RECIPE = "word, 'word: definition' of the first 4 senses; 'word: meaning', the meaning, 'word: third of it'"
MAX_CHARACTERS = 10_000
_SENSES_ASKED = 4
_CLAUSE_ENDS = re.compile(r"[.;,]\s+|\band\b")


@dataclass(frozen=True)
class Wording:
    """What is asked, and the texts that it is put into, all of which stand for it.

    definition: what it means, the dictionary's first sense until a space knows better; sense: the number of the one
    sense asked for; senses: the definitions asked together when none was chosen.
    """

    text: str
    texts: tuple[str, ...]
    definition: str | None = None
    sense: int | None = None
    senses: tuple[str, ...] = ()

    @property
    def telling(self) -> tuple[bool, ...]:
        """Which texts say more than the bare word; all when there is nothing else."""
        return tuple(text != self.text or len(self.texts) == 1 for text in self.texts)


def word_query(lexicon: Lexicon, text: str, means: str | None = None, sense: int | None = None) -> Wording:
    """Put a query into words.

    means: a definition or visual description that replaces the dictionary's; sense: number of the one sense meant.
    A text or meaning too long for the encoder is put into passages, so that all of it counts.
    Raises UsageError for an empty or over-long query and for a sense that the dictionary does not have.
    """
    text = _checked(text, "query")
    if means is not None:
        means = _checked(means, "meaning")
        return Wording(text, tuple(dict.fromkeys(_told(text, means))), definition=means)
    senses = lexicon.senses(text)
    if sense is not None:
        chosen = _chosen(text, senses, sense)
        return Wording(text, (text, _defined(text, chosen)), chosen.definition, sense)
    asked = senses[:_SENSES_ASKED]
    definitions = tuple(each.definition for each in asked)
    texts = (*passages(text), *(_defined(text, each) for each in asked))
    return Wording(text, texts, definitions[0] if asked else None, senses=definitions)


def encode_wordings(encoder: TextEncoder, wordings: Sequence[Wording], progress: Progress | None = None) -> Meanings:
    """Encode the texts of all wordings together; width of the embeddings: the encoder's."""
    texts = encoder.encode([text for wording in wordings for text in wording.texts], progress)
    if not wordings:
        return Meanings.plain(texts)
    owners = np.repeat(np.arange(len(wordings)), [len(wording.texts) for wording in wordings])
    starts = np.searchsorted(owners, np.arange(len(wordings)))
    telling = np.array([told for wording in wordings for told in wording.telling])
    return Meanings(unit(np.add.reduceat(texts, starts, axis=0)), texts[telling], owners[telling])


def thirds(description: str) -> tuple[str, str, str]:
    """Return the first, second and last clauses of a description, a third of them each; the same ones when few."""
    clauses = [clause.strip() for clause in _CLAUSE_ENDS.split(description)]
    clauses = [clause for clause in clauses if len(clause) > 3] or [description]
    starts = [third * len(clauses) // 3 for third in range(4)]
    first, second, last = (" ".join(clauses[a : max(b, a + 1)]) for a, b in pairwise(starts))
    return first, second, last


def _told(text: str, means: str) -> list[str]:
    """Return the texts that a given meaning is put into."""
    if len(parts := passages(means)) > 1:
        return [f"{text}: {part}" for part in parts]
    return [f"{text}: {means}", means, *(f"{text}: {part}" for part in thirds(means))]


def passages(text: str) -> list[str]:
    """Return a text in parts that the sentence encoder takes whole, broken between sentences where that can be."""
    return [text[start:end] for start, end in spans(text)]


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
