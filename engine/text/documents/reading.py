"""Files to documents: one door for every format."""

import hashlib
from collections.abc import Iterator

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import json_lines
from mindseye.engine.text.documents.apart import read_apart
from mindseye.engine.text.documents.decoding import clean, decode
from mindseye.engine.text.documents.document import Document, Extract, Passage, Section
from mindseye.engine.text.documents.formats import kind_of
from mindseye.engine.text.documents.limits import MAX_CONTAINER, MAX_TEXT, TOO_LONG_HINT, check_size
from mindseye.engine.text.documents.split import spans, split

_MEDIA_TYPES = {
    "text": "text/plain",
    "markdown": "text/markdown",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "epub": "application/epub+zip",
}
_RECORD = "application/json"


def read_documents(data: bytes, name: str) -> Iterator[Document | UnreadableFileError]:
    """Yield the documents of a file, split into passages; docs/texts.md tells what becomes of each format.

    name: its suffix tells the format, its content has the last word; it stands before the reason in messages. Raises
    UnreadableFileError when the file cannot be read; a bad record of a JSON lines file is yielded as one.
    """
    for extract in extracts(data, name):
        yield extract if isinstance(extract, UnreadableFileError) else _document(extract)


def extracts(data: bytes, name: str) -> Iterator[Extract | UnreadableFileError]:
    """Yield the documents of a file as extracted text, which the places of passages count in; else as above."""
    try:
        if not data:
            raise UnreadableFileError("is empty (0 bytes)")
        kind = kind_of(data, name)
        if kind.startswith("jsonl"):
            yield from _records(data, name, kind.endswith(".gz"))
        else:
            yield _whole(data, kind)
    except UnreadableFileError as error:
        raise type(error)(f"{name} {error.what}", error.hint) from error


def _document(extract: Extract) -> Document:
    passages = tuple(passage for section in extract.sections for passage in _passages(section))
    return Document(extract.title, passages, extract.place, extract.sha256, extract.size, extract.media_type)


def _passages(section: Section) -> Iterator[Passage]:
    places = spans(section.text) if section.whole else split(section.text)
    for start, end in places:
        text = section.text[start:end]
        whole = section.whole and len(places) == 1
        place = section.place if whole else "&".join(filter(None, (section.place, f"char={start},{end}")))
        yield Passage(text, place)


def _whole(data: bytes, kind: str) -> Extract:
    """Read a file that is one document."""
    if not data.strip():
        raise UnreadableFileError("holds only white space")
    if kind == "text":
        check_size(len(data), MAX_TEXT)
        title, sections = "", [("", decode(data))]
    else:
        check_size(len(data), MAX_CONTAINER)
        title, sections = read_apart(kind, data)
    cleaned = tuple(Section(place, clean(text)) for place, text in sections)
    if not any(map(_visible, cleaned)):
        raise UnreadableFileError("holds only white space")
    return Extract(clean(title), cleaned, "", *_identity(data), _MEDIA_TYPES[kind])


def _records(data: bytes, name: str, compressed: bool) -> Iterator[Extract | UnreadableFileError]:
    """Yield the records of a JSON lines file, an error for each bad one. Raises UnreadableFileError where none is."""
    any_line = False
    for number, line in enumerate(json_lines.lines(data, compressed), 1):
        if line is None or line.strip():
            any_line = True
            yield _record(line, number, name)
    if not any_line:
        raise UnreadableFileError("holds only white space")


def _record(line: bytes | None, number: int, name: str) -> Extract | UnreadableFileError:
    place = f"line={number}"
    try:
        if line is None:
            raise UnreadableFileError(f"has more than {MAX_TEXT / 1e6:,.0f} MB", TOO_LONG_HINT)
        title, sections = json_lines.record(line, number)
        if not any(map(_visible, sections)):
            raise UnreadableFileError("holds no text")
    except UnreadableFileError as error:
        return UnreadableFileError(f"{name}#{place} {error.what}", error.hint)
    return Extract(title, tuple(sections), place, *_identity(line), _RECORD)


def _visible(section: Section) -> bool:
    """Tell whether anything in a text would leave ink: white space and marks of no width do not."""
    return any(each.isprintable() and not each.isspace() for each in section.text)


def _identity(data: bytes) -> tuple[str, int]:
    return hashlib.sha256(data).hexdigest(), len(data)
