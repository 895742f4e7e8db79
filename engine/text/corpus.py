"""A corpus on disk: documents and their paragraphs, read anew at each pass, always in the same order."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.engine.text.documents import SUFFIXES, Document, read_documents, suffix_of

_RECORDS = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_LONGEST = 32_000_000  # bytes of a record: beyond it is no line of text, and memory is finite


class Corpus:
    """Files of texts, and folders of them; JSON lines are read line by line, other files one at a time.

    files: what is read, in order; skipped: what could not be, each with its reason, once a pass has met it.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        """Find the files. Raises UsageError when a path is missing or nothing below it is a text."""
        self.files = tuple(dict.fromkeys(file for path in paths for file in _files(path)))
        self.skipped: dict[str, str] = {}

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """Yield the paragraphs of each document."""
        for path in self.files:
            try:
                yield from self._documents(path)
            except (UnreadableFileError, OSError, EOFError, zlib.error) as error:  # cut or damaged archives among them
                self.skipped[str(path)] = str(error)

    def _documents(self, path: Path) -> Iterator[tuple[str, ...]]:
        parts = _lines(path) if suffix_of(path.name) in _RECORDS else ((path.name, str(path), path.read_bytes()),)
        for name, place, data in parts:
            for document in read_documents(data, name):
                if isinstance(document, Document):
                    yield tuple(passage.text for passage in document.passages)
                else:
                    self.skipped[place] = str(document)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"there is no file or folder {path}", "name texts, or folders of them")
    files = sorted(file for file in path.rglob("*") if suffix_of(file.name) in SUFFIXES and file.is_file())
    if not files:
        raise UsageError(f"no texts below {path}", f"texts are {', '.join(sorted(SUFFIXES))}")
    return files


def _lines(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield the records of a file of JSON lines: a name that tells their format, their place, their bytes."""
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(_LONGEST + 1), b""), start=1):
            if len(line) > _LONGEST:
                raise UnreadableFileError(f"line {number} has over {_LONGEST:,} bytes", "put each record on its line")
            if line.strip():
                yield "record.jsonl", f"{path}#line={number}", line
