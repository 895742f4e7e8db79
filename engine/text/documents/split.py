"""A text into paragraphs: natural ones, short neighbours joined, long ones split where sentences end."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

import sentencex

from mindseye.engine.text.documents.window import MAX_CHARACTERS, fits

Span = tuple[int, int]
SHORT = 200  # characters below which a paragraph is joined to the next
_HEADING = 100  # characters that a heading has at most
_BLOCKS = re.compile(r"\S[^\n]*(?:\n[^\S\n]*\S[^\n]*)*")
_WORDS = re.compile(r"\S+")
_LOOK = 4 * MAX_CHARACTERS  # characters in which the next sentence end is looked for
_MAX_MARKS = 32  # combining characters on one letter that are kept together with it
_NO_HEADING_ENDS = tuple(".!?;,…。！？")


def split(text: str) -> list[Span]:
    """Return the places (start, end) of the passages of a text, in order, each of which the encoder takes whole.

    Blank lines part natural paragraphs. What lies between passages is white space only. A short line without a full
    stop counts as a heading and stays with what follows.
    """
    return [part for start, end in _paragraphs(text) for part in spans(text, start, end)]


def spans(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Return one paragraph of a text in as few and as equal parts as fit, cut between sentences where that can be."""
    parts: list[Span] = []
    waiting = [(start, len(text) if end is None else end)]
    while waiting:
        start, end = _stripped(text, *waiting.pop())
        if end - start > MAX_CHARACTERS:
            parts_of = _cut(text, start, end, MAX_CHARACTERS)
        elif start < end and not fits(text[start:end]):
            parts_of = _cut(text, start, end, (end - start + 1) // 2)
        else:
            parts += [(start, end)] if start < end else []
            continue
        waiting.extend(reversed(parts_of))
    return parts


def _paragraphs(text: str) -> Iterator[Span]:
    """Join natural paragraphs: a heading to what follows, a short one to the next where both fit."""
    first, last, heading = 0, -1, False
    for block in _BLOCKS.finditer(text):
        start, end = block.span()
        now = _is_heading(block[0])
        joined = heading or (not now and last - first < SHORT and end - first <= MAX_CHARACTERS)
        if last >= 0 and not joined:
            yield first, last
        first, last, heading = (first if last >= 0 and joined else start), end, now
    if last >= 0:
        yield first, last


def _is_heading(block: str) -> bool:
    line = len(block) <= _HEADING and "\n" not in block and "\t" not in block  # and no row of a table
    return line and not block.rstrip("\"'”’)").endswith(_NO_HEADING_ENDS)


def _cut(text: str, start: int, end: int, limit: int) -> list[Span]:
    """Cut a long span into parts of at most `limit` characters, about as long as each other."""
    equal = -(-(end - start) // -(-(end - start) // limit))
    parts, first, last = [], start, start
    for _, piece in _pieces(text, start, end, limit):
        if last > first and (piece - first > limit or last - first >= equal):
            parts.append((first, last))
            first = last
        last = piece
    return [*parts, (first, last)]


def _pieces(text: str, start: int, end: int, limit: int) -> Iterator[Span]:
    """Yield sentences, and of those longer than `limit` the words, and of such words the characters."""
    for first, last in _sentences(text, start, end):
        if last - first <= limit:
            yield first, last
            continue
        for word in _WORDS.finditer(text, first, last):
            yield from _characters(text, *word.span(), limit)


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield sentences and lines; found within a window that moves on, so that a text without end takes no longer."""
    while start < end:
        window = text[start : min(end, start + _LOOK)]
        ends = [line for each in _boundaries(window) for line in each]
        if start + len(window) < end and len(ends) > 1:
            ends.pop()  # the last one may go on behind the window
        yield from ((start + first, start + last) for first, last in pairwise([0, *ends]))
        start += ends[-1]


def _boundaries(window: str) -> Iterator[list[int]]:
    at = 0
    for line in window.splitlines(keepends=True):
        found = sentencex.get_sentence_boundaries("en", line) if len(line) > _HEADING else []
        yield [at + each["end_index"] for each in found if 0 < each["end_index"] < len(line)] + [at + len(line)]
        at += len(line)


def _characters(text: str, start: int, end: int, limit: int) -> Iterator[Span]:
    """Yield a word in parts of at most `limit` characters, none of which begins with a combining character."""
    while end - start > limit:
        cut = start + limit
        marks = 0
        while marks < min(_MAX_MARKS, limit - 1) and _combines(text[cut - marks]):
            marks += 1
        cut -= marks if marks < min(_MAX_MARKS, limit - 1) else 0
        yield start, cut
        start = cut
    yield start, end


def _combines(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or character == "\u200d"


def _stripped(text: str, start: int, end: int) -> Span:
    while start < end and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return start, end
