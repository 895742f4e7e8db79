"""Files that are whole or not there, and the two names of a place: path and URI."""

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote_to_bytes

from wcmatch.glob import BRACE, DOTGLOB, FORCEUNIX, GLOBSTAR, WcMatcher
from wcmatch.glob import compile as compile_glob

from mindseye.engine.errors import UsageError

TEMPORARY = ".tmp"
NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})  # what it means when a path leads nowhere
_GLOB = GLOBSTAR | BRACE | DOTGLOB | FORCEUNIX


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place, synced to disk, when the block ends well."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY}")
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def size_of(folder: Path) -> int:
    """Return the size in bytes of all files below a folder; those that vanish meanwhile count nothing."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def is_there(path: Path) -> bool:
    """Return whether a path leads to a file; not where that cannot be told, as in a folder that cannot be entered."""
    return os.path.isfile(path)  # noqa: PTH113 - pathlib's raises


def has_vanished(path: Path) -> bool:
    """Return whether nothing, not even a link, is at a path any more; not where that cannot be told."""
    try:
        path.lstat()
    except OSError as error:
        return error.errno in NOT_THERE
    return False


def is_gone(path: Path) -> bool:
    """Return whether there is no file at a real path any more; not where that cannot be told."""
    try:
        return not stat.S_ISREG(path.lstat().st_mode) or os.path.realpath(path) != str(path)
    except OSError as error:
        return error.errno in NOT_THERE


def path_of(uri: str) -> Path:
    """Return the path that a `file://` URI names, whatever its characters; the inverse of `Path.as_uri`."""
    return Path(_plain(uri))


def path_fits(uri: str, glob: str) -> bool:
    """Return whether the path of a `file://` URI fits a glob as `path_glob` takes it."""
    return bool(path_glob(glob).match(_plain(uri)))


def _plain(uri: str) -> str:
    return os.fsdecode(unquote_to_bytes(uri.removeprefix("file://")))


@lru_cache(maxsize=64)
def path_glob(glob: str) -> WcMatcher[str]:
    """Return what matches a glob: `*` within a name, `**` across folders, `[…]`, `{a,b}`.

    A relative glob fits the end of a path. Raises UsageError for one that cannot be.
    """
    try:
        return compile_glob(glob if glob.startswith("/") else f"**/{glob}", flags=_GLOB)
    except Exception as error:  # wcmatch's own errors have no common parent
        raise UsageError(
            f"{glob!r} is no pattern of paths ({error})", "write it like 2024/*.jpg or **/cats/**"
        ) from error


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes, as contents are named by."""
    return hashlib.sha256(data).hexdigest()


def sync(path: Path) -> None:
    """Let what was written to a file, or the names in a folder, outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
