"""Mappings between the halves of the joint space, one file a method."""

from typing import Protocol, Self

from mindseye.engine.mapping.cca import CCA
from mindseye.engine.mapping.conse import ConSE
from mindseye.engine.mapping.devise import DeViSE
from mindseye.engine.mapping.elastic_net import ElasticNet
from mindseye.engine.mapping.kernel_ridge import KernelRidge
from mindseye.engine.mapping.pls import PLS
from mindseye.engine.mapping.ridge import Ridge
from mindseye.engine.mapping.tanh_network import TanhNetwork
from mindseye.engine.vectors import FloatArray

__all__ = ["CCA", "PLS", "ConSE", "DeViSE", "ElasticNet", "KernelRidge", "Regressor", "Ridge", "TanhNetwork"]


class Regressor(Protocol):
    """A mapping learned from pairs: `fit(X, Y)` with X (n, p) and Y (n, q), then `transform(X)` to (m, q)."""

    def fit(self, X: FloatArray, Y: FloatArray) -> Self: ...

    def transform(self, X: FloatArray) -> FloatArray: ...
