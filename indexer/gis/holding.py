"""The folder of a tile set, held for one labelling: what another one left there goes, what is not ours stays."""

import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from mindseye.engine.errors import UsageError
from mindseye.indexer.gis.folders import MANIFEST
from mindseye.indexer.gis.opening import readable
from mindseye.indexer.gis.tileset import FORMAT, Manifest, TileSet, table_name

MAKING = ".making-"  # what a folder within the tile set's is called while a version is made there
IMAGES = "images"
_PUBLISHING = "publishing"  # a file in that folder: the number of the version whose files are being put in place
_LOCK = ".lock"
_TEMPORARY = re.compile(r"\.tiles(-\d+\.parquet|\.json)\.[0-9a-f]{8}\.tmp")  # of files that are being replaced


@contextmanager
def held(output: Path) -> Iterator[Manifest]:
    """Hold a folder for one labelling alone; yield what it holds so far, without leftovers of one that was killed.

    Raises UsageError for what is no folder, cannot be written, holds other things, or is held by another labelling;
    UnreadableFileError for a manifest that is none.
    """
    with _lock(output):
        manifest = _manifest(output)
        _sweep(output, manifest)
        yield manifest


def free_number(output: Path, before: Manifest) -> int:
    """Return the number of the next version: above those before, and of no file that is there already."""
    number = max((version.number for version in before.history), default=0) + 1
    while any(path.exists() for path in _published(output, number)):
        number += 1
    return number


def begin_publishing(making: Path, number: int) -> None:
    """Write down, in the folder where a version is made, that its files are being put in place."""
    (making / _PUBLISHING).write_text(str(number), encoding="ascii")


def _lock(output: Path) -> AbstractContextManager[Any]:
    try:
        _require_room(output)
        output.mkdir(parents=True, exist_ok=True)
        return FileLock(output / _LOCK).acquire(timeout=0)
    except Timeout as error:
        what, hint = f"tiles are being made in {output} already", "wait for that, or name another folder"
        raise UsageError(what, hint) from error
    except OSError as error:
        raise UsageError(f"{output} cannot be written ({error.strerror or error})", "name another folder") from error


def _require_room(output: Path) -> None:
    """Refuse a folder of other things, before anything is written there."""
    if (told := readable(whole := output.resolve())) != str(whole):
        raise UsageError(f"the name of {told} is no UTF-8, and tables cannot be written there", "name another folder")
    above = next(path for path in (output, *output.absolute().parents) if path.exists() or path.is_symlink())
    if not above.is_dir():
        raise UsageError(f"{above} is no folder", "name the folder that the tiles go to")
    if output.is_dir() and not (output / MANIFEST).exists():
        left = {output / _LOCK, *_left(output)}
        for path in output.iterdir():
            if path not in left and not (path.name == IMAGES and path.is_dir() and left.issuperset(path.iterdir())):
                raise UsageError(f"{output} holds other files than tiles: {path.name}", "name a new folder")


def _manifest(output: Path) -> Manifest:
    there = (output / MANIFEST).exists()
    return TileSet.read(output).manifest if there else Manifest(format=FORMAT, version=0, history=[])


def _sweep(output: Path, manifest: Manifest) -> None:
    kept = {path for version in manifest.history for path in _published(output, version.number)}
    for path in [path for path in _left(output) if path not in kept]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    with suppress(OSError):  # it is not there, or not empty
        (output / IMAGES).rmdir()


def _left(output: Path) -> Iterator[Path]:
    """Yield what a labelling that was killed left: what it had begun to put in place, and where it made it."""
    for making in output.glob(f"{MAKING}*/"):
        with suppress(OSError, ValueError):
            yield from _published(output, int((making / _PUBLISHING).read_text(encoding="ascii")))
        yield making
    yield from (path for path in output.iterdir() if _TEMPORARY.fullmatch(path.name))


def _published(output: Path, number: int) -> tuple[Path, Path]:
    return output / IMAGES / str(number), output / table_name(number)
