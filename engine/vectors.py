"""The vector contract: `(n, dim)` float32, C-contiguous, finite; the only place that checks it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mindseye.engine.errors import VectorError

FloatArray = NDArray[np.float32]

UNIT_TOLERANCE = 1e-3  # float16 storage rounds lengths by up to about 5e-4


def rows(values: ArrayLike, width: int | None = None) -> FloatArray:
    """Return `values` as contract rows.

    values: (n, dim); width: the dim asked for, any when None. Returns (n, dim) float32, C-contiguous.
    Raises VectorError for another shape or width (naming both) and for numbers that are not finite.
    """
    array = np.ascontiguousarray(values, dtype=np.float32)
    if array.ndim != 2:
        raise VectorError(f"vectors must have shape (n, dim), not {array.shape}", "reshape a single one to (1, dim)")
    if width is not None and array.shape[1] != width:
        raise VectorError(f"vectors are {array.shape[1]} numbers wide where {width} are expected")
    if not np.isfinite(array).all():
        bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
        raise VectorError(f"{bad.size} vectors hold numbers that are not finite, the first in row {bad[0]}")
    return array


def unit(values: ArrayLike) -> FloatArray:
    """Return rows scaled to unit length; values and result (n, dim). A zero row stays zero.

    Raises VectorError as `rows` does.
    """
    array = rows(values)
    norms = np.linalg.norm(array, axis=1, keepdims=True)
    return np.asarray(np.divide(array, norms, out=np.zeros_like(array), where=norms > 0))


def halves(semantic: ArrayLike, visual: ArrayLike) -> FloatArray:
    """Join two unit halves into rows `[s; v]`; shapes (n, ds) and (n, dv), result (n, ds + dv).

    Raises VectorError when the halves differ in number or one is not of unit length.
    """
    s, v = rows(semantic), rows(visual)
    if len(s) != len(v):
        raise VectorError(f"{len(s)} semantic halves cannot join {len(v)} visual ones")
    for name, half in (("semantic", s), ("visual", v)):
        off = np.abs(np.linalg.norm(half, axis=1) - 1) > UNIT_TOLERANCE
        if off.any():
            raise VectorError(f"the {name} half of row {int(np.flatnonzero(off)[0])} is not of unit length")
    return np.hstack([s, v])
