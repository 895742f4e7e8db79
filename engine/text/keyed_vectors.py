"""gensim's own files, which are pickles: read without letting anything in them run."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from mindseye.engine.vectors import FloatArray

_ALLOWED = {  # what plain tables and numpy's arrays are pickled with, under numpy's present and its older names
    (f"numpy.{core}.multiarray", name) for core in ("core", "_core") for name in ("_reconstruct", "scalar")
} | {("numpy", "ndarray"), ("numpy", "dtype"), ("collections", "defaultdict"), ("builtins", "int")}  # fmt: skip
_SET_ASIDE = ("gensim.", "numpy.random.")  # classes whose objects become mere attributes


class _Attributes:
    """Stands in for a class of a pickle: keeps an object's attributes, runs nothing of it."""

    def __init__(self, *arguments: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        if isinstance(state, dict):
            vars(self).update(state)


class _Unpickler(pickle.Unpickler):
    """Knows tables, numpy's arrays and plain values; gensim's classes become `_Attributes`, and all else is refused.

    A pickle runs what it names: so what may be named is listed, each by its full name, and none of it runs code of the
    file's choosing. It can still ask for much memory, which is why it is read only when the user says to trust it.
    """

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED:
            return super().find_class(module, name)
        if module.startswith(_SET_ASIDE) or (module, name) == ("builtins", "hash"):
            return _Attributes
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which word vectors do not need")


def read_keyed_vectors(path: Path) -> tuple[list[str], FloatArray]:
    """Return the words and vectors (n, d) of a file that gensim 4 saved: KeyedVectors, or a model that holds them.

    Arrays that gensim wrote beside it (`.npy`) are read too. Raises whatever a damaged file leads to.
    """
    with path.open("rb") as file:
        kept = vars(_Unpickler(file).load())
    beside = f"{path}.vectors.npy"
    if isinstance(kept.get("wv"), _Attributes):
        kept, beside = vars(kept["wv"]), f"{path}.wv.vectors.npy"
    vectors = kept.get("vectors")
    if vectors is None:
        vectors = np.load(beside, allow_pickle=False)
    words = [str(word) for word in kept["index_to_key"]]
    return words, np.asarray(vectors, dtype=np.float32)
