"""An export opened for reading: nothing in it is believed before it is checked."""

import hashlib
import json
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from mindseye.engine.errors import LibraryError, UsageError
from mindseye.indexer.backup.manifest import (
    FORMAT,
    LARGEST_PAGE,
    LONGEST_LINE,
    NAME,
    VERSION,
    Manifest,
    is_member_name,
)
from mindseye.indexer.backup.writer import PIECE
from mindseye.indexer.models import SCHEMA

# What zipfile raises on bytes that are no zip, or no longer one; NotImplementedError for encryption and such.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class ArchiveReader:
    """A zip whose members are those that its manifest names, each checked while it is read."""

    def __init__(self, path: Path) -> None:
        """Open the file and check names and manifest.

        Raises UsageError when there is no such file, LibraryError when it cannot be read, is damaged, is no export
        or one of a newer Mindseye; so does every method.
        """
        if not os.path.isfile(path):  # noqa: PTH113 - never raises
            raise UsageError(f"there is no file {path}", "name a file that `mindseye export` wrote")
        self.path = path
        with self._explained():
            self._zip = zipfile.ZipFile(path)
        try:
            self._infos = self._checked_infos()
            self.manifest = self._manifest()
            self._check_names()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._zip.close()

    def damaged(self, why: str) -> LibraryError:
        """Return the error that says what is wrong with the file."""
        what = f"{self.path} is damaged or was not written by `mindseye export`: {why}"
        return LibraryError(what, "take another copy of it, or export again")

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a member's bytes in pieces; that all of them are as they should be is known after the last."""
        member, digest, size = self.manifest.members[name], hashlib.sha256(), 0
        with self._explained(), self._zip.open(name) as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                size += len(piece)
                yield piece
        if (size, digest.hexdigest()) != (member.bytes, member.sha256):
            raise self.damaged(f"{name} has another hash")

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a member of lines."""
        rest = b""
        for piece in self.pieces(name):
            *lines, rest = (rest + piece).split(b"\n")
            if len(rest) > LONGEST_LINE:
                raise self.damaged(f"{name} has a line that is too long")
            yield from lines
        if rest:
            raise self.damaged(f"{name} ends within a line")

    def data(self, name: str, limit: int) -> bytes:
        """Return all bytes of a member that holds no more than so many."""
        if self.manifest.members[name].bytes > limit:
            raise self.damaged(f"{name} is too large")
        return b"".join(self.pieces(name))

    def _checked_infos(self) -> dict[str, zipfile.ZipInfo]:
        infos: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            name = info.filename
            if name in infos:
                raise self.damaged(f"{name} is in it twice")
            if info.orig_filename != name or not is_member_name(name):
                raise self.damaged(f"{info.orig_filename!r} is no name of a member")
            if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
                raise self.damaged(f"{name} is no plain file")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
                raise self.damaged(f"{name} is compressed in another way, or encrypted")
            infos[name] = info
        return infos

    def _manifest(self) -> Manifest:
        if NAME not in self._infos:
            raise self.damaged(f"it has no {NAME}")
        if self._infos[NAME].file_size > LARGEST_PAGE:
            raise self.damaged(f"{NAME} is too large")
        with self._explained():
            data = self._zip.read(NAME)
            told = json.loads(data)
            if not isinstance(told, dict) or told.get("format") != FORMAT:
                raise self.damaged(f"{NAME} is of something else")
            version, revision = told.get("version"), told.get("revision")
            if (isinstance(version, int) and version > VERSION) or (isinstance(revision, str) and revision > SCHEMA):
                raise LibraryError(
                    f"{self.path} is of a newer Mindseye (format {version}, here {VERSION}; tables {revision},"
                    f" here {SCHEMA})",
                    f"install mindseye {told.get('mindseye')} or later",
                )
            return Manifest.model_validate_json(data)

    def _check_names(self) -> None:
        named, there = self.manifest.members.keys(), self._infos.keys() - {NAME}
        if named != there:
            raise self.damaged(f"{NAME} and the members differ: {', '.join(sorted(named ^ there)[:3])}")
        if strange := sorted(named - self.manifest.understood()):
            raise self.damaged(f"{strange[0]} is of no use")
        for name, member in self.manifest.members.items():
            if self._infos[name].file_size != member.bytes:
                raise self.damaged(f"{name} has another size")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ValidationError as error:
            place = ".".join(map(str, error.errors()[0]["loc"]))
            raise self.damaged(f"{NAME} is not as it should be ({place})") from error
        except OSError as error:
            what = f"{self.path} cannot be read ({error.strerror or error})"
            raise LibraryError(what, "take another copy of it, or export again") from error
        except _BROKEN as error:
            raise self.damaged(str(error) or type(error).__name__) from error
