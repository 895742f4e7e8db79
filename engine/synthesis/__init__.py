"""Imagining: invert the visual vector that a query maps to, starting from what memory knows of it."""

from mindseye.engine.synthesis.inversion import EnsembleInversion
from mindseye.engine.synthesis.method import Imagined, Method, OnStep, Recalled, Start, Step
from mindseye.engine.synthesis.methods import METHODS, load_method
from mindseye.engine.synthesis.recollection import Recollecting, Recollection, recollect
from mindseye.engine.synthesis.settings import InversionSettings
from mindseye.engine.synthesis.target import Target, feature_target
from mindseye.engine.synthesis.transforms import Views

__all__ = [
    "METHODS",
    "EnsembleInversion",
    "Imagined",
    "InversionSettings",
    "Method",
    "OnStep",
    "Recalled",
    "Recollecting",
    "Recollection",
    "Start",
    "Step",
    "Target",
    "Views",
    "feature_target",
    "load_method",
    "recollect",
]
