"""Work cut into batches, and how far it is."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
Progress = Callable[[float, int], None]  # told (done, total); of a long file a share is done

BATCH = 32  # pictures that are encoded, and written, together


def batches(values: Iterator[T], size: int) -> Iterator[list[T]]:
    """Yield `values` in lists of `size`, the last one shorter."""
    while batch := list(islice(values, size)):
        yield batch
