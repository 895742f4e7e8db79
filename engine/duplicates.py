"""Pictures that show nearly the same: another size, another compression, a slight crop of one photograph."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.vectors import FloatArray

# No two of 1,000 photographs of ImageNet are as alike; nine in ten copies at half the size or JPEG quality 30 are.
NEAR = 0.85
_BLOCK = 256  # pictures compared at once with all before them


def leaders(
    visual: FloatArray, threshold: float, progress: Callable[[int, int], None] | None = None
) -> NDArray[np.int64]:
    """Return, for each of n pictures in order (n,), the first before it that it is a near duplicate of, itself if none.

    visual (n, dv): unit visual halves; threshold: cosine from which two pictures are near duplicates; progress is told
    (done, n). Only leaders are compared with, so that a chain of small differences does not become one group.
    """
    found = np.arange(len(visual))
    for start in range(0, len(visual), _BLOCK):
        block = slice(start, min(start + _BLOCK, len(visual)))
        if start:
            before = (visual[block] @ visual[:start].T >= threshold) & (found[:start] == np.arange(start))
            found[block] = np.where(before.any(axis=1), before.argmax(axis=1), found[block])
        _lead_within(found, visual, block, threshold)
        if progress:
            progress(block.stop, len(visual))
    return found


def _lead_within(found: NDArray[np.int64], visual: FloatArray, block: slice, threshold: float) -> None:
    """Let those of a block that follow nobody before it lead those behind them."""
    free = np.flatnonzero(found[block] == np.arange(block.start, block.stop))
    alike = visual[block][free] @ visual[block][free].T >= threshold
    taken = np.zeros(len(free), bool)
    for place in range(len(free)):
        if not taken[place]:
            follow = alike[place] & ~taken
            follow[: place + 1] = False
            found[block.start + free[follow]] = block.start + free[place]
            taken |= follow
