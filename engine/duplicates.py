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
        stop = min(start + _BLOCK, len(visual))
        for row, column in np.argwhere(np.tril(visual[start:stop] @ visual[:stop].T >= threshold, start - 1)):
            number = start + row
            if found[number] == number and found[column] == column:
                found[number] = column
        if progress:
            progress(stop, len(visual))
    return found
