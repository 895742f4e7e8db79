"""The files of pictures and texts that paths lead to: folders walked, links followed once, hidden names left out."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mindseye.engine.errors import UsageError
from mindseye.engine.text.documents import SUFFIXES as TEXTS
from mindseye.engine.text.documents import suffix_of
from mindseye.engine.vision.pictures import SUFFIXES as PICTURES
from mindseye.indexer.files import NOT_THERE
from mindseye.indexer.gis.folders import MANIFEST, is_tileset
from mindseye.indexer.gis.records import Rendering, Window
from mindseye.indexer.records import Skip

SUFFIXES = PICTURES | TEXTS


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

    @property
    def place(self) -> str:
        """Where in the file it is, as a URI's fragment: empty for all of it."""
        return ""


@dataclass(frozen=True)
class TileSource(Source):
    """A window of a raster, as it is shown; size and modified are those of the raster's file."""

    window: Window
    rendering: Rendering

    @property
    def place(self) -> str:
        """The window as a fragment of the raster's URI."""
        return self.window.place


@dataclass
class Sources:
    """What a walk found: files in a fixed order, inputs it could not take, the real places it covered."""

    files: list[Source] = field(default_factory=list)
    tilesets: list[Path] = field(default_factory=list)  # folders; what lies in them is theirs
    skips: list[Skip] = field(default_factory=list)
    roots: list[Path] = field(default_factory=list)  # folders walked, and what links to nothing led to
    unread: list[Path] = field(default_factory=list)  # what is there, or below, cannot be told
    named: set[Path] = field(default_factory=set)  # the files that were named themselves
    met: set[str] = field(default_factory=set)  # URIs of the rasters that tile sets led to


def require_paths(paths: Sequence[Path]) -> None:
    """Raise UsageError naming every path that does not exist."""
    absent = [str(path) for path in paths if not os.path.exists(path)]  # noqa: PTH110 - never raises
    if absent:
        raise UsageError(f"no such file or folder: {', '.join(absent)}", "check the spelling of the path")


def find_sources(paths: Sequence[Path], leave_out: Path | None = None, inside: Sequence[Path] | None = None) -> Sources:
    """Return the files that `paths` lead to, each once, by its real path.

    A folder gives its files with a picture's or a text's suffix, hidden names left out, but a tile set is one source,
    which its manifest names too; a file named itself is taken whatever its name. leave_out: the real path of a folder
    that is not walked, nor what links lead to in it; what lies in it may be named. inside: real paths of folders that
    no link leads out of, None for anywhere. Raises UsageError naming every path that does not exist.
    """
    require_paths(paths)
    walk = _Walk(leave_out, inside)
    for path in paths:
        walk.named(Path(os.path.realpath(path)))
    return walk.sources


class _Walk:
    """One walk over several paths, which remembers what it has been to."""

    def __init__(self, leave_out: Path | None, inside: Sequence[Path] | None) -> None:
        self.sources = Sources()
        self._leave_out = leave_out
        self._inside = inside
        self._visited: set[Path] = set()

    def named(self, path: Path) -> None:
        if self._leads_out(path):
            return
        try:
            about = path.stat()
        except OSError as error:
            self._unread(path, path, error)
            return
        if path == self._leave_out:
            self._skip(path, "is the library's own folder", "unreadable_folder")
        elif stat.S_ISDIR(about.st_mode):
            self._folder(path)
        elif path.name == MANIFEST and _is_tileset(path.parent):
            self._folder(path.parent)
        else:
            self.sources.named.add(path)
            self._file(path, path, about)

    def _folder(self, root: Path) -> None:
        self.sources.roots.append(root)
        waiting = [root]
        while waiting:
            folder = waiting.pop()
            if folder not in self._visited and folder != self._leave_out:
                self._visited.add(folder)
                waiting.extend(reversed(self._enter(folder)))

    def _enter(self, folder: Path) -> list[Path]:
        """Take the files of a folder and return its folders."""
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
            os.stat(f"{folder}/.")  # noqa: PTH116 - a folder may be listed that cannot be entered; Path drops the dot
        except OSError as error:
            self.sources.unread.append(folder)
            self._skip(folder, f"cannot be opened ({error.strerror})", "unreadable_folder")
            return []
        if is_tileset(entry.name for entry in entries):
            self.sources.tilesets.append(folder)
            return []
        return [inner for entry in entries if not entry.name.startswith(".") for inner in self._entry(entry)]

    def _entry(self, entry: os.DirEntry[str]) -> list[Path]:
        real = path = Path(entry.path)
        try:
            if entry.is_symlink():
                real = Path(os.path.realpath(path))
                if self._leads_out(path, real):
                    return []
            about = real.stat()
        except OSError as error:
            if error.errno in NOT_THERE:
                self._gone(path, real, error)
            else:
                self._unread(path, real, error)
            return []
        if real != path and self._leave_out and real.is_relative_to(self._leave_out):
            return []
        if stat.S_ISDIR(about.st_mode):
            if real != path:
                self.sources.roots.append(real)
            return [real]
        if suffix_of(path.name) in SUFFIXES:
            self._file(path, real, about)
        return []

    def _file(self, path: Path, real: Path, about: os.stat_result) -> None:
        if real in self._visited:
            return
        if stat.S_ISREG(about.st_mode):
            self._visited.add(real)
            self.sources.files.append(Source(real, about.st_size, about.st_mtime_ns))
        else:
            self._skip(path, "is not a regular file" if real == path else "is a link to what is no regular file")

    def _leads_out(self, path: Path, real: Path | None = None) -> bool:
        if self._inside is None or any((real or path).is_relative_to(each) for each in self._inside):
            return False
        self._skip(path, "leads out of the folders that may be indexed")
        return True

    def _gone(self, path: Path, real: Path, error: OSError) -> None:
        if real != path:
            self.sources.roots.append(real)
        if suffix_of(path.name) in SUFFIXES:
            self._skip(path, f"cannot be read ({error.strerror})" if real == path else "is a link to nothing")

    def _unread(self, path: Path, real: Path, error: OSError) -> None:
        self.sources.unread.append(real)
        self._skip(path, f"cannot be read ({error.strerror})")

    def _skip(self, path: Path, reason: str, code: str = "unreadable_file") -> None:
        self.sources.skips.append(Skip(path.as_uri(), reason, code))


def _is_tileset(folder: Path) -> bool:
    try:
        return is_tileset(each.name for each in folder.iterdir())
    except OSError:
        return False
