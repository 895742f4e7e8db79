"""Damaged files of every format: each is read or refused, and nothing else happens."""

import gzip
import random

import pytest

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import Document, read_documents
from tests.engine.documents import builders
from tests.engine.documents.test_formats import FORMATS, PARAGRAPHS

PAGE = b"""<!DOCTYPE html><title>Dogs</title><body><h1>A &amp; B</h1><ul><li>one<li>two</ul><table><tr><td>a<td>b
<script>x</script><!-- c --><p hidden>h</p><pre> x </pre><b><i>bad</b></i><svg><title>t</title></svg>"""
MARKDOWN = b"# Dogs\n\n> quote\n\n1. one\n   - two\n\n|a|b|\n|-|-|\n|c|d|\n\n"
MARKDOWN += b"[x](y) ![z](w) `c` **b _i_**\n\n<p>h</p>\n"
SEEDS = {
    **{name: build(PARAGRAPHS, "A title") for name, build in FORMATS.items()},
    "b.html": PAGE,
    "b.md": MARKDOWN,
    "b.jsonl": builders.jsonl({"id": 1, "title": "t", "paragraphs": ["a", "b"]}, {"text": "c"}),
    "b.docx": builders.zipped(builders.docx_members(builders.word_paragraph("A dog."), "t"), 0),
    "b.epub": builders.zipped(builders.epub_members(["<p>A dog.</p>"], "t"), 0),
    "b.jsonl.gz": gzip.compress(builders.jsonl({"text": "c"}), 0),
}


def mutant(data: bytes, rng: random.Random) -> bytes:
    """Change, cut, double or insert a few bytes."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        at = rng.randrange(len(changed) + 1)
        length = rng.choice([1, 1, 4, 40])
        what = rng.randrange(5)
        if what == 0:
            changed[at : at + length] = rng.randbytes(length)
        elif what == 1:
            del changed[at : at + length]
        elif what == 2:
            changed[at:at] = changed[at : at + length] * rng.choice([1, 3, 50])
        elif what == 3:
            changed[at:at] = rng.choice(
                [b"<", b">", b"\0", b"\xff", b"&", b'"', b"{", b"[", b"\n", b"999999999", b"-1"]
            )
        elif at < len(changed):
            changed[at] ^= 1 << rng.randrange(8)
    return bytes(changed if rng.random() < 0.9 else changed[: rng.randrange(len(changed) + 1)])


def assert_read_or_refused(data: bytes, name: str) -> None:
    try:
        for found in read_documents(data, name):
            assert isinstance(found, Document | UnreadableFileError)
            if isinstance(found, Document):
                assert all(each.text.strip() == each.text != "" for each in found.passages)
                assert found.passages
                "".join(each.text for each in found.passages).encode()
    except UnreadableFileError as error:
        assert str(error).startswith(name)


@pytest.mark.parametrize("name", SEEDS)
def test_thirty_mutants_of_each_are_read_or_refused(name, monkeypatch):
    fuzz(name, monkeypatch, seed=0, mutants=30)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEEDS)
def test_thousands_of_mutants_are_read_or_refused(name, monkeypatch):
    fuzz(name, monkeypatch, seed=1, mutants=1000)


def fuzz(name: str, monkeypatch: pytest.MonkeyPatch, seed: int, mutants: int) -> None:
    monkeypatch.setattr("mindseye.engine.text.documents.limits.MAX_SECONDS", 10)
    rng = random.Random(f"{name} {seed}")
    for _ in range(mutants):
        assert_read_or_refused(mutant(SEEDS[name], rng), name)
