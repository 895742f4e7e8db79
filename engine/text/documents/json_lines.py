"""JSON lines: one document a line, `{"id", "title", "paragraphs"}` or `{"title", "text"}`."""

import json
import zlib
from collections.abc import Iterator
from typing import Any

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents.decoding import clean
from mindseye.engine.text.documents.document import Section
from mindseye.engine.text.documents.limits import MAX_SWELLING, MAX_TEXT

_CHUNK = 1 << 20
_HINT = 'each line must be an object like {"title": …, "paragraphs": [text, …]} or {"title": …, "text": …}, in UTF-8'


def lines(data: bytes, compressed: bool) -> Iterator[bytes | None]:
    """Yield the lines of a file without their ends, None for one that is too long to be held.

    Raises UnreadableFileError where compressed data end: damaged, cut short or a bomb.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFileError("is in UTF-16; JSON lines are UTF-8", "convert it to UTF-8")
    waiting, dropped = bytearray(), False
    for chunk in _unpacked(data) if compressed else _chunks(data):
        *ended, rest = chunk.split(b"\n")
        for each in ended:
            line = bytes(waiting + each)
            yield None if dropped or len(line) > MAX_TEXT else line.removesuffix(b"\r")
            waiting.clear()
            dropped = False
        waiting += b"" if dropped else rest
        if len(waiting) > MAX_TEXT:
            waiting.clear()
            dropped = True
    if waiting or dropped:
        yield None if dropped else bytes(waiting).removesuffix(b"\r")


def record(line: bytes, number: int) -> tuple[str, list[Section]]:
    """Return title and sections of one record. Raises UnreadableFileError for what is none."""
    values = _object(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
    place = f"line={number}"
    title = _string(values, "title") or ""
    if ("text" in values) == ("paragraphs" in values):
        which = "both 'paragraphs' and 'text'" if "text" in values else "neither 'paragraphs' nor 'text'"
        raise UnreadableFileError(f"has {which}", _HINT)
    if "text" in values:
        return title, [Section(place, _string(values, "text") or "")]
    paragraphs = values["paragraphs"]
    if not isinstance(paragraphs, list) or not all(isinstance(each, str) for each in paragraphs):
        raise UnreadableFileError("has 'paragraphs' that are no list of strings", _HINT)
    return title, [Section(f"{place}&paragraph={n}", _mended(each), True) for n, each in enumerate(paragraphs, 1)]


def _object(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"is not UTF-8 (byte {error.start + 1} of the line)", _HINT) from error
    except RecursionError as error:
        raise UnreadableFileError("is nested too deeply to be read", _HINT) from error
    except json.JSONDecodeError as error:
        raise UnreadableFileError(f"is no JSON ({error.msg}, character {error.pos + 1} of the line)", _HINT) from error
    except ValueError as error:  # a number of thousands of digits
        raise UnreadableFileError(f"is no JSON that can be read ({str(error)[:100]})", _HINT) from error
    if not isinstance(values, dict):
        raise UnreadableFileError("is no JSON object", _HINT)
    return values


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise UnreadableFileError(f"says {twice[:50]!r} more than once", _HINT)
    return values


def _string(values: dict[str, Any], key: str) -> str | None:
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise UnreadableFileError(f"has a {key!r} that is no string", _HINT)
    return None if value is None else _mended(value)


def _mended(text: str) -> str:
    """Return clean text in which a mark stands for each half of a character that an escape may have left."""
    return clean(text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _chunks(data: bytes) -> Iterator[bytes]:
    return (data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK))


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Yield what gzip packed, of all members, piece by piece."""
    size, unpacked = len(data), 0
    while data:
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            try:
                chunk = member.decompress(data, _CHUNK)
            except zlib.error as error:
                raise UnreadableFileError("is damaged: it cannot be unpacked any further") from error
            if not chunk and not member.unconsumed_tail and not member.eof:
                raise UnreadableFileError("is cut short: what could be unpacked was read")
            data = member.unconsumed_tail
            unpacked += len(chunk)
            if unpacked > MAX_SWELLING * size + MAX_TEXT:
                raise UnreadableFileError(f"swells to more than {MAX_SWELLING} times its size; the rest is not read")
            yield chunk
        data = member.unused_data.lstrip(b"\0")
