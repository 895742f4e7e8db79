"""Files of texts as documents."""

from collections.abc import Iterator

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import Document, read_documents
from mindseye.indexer.reading import read_bytes
from mindseye.indexer.records import Skip
from mindseye.indexer.sources import Source


def read_texts(source: Source) -> Iterator[Document | Skip]:
    """Yield the documents of a file, and what of it could not be read.

    Raises UnreadableFileError when nothing of it can be.
    """
    for each in read_documents(read_bytes(source.path), source.path.name):
        if isinstance(each, UnreadableFileError):
            yield Skip(source.uri, each.what.removeprefix(f"{source.path.name} "), each.code)
        else:
            yield each
