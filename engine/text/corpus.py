"""A corpus on disk: documents and their paragraphs, never all in memory, always in the same order."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import Document, read_documents, suffix_of

_RECORDS = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_LONGEST = 32_000_000  # bytes of a record: beyond it is no line of text, and memory is finite


class Corpus:
    """Files of texts, in order; JSON lines are read line by line, other files one at a time.

    skipped: what could not be read, each with its reason, once a pass has met it.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = files
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


def _lines(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield the records of a file of JSON lines: a name that tells their format, their place, their bytes."""
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(_LONGEST + 1), b""), start=1):
            if len(line) > _LONGEST:
                raise UnreadableFileError(f"line {number} has over {_LONGEST:,} bytes", "put each record on its line")
            if line.strip():
                yield "record.jsonl", f"{path}#line={number}", line
