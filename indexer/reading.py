"""Files read, hashed and decoded a little ahead of the encoder, in the order they were found."""

import os
import stat
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.vision.pictures import Picture, read_picture
from mindseye.indexer.files import digest
from mindseye.indexer.records import Skip
from mindseye.indexer.sources import Source, TileSource

MAX_BYTES = 1 << 30  # a file is held in memory while it is decoded
LARGE = 1 << 26  # bytes: two files above are never held at once
WORKERS = 2
AHEAD = 32  # decoded pictures that wait, as many as a batch: bounds the memory

_one_large = threading.Lock()


@dataclass(frozen=True)
class Reading:
    """A file as it was read: its bytes' number and hash, and the picture in them; of a tile those of its pixels."""

    source: Source
    size: int
    sha256: str
    picture: Picture


def read_ahead(sources: Iterable[Source]) -> Generator[Reading | Skip, None, None]:
    """Yield what each source holds, in order; one that cannot be read yields its Skip instead."""
    for is_tile, run in groupby(sources, lambda each: isinstance(each, TileSource)):
        ahead: Callable[[Iterable[Any]], Iterator[Reading | Skip]] = _windows_ahead if is_tile else _files_ahead
        yield from ahead(run)


def _files_ahead(sources: Iterable[Source]) -> Generator[Reading | Skip, None, None]:
    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="read")
    waiting: deque[Future[Reading | Skip]] = deque()
    try:
        for source in sources:
            waiting.append(pool.submit(read_source, source))
            if len(waiting) >= AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _windows_ahead(sources: Iterable[TileSource]) -> Generator[Reading | Skip, None, None]:
    """Yield tiles as `read_ahead` does; one thread reads them, since strips of a raster are decoded in their order."""
    from mindseye.indexer.gis.reading import read_windows  # loads GDAL, which a library without tiles does not need

    reads = read_windows(sources)
    pool = ThreadPoolExecutor(1, thread_name_prefix="read")
    try:
        waiting = pool.submit(_some, reads)
        while some := waiting.result():
            waiting = pool.submit(_some, reads)
            yield from some
    finally:
        pool.submit(reads.close).result()  # by the thread that opened the raster
        pool.shutdown()


def _some(outcomes: Iterator[Reading | Skip]) -> list[Reading | Skip]:
    return list(islice(outcomes, AHEAD))


def read_source(source: Source) -> Reading | Skip:
    """Return the content of one file, or tile, or why there is none."""
    if isinstance(source, TileSource):
        return next(_windows_ahead([source]))
    with _one_large if source.size > LARGE else nullcontext():
        return _read(source)


def _read(source: Source) -> Reading | Skip:
    blamed: dict[str, int] = {}
    try:
        data = read_bytes(source.path)
        blamed = {"size": source.size, "modified": source.modified}
        picture = read_picture(data, source.path.name)
    except UnreadableFileError as error:
        if isinstance(error.__cause__, MemoryError):  # there may be more the next time
            blamed = {}
        reason = error.what.removeprefix(f"{source.path.name} ")
        return Skip(source.uri, reason, error.code, **blamed)
    return Reading(source, len(data), digest(data), picture)


def read_bytes(path: Path) -> bytes:
    """Return a file's content as it is now: something else may have taken its place since it was found.

    Raises UnreadableFileError when there is no such file any more, or it is too large.
    """
    try:
        with open(path, "rb", opener=_opener) as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise UnreadableFileError(f"{path.name} is not a regular file")
            if about.st_size > MAX_BYTES:
                size, limit = (f"{each / 1e9:.1f} GB" for each in (about.st_size, MAX_BYTES))
                raise UnreadableFileError(f"{path.name} has {size}, over the limit of {limit}")
            return file.read(about.st_size)
    except FileNotFoundError as error:
        raise UnreadableFileError(f"{path.name} vanished during the run") from error
    except OSError as error:
        raise UnreadableFileError(f"{path.name} cannot be read ({error.strerror})") from error


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a pipe that took the file's place would be waited for
