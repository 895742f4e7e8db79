"""A lock that many readers share and one writer has alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, get_ident


class SharedLock:
    """Readers go together; a writer goes alone, before readers that come after it. A reader may read within reading."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._readers: dict[int, int] = {}  # how often each thread reads
        self._writing = False
        self._waiting = 0  # writers

    @property
    def is_mine(self) -> bool:
        """Whether this thread reads."""
        return get_ident() in self._readers

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Keep writers out."""
        me = get_ident()
        with self._changed:
            self._changed.wait_for(lambda: me in self._readers or not (self._writing or self._waiting))
            self._readers[me] = self._readers.get(me, 0) + 1
        try:
            yield
        finally:
            with self._changed:
                self._readers[me] -= 1
                if not self._readers[me]:
                    del self._readers[me]
                    self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep everybody else out; who reads (`is_mine`) may not, for it would wait for itself."""
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: not (self._writing or self._readers))
            self._waiting -= 1
            self._writing = True
        try:
            yield
        finally:
            with self._changed:
                self._writing = False
                self._changed.notify_all()
