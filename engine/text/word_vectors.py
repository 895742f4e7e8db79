"""Word vectors of any origin as a text encoder: a text is the mean of its known words."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.text.lexicon import normalised
from mindseye.engine.text.vector_files import read_vectors
from mindseye.engine.vectors import FloatArray, unit

Progress = Callable[[int, int], None]
_FILES = "words.txt", "vectors.npy", "weights.npy", "fingerprint.txt"
_SMOOTHING = 1e-4  # of the weights; with 1e-3 a paragraph of an encyclopedia finds its document less often


class WordVectors:
    """Words and a vector for each; a phrase may be a word of its own, joined by underscores as word2vec does.

    words: each word and its row; vectors (n, d); weights (n,): how much each word counts in a text, all the same when
    None.
    """

    runtime = None  # no network: words are looked up

    def __init__(self, words: Mapping[str, int], vectors: FloatArray, weights: FloatArray | None = None) -> None:
        self.words = words
        self.vectors = vectors
        self.weights = weights
        self.width = int(vectors.shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """Names all words and all numbers of their vectors."""
        weights = [] if self.weights is None else [self.weights]
        return fingerprint("word vectors, unit mean", *digests(self.words, self.vectors, *weights))

    def __contains__(self, word: str) -> bool:
        return bool(self._rows(word))

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> FloatArray:
        """Return unit rows (n, d): the mean of the known words' vectors, zero where no word of a text is known."""
        result = np.zeros((len(texts), self.width), dtype=np.float32)
        for number, text in enumerate(texts):
            if rows := self._rows(text):
                result[number] = np.average(self.vectors[rows], axis=0, weights=self._weights(rows))
        if progress:
            progress(len(texts), len(texts))
        return unit(result)

    def _rows(self, text: str) -> list[int]:
        """Return the rows of a text's words: of itself when it is one, of its parts, as written or in lower case."""
        plain = normalised(text)
        for whole in (text.strip(), plain, plain.replace(" ", "_")):
            if whole in self.words:
                return [self.words[whole]]
        parts = [part for piece in plain.split() for part in self._parts(piece)]
        return [self.words[part] for part in parts if part in self.words]

    def _parts(self, piece: str) -> list[str]:
        bare = piece.strip(".,;:!?'\"()")
        return [bare] if bare in self.words else re.findall(r"\w+", piece)

    def _weights(self, rows: list[int]) -> FloatArray | None:
        return None if self.weights is None else self.weights[rows]

    def save(self, folder: Path) -> None:
        """Write words and vectors into a folder, where `load` finds them without reading them through."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / _FILES[1], np.asarray(self.vectors, dtype=np.float32), allow_pickle=False)
        if self.weights is not None:
            np.save(folder / _FILES[2], self.weights, allow_pickle=False)
        (folder / _FILES[0]).write_text("\n".join(self.words), encoding="utf-8")
        (folder / _FILES[3]).write_text(self.fingerprint, encoding="utf-8")  # seconds to make of gigabytes

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises OSError and ValueError when it is not there or damaged."""
        words = (folder / _FILES[0]).read_text(encoding="utf-8").split("\n")
        vectors = np.load(folder / _FILES[1], mmap_mode="r", allow_pickle=False)
        if len(words) != len(vectors):
            raise ValueError(f"{len(words)} words and {len(vectors)} vectors in {folder}")
        weighted = (folder / _FILES[2]).is_file()
        weights = np.load(folder / _FILES[2], allow_pickle=False) if weighted else None
        loaded = cls({word: row for row, word in enumerate(words)}, vectors, weights)
        if (folder / _FILES[3]).is_file():
            loaded.fingerprint = (folder / _FILES[3]).read_text(encoding="utf-8")
        return loaded

    @classmethod
    def read(cls, path: Path, trust: bool = False) -> Self:
        """Read a file of word vectors; `trust` and errors are those of `read_vectors`."""
        return cls(*read_vectors(path, trust))


def smooth_inverse_frequency(counts: NDArray[np.int64]) -> FloatArray:
    """Return the weights (n,) of words in a text from their counts (n,) in a corpus (Arora, Liang & Ma 2017)."""
    return np.asarray(_SMOOTHING / (_SMOOTHING + counts / counts.sum()), dtype=np.float32)


def digests(words: Iterable[str], *arrays: NDArray[Any]) -> tuple[str, ...]:
    """Return the SHA-256 of words and of each array's numbers as little-endian float32, for fingerprints."""
    numbers = (np.ascontiguousarray(array, dtype="<f4") for array in arrays)
    return sha256("\n".join(words).encode()).hexdigest(), *(sha256(each.data).hexdigest() for each in numbers)
