"""Files read, hashed and decoded a little ahead of the encoder, in the order they were found."""

import hashlib
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.vision.pictures import Picture, read_picture
from mindseye.indexer.records import Skip
from mindseye.indexer.sources import Source

MAX_BYTES = 1 << 30  # a file is held in memory while it is decoded
WORKERS = 2
AHEAD = 48  # decoded pictures that wait: bounds the memory


@dataclass(frozen=True)
class Reading:
    """A file as it was read: its bytes' number and hash, and the picture in them."""

    source: Source
    size: int
    sha256: str
    picture: Picture


def read_ahead(sources: Iterable[Source]) -> Generator[Reading | Skip, None, None]:
    """Yield what each source holds, in order; one that cannot be read yields its Skip instead."""
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


def read_source(source: Source) -> Reading | Skip:
    """Return the content of one file, or why there is none."""
    try:
        data = _bytes(source)
        picture = read_picture(data, source.path.name)
    except UnreadableFileError as error:
        reason = error.what.removeprefix(f"{source.path.name} ")
        return Skip(source.uri, reason, error.code)
    return Reading(source, len(data), hashlib.sha256(data).hexdigest(), picture)


def _bytes(source: Source) -> bytes:
    name = source.path.name
    if source.size > MAX_BYTES:
        limit = f"{MAX_BYTES / 1e9:.1f} GB"
        raise UnreadableFileError(f"{name} has {source.size / 1e9:.1f} GB, over the limit of {limit}")
    try:
        return source.path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableFileError(f"{name} vanished during the run") from error
    except OSError as error:
        raise UnreadableFileError(f"{name} cannot be read ({error.strerror})") from error
