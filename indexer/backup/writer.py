"""A zip that is written in pieces and knows, of each member, its size and hash."""

import hashlib
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from mindseye.indexer.backup.manifest import NAME, Manifest, Member

PIECE = 1 << 20  # bytes held at once


class ArchiveWriter:
    """An export while it is written; `members` tells of what is in it. Every method may raise OSError."""

    def __init__(self, path: Path) -> None:
        """Begin a new file."""
        self.members: dict[str, Member] = {}
        self._zip = zipfile.ZipFile(path, "x")

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the file."""
        self._zip.close()

    def lines(self, name: str, batches: Iterable[list[bytes]]) -> None:
        """Put in lines, compressed."""
        rows = 0
        with self._stream(name, zipfile.ZIP_DEFLATED) as stream:
            for batch in batches:
                stream.write(b"".join(batch))
                rows += len(batch)
        self.members[name] = stream.member(rows=rows)

    def data(self, name: str, data: bytes, rows: int) -> None:
        """Put in the bytes of a file of so many rows, as they are."""
        with self._stream(name, zipfile.ZIP_STORED) as stream:
            stream.write(data)
        self.members[name] = stream.member(rows=rows)

    def file(self, name: str, source: IO[bytes]) -> None:
        """Put in a copy of an open file, as it is."""
        modified = os.fstat(source.fileno()).st_mtime_ns
        with self._stream(name, zipfile.ZIP_STORED) as stream:
            while piece := source.read(PIECE):
                stream.write(piece)
        self.members[name] = stream.member(modified=modified)

    def manifest(self, manifest: Manifest) -> None:
        """Put in the page that names all the rest, as the last member."""
        with self._stream(NAME, zipfile.ZIP_DEFLATED) as stream:
            stream.write(manifest.model_dump_json(indent=1, exclude_none=True).encode())

    @contextmanager
    def _stream(self, name: str, compression: int) -> Iterator["_Stream"]:
        info = zipfile.ZipInfo(name)
        info.compress_type = compression
        with self._zip.open(info, "w", force_zip64=True) as file:
            yield _Stream(file)


class _Stream:
    """A member while it is written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)

    def member(self, rows: int | None = None, modified: int | None = None) -> Member:
        return Member(bytes=self._size, sha256=self._digest.hexdigest(), rows=rows, modified=modified)
