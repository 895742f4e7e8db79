"""Which format a file is in: its suffix says so, its content has the last word."""

import re
from pathlib import PurePath

from mindseye.engine.errors import UnreadableFileError

_KINDS = {
    ".txt": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".epub": "epub",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonl.gz": "jsonl.gz",
    ".ndjson.gz": "jsonl.gz",
}
SUFFIXES = frozenset(_KINDS)
_NAMES = {"pdf": "a PDF", "docx": "a Word document", "epub": "an EPUB", "jsonl.gz": "compressed by gzip"}
_FOREIGN = {
    "a picture (PNG)": rb"\x89PNG",
    "a picture (JPEG)": rb"\xff\xd8\xff",
    "a picture (GIF)": rb"GIF8[79]a",
    "a picture (TIFF)": rb"II\*\0|MM\0\*",
    "a sound, film or picture (RIFF)": rb"RIFF.{4}(?:WEBP|WAVE|AVI )",
    "a film or sound (MP4)": rb".{4}ftyp",
    "a sound (MP3)": rb"ID3[\2-\4]",
    "a sound (Ogg)": rb"OggS\0",
    "compressed by gzip": rb"\x1f\x8b\x08",
    "compressed by bzip2": rb"BZh[1-9]1AY",
    "compressed by xz": rb"\xfd7zXZ\0",
    "compressed by zstd": rb"\x28\xb5\x2f\xfd",
    "an archive (7z)": rb"7z\xbc\xaf\x27\x1c",
    "an archive (RAR)": rb"Rar!\x1a\x07",
    "a database (SQLite)": rb"SQLite format 3\0",
    "a program (ELF)": rb"\x7fELF",
    "in Rich Text Format": rb"\{\\rtf",
}
_CONVERT = "save it as plain text, HTML, PDF or DOCX"


def suffix_of(name: str) -> str:
    """Return the suffix in lower case, with what stands before `.gz`; '' where there is none."""
    suffixes = [each.lower() for each in PurePath(name).suffixes]
    return "".join(suffixes[-2:] if suffixes[-1:] == [".gz"] else suffixes[-1:])


def kind_of(data: bytes, name: str) -> str:
    """Return the format: text, markdown, html, jsonl, jsonl.gz, pdf, docx, epub.

    Raises UnreadableFileError for what is certainly something else.
    """
    kind = _KINDS.get(suffix_of(name))
    if b"%PDF-" in data[:1024] and kind != "jsonl":
        return "pdf"
    if data.startswith((b"PK\3\4", b"PK\5\6")):
        return _zipped(data)
    if kind == "jsonl.gz" and data.startswith(b"\x1f\x8b"):
        return kind
    if found := _foreign(data):
        raise UnreadableFileError(f"is no text: it is {found}", _CONVERT)
    if kind is None:
        raise UnreadableFileError("has no suffix of a text", f"give it one of {', '.join(sorted(SUFFIXES))}")
    if kind in _NAMES:
        raise UnreadableFileError(f"is not {_NAMES[kind]}, whatever its name says", "name it as what it is")
    return kind


def _zipped(data: bytes) -> str:
    """Return what a zip archive is: the names of its files stand in it as they are."""
    if b"META-INF/container.xml" in data:
        return "epub"
    if b"[Content_Types].xml" in data:
        return "docx"
    raise UnreadableFileError("is a zip archive, neither DOCX nor EPUB", "unpack it first")


def _foreign(data: bytes) -> str | None:
    """Return what a file is that begins like none of the formats that are read."""
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "a Word document of the old format, or one protected by a password"
    return next((what for what, begins in _FOREIGN.items() if re.match(begins, data[:64], re.DOTALL)), None)
