"""Files of texts as documents."""

from collections.abc import Iterator

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import Document, read_documents
from mindseye.indexer.reading import read_bytes
from mindseye.indexer.records import Skip
from mindseye.indexer.sources import Source


class UnopenedFileError(UnreadableFileError):
    """A file whose bytes cannot be had now: what is in it is not to blame."""


def read_texts(source: Source) -> Iterator[Document | Skip]:
    """Yield the documents of a file, and what of it could not be read: records, or all behind where it is damaged.

    Raises UnreadableFileError when nothing of it can be, UnopenedFileError when there was nothing to be read from.
    """
    any_read = False
    try:
        for each in read_documents(_bytes(source), source.path.name):
            any_read = True
            yield _skip(source, each) if isinstance(each, UnreadableFileError) else each
    except UnreadableFileError as error:
        if not any_read:
            raise
        yield _skip(source, error)


def _bytes(source: Source) -> bytes:
    try:
        return read_bytes(source.path)
    except UnreadableFileError as error:
        raise UnopenedFileError(error.what, error.hint) from error


def _skip(source: Source, error: UnreadableFileError) -> Skip:
    return Skip(source.uri, reason_of(source, error), error.code)


def reason_of(source: Source, error: UnreadableFileError) -> str:
    """Return why a file, or a line of it, cannot be read, without the file's name."""
    return error.what.removeprefix(source.path.name).lstrip().replace("#line=", "line ", 1)
