"""How sums and differences of words and pictures are written: "2*zebra + car", "beach - people + @photo.jpg"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mindseye.engine.errors import UsageError

MOST_TERMS = 8
MOST_WORDS = 6  # of a term without quotes: people add up words and short phrases
_FACTORS = (1e-3, 1e3)  # a term outside of them is all of a sum, or nothing of it
_QUOTED = r'(?<![^\s*@])"[^"]+"(?!\S)'  # a whole term, or what follows its factor or its "@"
_SIGNS = re.compile(rf"{_QUOTED}|(?<=\s)([+-])(?=\s)")  # between white space only: "t-shirt" and "C++" are words
_PLAIN = re.compile(r"[^\W\d_A-Z]+(?:[ '’-][^\W\d_A-Z]+){0,2}")  # up to three words in small letters
_FACTOR = re.compile(r"(\d+(?:\.\d+)?)\s*\*\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Term:
    """One part of a mixture: its factor, negative when it is taken away, and its words or, with an "@", its picture."""

    weight: float
    text: str
    picture: bool = False

    def __str__(self) -> str:
        """Return it as it is written, without its sign."""
        quoted = f'"{self.text}"' if self.picture or is_mixture(self.text) else self.text
        factor = "" if abs(self.weight) == 1 else f"{np.format_float_positional(abs(self.weight), trim='-')}*"
        return f"{factor}{'@' if self.picture else ''}{quoted}"


def read_terms(text: str) -> tuple[Term, ...]:
    """Return the terms of a mixture like "2*zebra + car - stripes" or "beach - people + @photo.jpg".

    Terms stand between " + " and " - ", with white space on both sides; a factor stands before its term with a "*", an
    "@" before the name of a picture. What stands in double quotes is taken as it is: '@"my photo - 1.jpg"'.
    Raises UsageError for an empty term, a factor of zero, a first term that is taken away, and more than MOST_TERMS.
    """
    signs, parts = _split(text)
    if len(parts) > MOST_TERMS:
        raise UsageError(
            f"a mixture of {len(parts)} words",
            f"mix at most {MOST_TERMS}, and put a text with signs of its own into double quotes",
        )
    return tuple(_term(sign, part, text) for sign, part in zip(signs, parts, strict=True))


def is_mixture(text: str) -> bool:
    """Whether a text is read as a sum, and not as the words that it is.

    It is where it has a factor, an "@", quotes or a plus, and where it takes away: but a dash stands between words for
    many reasons, so that only short terms in small letters ("king - man") are taken away, not "Star Wars - A New Hope".
    Terms of more than MOST_WORDS words without quotes are prose.
    """
    signs, parts = _split(text)
    if any(_is_prose(part) for part in parts):
        return False
    marked = "+" in signs[1:] or any(_is_marked(part) for part in parts)
    return marked or (len(parts) > 1 and all(_PLAIN.fullmatch(part) for part in parts))


def written(terms: Sequence[Term]) -> str:
    """Return terms as `read_terms` reads them; the first must not be taken away."""
    first, *rest = terms
    return " ".join([str(first), *(f"{'+' if term.weight > 0 else '-'} {term}" for term in rest)])


def _split(text: str) -> tuple[list[str], list[str]]:
    """Return the signs of a mixture's parts and the parts."""
    text = f" {text.strip()} "
    found = [match for match in _SIGNS.finditer(text) if match[1]]
    starts, ends = [0, *(match.end() for match in found)], [*(match.start() for match in found), len(text)]
    parts = [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return ["+", *(match[1] for match in found)], parts


def _is_marked(part: str) -> bool:
    return bool(part.startswith("@") or _FACTOR.fullmatch(part)) or _unquoted(part) != part


def _is_prose(part: str) -> bool:
    bare = _FACTOR.fullmatch(part)
    words = bare[2] if bare else part
    return not words.startswith(("@", '"')) and len(words.split()) > MOST_WORDS


def _unquoted(part: str) -> str:
    return part[1:-1].strip() if re.fullmatch(r'"[^"]+"', part) else part


def _term(sign: str, part: str, text: str) -> Term:
    found = _FACTOR.fullmatch(part)
    factor, rest = (float(found[1]), found[2]) if found else (1.0, part)
    picture = rest.startswith("@")
    word = _unquoted(rest[1:].strip() if picture else rest)
    if not word:
        hint = 'write it like "2*zebra + car" or "zebra - stripes", and a text with signs of its own in double quotes'
        raise UsageError(f"{text!r} is no mixture: a term is empty", hint)
    if not _FACTORS[0] <= factor <= _FACTORS[1]:
        raise UsageError(f"{text!r} is no mixture: {part!r} has no usable factor", "factors are 0.001 to 1000")
    return Term(factor if sign == "+" else -factor, word, picture)
