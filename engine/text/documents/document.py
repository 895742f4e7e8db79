"""What becomes of a file: its text in sections, and the document made of the passages of that text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """A paragraph that the sentence encoder takes whole; place: where it stands in its file (docs/texts.md)."""

    text: str
    place: str


@dataclass(frozen=True)
class Document:
    """One document: a whole file (place '') or a record of a JSON lines file (`line=12`).

    title: '' where the document gives none. sha256, size in bytes: of the file, or of the record's line.
    """

    title: str
    passages: tuple[Passage, ...]
    place: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True)
class Section:
    """A piece of extracted text that places count from.

    place: '' for a whole file, `page=3`, `chapter=2`, `line=12`, `line=12&paragraph=3`. whole: such a text is a
    paragraph by itself, which is only split where it is too long, and then alone tells the characters.
    """

    place: str
    text: str
    whole: bool = False


@dataclass(frozen=True)
class Extract:
    """The extracted text of one document, before it is split; the other fields as in `Document`."""

    title: str
    sections: tuple[Section, ...]
    place: str
    sha256: str
    size: int
    media_type: str
