"""JSON lines: a bad record is told with its line, and the others are read."""

import gzip
import hashlib
import json
import re

import pytest

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import Document, read_documents
from tests.engine.documents.builders import jsonl

GOOD = b'{"title": "Dogs", "paragraphs": ["A dog runs."]}'
BAD = {
    "no JSON": (b"{'text': 1}", "is no JSON (Expecting property name enclosed in double quotes, character 2"),
    "cut short": (b'{"text": "A do', "is no JSON (Unterminated string"),
    "two objects": (b'{"text": "a"}{"text": "b"}', "is no JSON (Extra data, character 14"),
    "an array": (b'["a"]', "is no JSON object"),
    "a string": (b'"a"', "is no JSON object"),
    "nothing to read": (b'{"title": "a"}', "has neither 'paragraphs' nor 'text'"),
    "both": (b'{"text": "a", "paragraphs": ["b"]}', "has both 'paragraphs' and 'text'"),
    "paragraphs no list": (b'{"paragraphs": "a"}', "has 'paragraphs' that are no list of strings"),
    "paragraphs of numbers": (b'{"paragraphs": ["a", 1]}', "has 'paragraphs' that are no list of strings"),
    "text a number": (b'{"text": 1}', "has a 'text' that is no string"),
    "title a list": (b'{"title": ["a"], "text": "b"}', "has a 'title' that is no string"),
    "a key twice": (b'{"text": "a", "text": "b"}', "says 'text' more than once"),
    "no text": (b'{"paragraphs": ["", " \\n"]}', "holds no text"),
    "no paragraphs": (b'{"paragraphs": []}', "holds no text"),
    "null": (b'{"text": null}', "holds no text"),
    "not UTF-8": (b'{"text": "caf\xe9"}', "is not UTF-8 (byte 14 of the line)"),
    "nested without end": (b'{"text": ' + b"[" * 100_000, "is nested too deeply to be read"),
    "a number without end": (b'{"id": ' + b"1" * 10_000 + b', "text": "a"}', "is no JSON that can be read"),
    "NUL bytes": (bytes(20), "is no JSON"),
    "a line without end": (b'{"text": "' + b"a" * 33_000_000, "has more than 32 MB; split it into smaller files"),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("case", BAD)
def test_a_bad_record_is_told_and_the_next_is_read(case, packed):
    line, reason = BAD[case]
    data = b"\n".join([GOOD, line, GOOD])
    name = "a.jsonl.gz" if packed else "a.jsonl"
    first, bad, last = read_documents(gzip.compress(data, 1) if packed else data, name)
    assert isinstance(bad, UnreadableFileError)
    assert str(bad).startswith(f"{name}#line=2 ")
    assert reason in str(bad)
    assert (first.place, last.place) == ("line=1", "line=3")
    assert first.passages[0].text == last.passages[0].text == "A dog runs."
    assert last.sha256 == hashlib.sha256(GOOD).hexdigest()


def test_lines_are_numbered_with_the_empty_ones_and_end_at_newlines_only():
    data = (
        b"\xef\xbb\xbf" + GOOD + b"\r\n\r\n \n" + json.dumps({"text": "a\u2028b\u0085c"}, ensure_ascii=False).encode()
    )
    first, second = read_documents(data, "a.ndjson")
    assert (first.place, second.place) == ("line=1", "line=4")
    assert second.passages[0].text == "a\nb\nc"


def test_halves_of_characters_are_marked_and_pairs_are_whole():
    (found,) = read_documents(rb'{"text": "a \ud83d\udc15 b \ud83d c\u0000", "title": "\udc15"}', "a.jsonl")
    assert (found.passages[0].text, found.title) == ("a 🐕 b � c", "�")
    found.passages[0].text.encode()


def test_paragraphs_keep_their_numbers_and_only_long_ones_are_split():
    long = " ".join(f"Sentence number {n} of a long paragraph." for n in range(40))
    (found,) = read_documents(jsonl({"id": 7, "title": None, "paragraphs": ["One.", "", long, "Four."]}), "a.jsonl")
    places = [each.place for each in found.passages]
    assert places[0] == "line=1&paragraph=1"
    assert places[-1] == "line=1&paragraph=4"
    assert all(re.fullmatch(r"line=1&paragraph=3&char=\d+,\d+", each) for each in places[1:-1])
    for each in found.passages[1:-1]:
        start, end = map(int, each.place.rpartition("=")[2].split(","))
        assert long[start:end] == each.text


def test_many_records_and_members_of_gzip():
    one = jsonl(*({"text": f"Text {n}."} for n in range(2000)))
    found = list(read_documents(gzip.compress(one) + gzip.compress(one), "a.jsonl.gz"))
    assert len(found) == 4000
    assert all(isinstance(each, Document) for each in found)
    assert found[3999].passages[0].text == "Text 1999."


def test_what_a_damaged_archive_still_gave_is_kept():
    packed = gzip.compress(jsonl(*({"text": f"{n} {hashlib.sha256(bytes([n])).hexdigest()}"} for n in range(200))))
    found = []
    with pytest.raises(UnreadableFileError, match=r"a\.jsonl\.gz is cut short"):
        found.extend(read_documents(packed[: len(packed) // 2], "a.jsonl.gz"))
    found = []
    with pytest.raises(UnreadableFileError):
        for each in read_documents(packed[: len(packed) // 2], "a.jsonl.gz"):
            found.append(each)
    assert len(found) > 50
    assert found[50].passages[0].text.startswith("50 ")
