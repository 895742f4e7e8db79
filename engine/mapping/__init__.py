"""Mappings between the halves of the joint space, one file a method."""

from typing import Protocol, Self

from mindseye.engine.mapping.conse import ConSE
from mindseye.engine.mapping.kernel_ridge import KernelRidge
from mindseye.engine.mapping.ridge import Ridge
from mindseye.engine.vectors import FloatArray

__all__ = ["ConSE", "KernelRidge", "Regressor", "Ridge"]


class Regressor(Protocol):
    """A mapping learned from pairs: `fit(X, Y)` with X (n, p) and Y (n, q), then `transform(X)` to (m, q)."""

    def fit(self, X: FloatArray, Y: FloatArray) -> Self: ...

    def transform(self, X: FloatArray) -> FloatArray: ...
