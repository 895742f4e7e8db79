"""Word vectors of any origin as a text encoder: a text is the mean of its known words."""

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.text.lexicon import normalised
from mindseye.engine.vectors import FloatArray, unit

Progress = Callable[[int, int], None]
_PICKLED = (".kv", ".model", ".pkl", ".pickle")
_FILES = "words.txt", "vectors.npy"


class WordVectors:
    """Words and a vector for each; a phrase may be a word of its own, joined by underscores as word2vec does.

    words: each word and its row; vectors (n, d).
    """

    runtime = None  # no network: words are looked up

    def __init__(self, words: Mapping[str, int], vectors: FloatArray) -> None:
        self.words = words
        self.vectors = vectors
        self.width = int(vectors.shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """Names the words and, by a thousand of them, their vectors."""
        some = self.vectors[:: max(1, len(self.vectors) // 1000)].astype(np.float16)
        return fingerprint("word vectors, unit mean", self.vectors.shape, list(self.words)[:1000], some.tolist())

    def __contains__(self, word: str) -> bool:
        return bool(self._rows(word))

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> FloatArray:
        """Return unit rows (n, d): the mean of the known words' vectors, zero where no word of a text is known."""
        result = np.zeros((len(texts), self.width), dtype=np.float32)
        for number, text in enumerate(texts):
            if rows := self._rows(text):
                result[number] = self.vectors[rows].mean(axis=0)
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

    def save(self, folder: Path) -> None:
        """Write words and vectors into a folder, where `load` finds them without reading them through."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / _FILES[1], np.asarray(self.vectors, dtype=np.float32), allow_pickle=False)
        (folder / _FILES[0]).write_text("\n".join(self.words), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises OSError and ValueError when it is not there or damaged."""
        words = (folder / _FILES[0]).read_text(encoding="utf-8").split("\n")
        vectors = np.load(folder / _FILES[1], mmap_mode="r", allow_pickle=False)
        if len(words) != len(vectors):
            raise ValueError(f"{len(words)} words and {len(vectors)} vectors in {folder}")
        return cls({word: row for row, word in enumerate(words)}, vectors)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file of word vectors through gensim: word2vec or fastText, text or binary, or GloVe's text.

        Raises UsageError when it is missing or a pickle, UnreadableFileError when it is none of these.
        """
        if not path.is_file():
            raise UsageError(f"there is no file {path}", "name a file of word vectors, or glove")
        if path.suffix in _PICKLED:
            raise UsageError(
                f"{path} is a pickle, which can run code when it is read",
                "save it with gensim's `save_word2vec_format(path, binary=True)` and name that",
            )
        try:
            keyed = _read(path)
        except Exception as error:  # whatever a parser stumbles over in bytes that are something else
            reason = f"{path} cannot be read as word vectors ({error})"
            raise UnreadableFileError(reason, "give word2vec, GloVe or fastText vectors") from error
        words = {word.replace("\n", " "): row for word, row in keyed.key_to_index.items()}
        if len(words) < 2 or not np.isfinite(keyed.vectors).all():
            raise UnreadableFileError(f"{path} holds no usable word vectors", "give at least two words, all finite")
        return cls(words, np.ascontiguousarray(keyed.vectors, dtype=np.float32))


def _read(path: Path) -> Any:
    """Return gensim's KeyedVectors. What the first bytes say decides: names are used for all formats alike."""
    from gensim.models import KeyedVectors
    from gensim.models.fasttext import load_facebook_vectors

    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise ValueError("it is empty")
    if start.startswith(b"\xba\x16\x4f\x2f"):  # fastText's magic number
        return load_facebook_vectors(str(path))
    first = start.split(b"\n", 1)[0].split()
    header = len(first) == 2 and all(part.isdigit() for part in first)
    binary = header and not _is_text(start)
    with warnings.catch_warnings():  # gensim opens a file without a header twice and closes it once
        warnings.simplefilter("ignore", ResourceWarning)
        return KeyedVectors.load_word2vec_format(str(path), binary=binary, no_header=not header)


def _is_text(start: bytes) -> bool:
    """Whether the second line holds numbers in digits; the last of what was read may be cut."""
    fields = start.split(b"\n", 1)[-1].split(b"\n")[0].split(b" ")[1:-1]
    try:
        return bool(fields) and all(np.isfinite(float(field)) for field in fields)
    except ValueError:
        return False
