"""One contract for every format: the same text gives the same paragraphs, and places point at them."""

import gzip
import hashlib
import re
from urllib.parse import parse_qs

import pytest

from mindseye.engine.text.documents import SUFFIXES, Document, extracts, read_documents, suffix_of
from tests.engine.documents import builders

PARAGRAPHS = [
    "On harbours",
    "The old harbour of the town lies empty. Boats are rotting in the mud, and the gulls have gone elsewhere.",
    "It was not always so: “Ships came from afar”, says Mr. Brown – and carried tea, café & silk to 3.5 million.",
    " ".join(f"In the year {year} some {year // 3} barrels of herring were landed here." for year in range(1800, 1830)),
    "Now only the lighthouse keeper stays.",
]
FORMATS = {
    "a.txt": lambda ps, title: "\n\n".join(ps).encode(),
    "a.md": lambda ps, title: (f"---\ntitle: {title}\n---\n" + "\n\n".join(ps)).encode(),
    "a.html": builders.html,
    "a.xhtml": builders.html,
    "a.pdf": lambda ps, title: builders.pdf([ps], title),
    "a.docx": builders.docx,
    "a.epub": builders.epub,
    "a.jsonl": lambda ps, title: builders.jsonl({"title": title, "text": "\n\n".join(ps)}),
    "a.jsonl.gz": lambda ps, title: gzip.compress(builders.jsonl({"title": title, "text": "\n\n".join(ps)})),
}
every_format = pytest.mark.parametrize("name", FORMATS)


def read_one(data: bytes, name: str) -> Document:
    (document,) = read_documents(data, name)
    assert isinstance(document, Document), document
    return document


@every_format
def test_the_same_text_gives_the_same_paragraphs(name):
    plain = read_one(FORMATS["a.txt"](PARAGRAPHS, ""), "a.txt")
    found = read_one(FORMATS[name](PARAGRAPHS, "A title"), name)
    assert [" ".join(each.text.split()) for each in found.passages] == [
        " ".join(each.text.split()) for each in plain.passages
    ]
    assert len(found.passages) > 3


@every_format
def test_places_point_at_the_text_of_their_passage(name):
    data = FORMATS[name](PARAGRAPHS, "A title")
    (extract,) = extracts(data, name)
    texts = {section.place: section.text for section in extract.sections}
    for passage in read_one(data, name).passages:
        section, _, at = passage.place.rpartition("char=")
        start, end = map(int, at.split(","))
        assert texts[section.rstrip("&")][start:end] == passage.text


@every_format
def test_nothing_is_lost(name):
    found = read_one(FORMATS[name](PARAGRAPHS, "A title"), name)
    assert " ".join(" ".join(each.text for each in found.passages).split()) == " ".join(PARAGRAPHS)


@every_format
def test_the_title_is_the_documents_own_and_never_its_file_name(name):
    assert read_one(FORMATS[name](PARAGRAPHS, "A title"), name).title == ("" if name == "a.txt" else "A title")
    assert read_one(FORMATS[name](PARAGRAPHS[1:], ""), name).title == ""


@every_format
def test_identity_is_of_the_file_or_of_the_line(name):
    data = FORMATS[name](PARAGRAPHS, "A title")
    found = read_one(data, name)
    meant = builders.jsonl({"title": "A title", "text": "\n\n".join(PARAGRAPHS)}).rstrip() if "json" in name else data
    assert (found.sha256, found.size) == (hashlib.sha256(meant).hexdigest(), len(meant))
    assert found.place == ("line=1" if "json" in name else "")


@every_format
def test_an_empty_file_and_white_space_are_told_apart(name):
    with pytest.raises(Exception, match=re.escape(f"{name} is empty (0 bytes)")):
        list(read_documents(b"", name))
    if name.endswith((".txt", ".md", ".html", ".jsonl")):
        with pytest.raises(Exception, match="holds only white space"):
            list(read_documents(b" \r\n\t\n", name))


def test_every_suffix_is_read():
    assert {suffix_of(name) for name in FORMATS} <= SUFFIXES
    assert {suffix_of("X.Y.JSONL.GZ"), suffix_of("a.MARKDOWN"), suffix_of("b.ndjson"), suffix_of("c.htm")} <= SUFFIXES
    assert suffix_of("a.tar.gz") not in SUFFIXES
    assert suffix_of("README") == ""


def test_places_are_fragments_that_any_parser_of_queries_reads():
    record = read_one(builders.jsonl({"paragraphs": ["", PARAGRAPHS[3]]}), "a.jsonl")
    assert [parse_qs(each.place).keys() for each in record.passages[:1]] == [{"line", "paragraph", "char"}]
    assert record.passages[0].place.startswith("line=1&paragraph=2&char=0,")
    pages = read_one(builders.pdf([["One."], [], ["Three."]]), "a.pdf")
    assert [each.place for each in pages.passages] == ["page=1&char=0,4", "page=3&char=0,6"]
    book = read_one(builders.zipped(builders.epub_members(["<p>One.</p>", "", "<p>Three.</p>"])), "a.epub")
    assert [each.place for each in book.passages] == ["chapter=1&char=0,4", "chapter=3&char=0,6"]


def test_content_has_the_last_word():
    assert read_one(builders.pdf([["A dog."]]), "a.txt").media_type == "application/pdf"
    assert read_one(builders.epub(["A dog."]), "a.docx").media_type == "application/epub+zip"
    assert read_one(builders.docx(["A dog."]), "a.epub").passages[0].text == "A dog."
    assert read_one(b"<p>A dog.</p>", "a.txt").passages[0].text == "<p>A dog.</p>"
