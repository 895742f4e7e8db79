"""Arrays that a long evaluation needs again, features and logits, kept by all that they depend on."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from mindseye.engine.files import replace_file
from mindseye.engine.fingerprints import fingerprint

Named = Mapping[str, NDArray[np.generic]]


class Arrays:
    """Safetensors files below a folder, named by the fingerprint of what their arrays were made from."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, parts: tuple[object, ...], make: Callable[[], Named]) -> Named:
        """Return what is kept for `parts` (JSON values), else make and keep it; a damaged file counts as none."""
        path = self._folder / f"{fingerprint(*parts)}.safetensors"
        try:
            return load_file(path)
        except (OSError, SafetensorError):
            made = {name: np.ascontiguousarray(array) for name, array in make().items()}
        self._folder.mkdir(parents=True, exist_ok=True)
        replace_file(path, lambda temporary: save_file(made, temporary))
        return made
