"""Progress bars on stderr, for anything that takes over two seconds."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

Progress = Callable[[float, int], None]
PATIENCE = 1.0  # seconds of work before a bar shows


@contextmanager
def progress_bar(what: str, unit: str) -> Iterator[Progress]:
    """Give a function to tell (done, total); a bar shows once the work has taken a second."""
    with tqdm(desc=what, unit=unit, file=sys.stderr, delay=PATIENCE, leave=False, dynamic_ncols=True) as bar:

        def tell(done: float, total: int) -> None:
            bar.total = total
            bar.update(round(done, 2) - bar.n)

        yield tell
