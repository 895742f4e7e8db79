"""Imagining: invert the visual vector that a query maps to, starting from what memory knows of it."""

from mindseye.engine.synthesis.inversion import Imagined, OnStep, imagine
from mindseye.engine.synthesis.recollection import Recalled, Recollection, recollect
from mindseye.engine.synthesis.settings import InversionSettings, Start
from mindseye.engine.synthesis.target import Target
from mindseye.engine.synthesis.transforms import Views

__all__ = [
    "Imagined",
    "InversionSettings",
    "OnStep",
    "Recalled",
    "Recollection",
    "Start",
    "Target",
    "Views",
    "imagine",
    "recollect",
]
