"""How long the parts of an answer took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Times of named blocks, in milliseconds: those of a name together, without what blocks within them took."""

    def __init__(self) -> None:
        self._times: dict[str, float] = {}
        self._within: list[float] = []  # of each block that is open, what those within it took

    @property
    def times(self) -> dict[str, float]:
        """The times by name, to a tenth."""
        return {name: round(1000 * seconds, 1) for name, seconds in self._times.items()}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Take the time of a block."""
        began = time.perf_counter()
        self._within.append(0.0)
        yield
        took = time.perf_counter() - began
        self._times[name] = self._times.get(name, 0.0) + took - self._within.pop()
        if self._within:
            self._within[-1] += took
