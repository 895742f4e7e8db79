"""Every way of imagining, by name."""

from pathlib import Path

from mindseye.engine.errors import UsageError
from mindseye.engine.synthesis.inversion import EnsembleInversion
from mindseye.engine.synthesis.method import Method
from mindseye.engine.synthesis.recollection import Recollecting
from mindseye.engine.synthesis.settings import InversionSettings

DEFAULT = "ensemble_inversion"
METHODS = (DEFAULT, "recollection")


def load_method(name: str = DEFAULT, size: int | None = None, trained: Path | None = None) -> Method:
    """Return a way of imagining, ready to be asked.

    size: side of its pictures in pixels, its own default when None; trained: folder of what the trained ways learned.
    Raises UsageError for an unknown name, a size out of range, and a way that was not trained yet.
    """
    if name == DEFAULT:
        return EnsembleInversion(InversionSettings() if size is None else InversionSettings(size=size))
    if name == "recollection":
        return Recollecting() if size is None else Recollecting(size=size)
    raise UsageError(f"no way of imagining is called {name!r}", f"use one of {', '.join(METHODS)}")
