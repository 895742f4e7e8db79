"""How long the parts of an answer took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Times of named blocks, in milliseconds."""

    def __init__(self) -> None:
        self.times: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Take the time of a block."""
        began = time.perf_counter()
        yield
        self.times[name] = round(1000 * (time.perf_counter() - began), 1)
