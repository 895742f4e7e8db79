"""The picture files that paths lead to: folders walked, links followed once, hidden names left out."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mindseye.engine.errors import UsageError
from mindseye.engine.vision.pictures import SUFFIXES
from mindseye.indexer.records import Skip


@dataclass(frozen=True)
class Source:
    """A file to index: its real path, size in bytes and time of change in ns since 1970."""

    path: Path
    size: int
    modified: int

    @property
    def uri(self) -> str:
        """The `file://` URI of the real path."""
        return self.path.as_uri()


@dataclass
class Sources:
    """What a walk found: files in a fixed order, inputs it could not take, the real folders it covered."""

    files: list[Source] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    roots: list[Path] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)  # folders whose files may be there or not


def require_paths(paths: Sequence[Path]) -> None:
    """Raise UsageError naming every path that does not exist."""
    absent = [str(path) for path in paths if not os.path.exists(path)]  # noqa: PTH110 - never raises
    if absent:
        raise UsageError(f"no such file or folder: {', '.join(absent)}", "check the spelling of the path")


def find_sources(paths: Sequence[Path]) -> Sources:
    """Return the files that `paths` lead to, each once, by its real path.

    A folder gives its files with a picture's suffix, hidden names left out; a file named itself is taken
    whatever its name. Raises UsageError naming every path that does not exist.
    """
    require_paths(paths)
    walk = _Walk()
    for path in paths:
        real = Path(os.path.realpath(path))
        if os.path.isdir(real):  # noqa: PTH112 - never raises
            walk.folder(real)
        else:
            walk.file(real)
    return walk.sources


class _Walk:
    """One walk over several paths, which remembers what it has been to."""

    def __init__(self) -> None:
        self.sources = Sources()
        self._visited: set[Path] = set()

    def folder(self, root: Path) -> None:
        self.sources.roots.append(root)
        waiting = [root]
        while waiting:
            folder = waiting.pop()
            if folder not in self._visited:
                self._visited.add(folder)
                waiting.extend(reversed(self._enter(folder)))

    def file(self, path: Path) -> None:
        if path in self._visited:
            return
        self._visited.add(path)
        try:
            about = path.stat()
        except OSError as error:
            self._skip(path, f"cannot be read ({error.strerror})")
        else:
            if stat.S_ISREG(about.st_mode):
                self.sources.files.append(Source(path, about.st_size, about.st_mtime_ns))
            else:
                self._skip(path, "is not a regular file")

    def _enter(self, folder: Path) -> list[Path]:
        """Take the files of a folder and return its folders."""
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            self.sources.unread.append(folder)
            self._skip(folder, f"cannot be opened ({error.strerror})", "unreadable_folder")
            return []
        return [inner for entry in entries if not entry.name.startswith(".") for inner in self._entry(entry)]

    def _entry(self, entry: os.DirEntry[str]) -> list[Path]:
        path = Path(entry.path)
        real = Path(os.path.realpath(path)) if entry.is_symlink() else path
        if os.path.isdir(real):  # noqa: PTH112 - never raises
            if real != path:
                self.sources.roots.append(real)
            return [real]
        if path.suffix.lower() in SUFFIXES:
            if real != path and not os.path.isfile(real):  # noqa: PTH113 - never raises
                there = os.path.exists(real)  # noqa: PTH110 - as above
                self._skip(path, "is a link to what is no regular file" if there else "is a link to nothing")
            else:
                self.file(real)
        return []

    def _skip(self, path: Path, reason: str, code: str = "unreadable_file") -> None:
        self.sources.skips.append(Skip(path.as_uri(), reason, code))
