"""Files of word vectors: word2vec (text and binary), GloVe, fastText, gensim's KeyedVectors; all through gensim."""

import logging
import warnings
from pathlib import Path

import numpy as np

from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.engine.text.keyed_vectors import read_keyed_vectors
from mindseye.engine.vectors import FloatArray

_LOG = logging.getLogger(__name__)
_PICKLED = (".kv", ".model", ".pkl", ".pickle")
_FASTTEXT = b"\xba\x16\x4f\x2f"  # its binary files begin so


def read_vectors(path: Path, trust: bool = False) -> tuple[dict[str, int], FloatArray]:
    """Return the words of a file, each with its row, and their vectors (n, d).

    trust: whether a pickle may be read, which gensim's KeyedVectors are. A word that comes twice keeps its first
    vector. Raises UsageError when the file is missing or an untrusted pickle, UnreadableFileError when it holds no
    word vectors, rows of several widths, more or fewer rows than it says, or numbers that are not finite.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}", "name a file of word vectors, or glove")
    if path.suffix in _PICKLED and not trust:
        raise UsageError(
            f"{path} is a pickle, which can run code when it is read",
            "save it with gensim's `save_word2vec_format(path, binary=True)` and name that, or --trust it",
        )
    try:
        words, vectors = read_keyed_vectors(path) if path.suffix in _PICKLED else _read(path)
        _check(words, vectors)
    except Exception as error:  # whatever a parser stumbles over in bytes that are something else
        reason = f"{path} cannot be read as word vectors ({error})"
        raise UnreadableFileError(reason, "give word2vec, GloVe, fastText or gensim vectors, whole") from error
    # Words are kept as lines.
    rows = {" ".join(word.splitlines()): row for row, word in enumerate(words)}
    return rows, np.ascontiguousarray(vectors, dtype=np.float32)


def _check(words: list[str], vectors: FloatArray) -> None:
    if vectors.ndim != 2 or len(words) != len(vectors):
        raise ValueError(f"it has {len(words):,} words, and vectors of shape {vectors.shape}")
    if len(words) < 2 or not vectors.shape[1]:
        raise ValueError(f"it has {len(words)} words with {vectors.shape[1]} numbers each")
    if (broken := ~np.isfinite(vectors).all(axis=1)).any():
        raise ValueError(f"the vector of {words[int(broken.argmax())]!r} is not finite")


def _read(path: Path) -> tuple[list[str], FloatArray]:
    """Return words and vectors. What the first bytes say decides: names are used for all formats alike."""
    from gensim.models import KeyedVectors
    from gensim.models.fasttext import load_facebook_vectors

    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise ValueError("it is empty")
    if start.startswith(_FASTTEXT):
        keyed = load_facebook_vectors(str(path))
        return keyed.index_to_key, keyed.vectors
    first = start.split(b"\n", 1)[0].split()
    header = len(first) == 2 and all(part.isdigit() for part in first)
    binary = header and not _is_text(start)
    if binary:
        _check_size(path, *map(int, first))
    told = int(first[0]) if binary else _rows_of_text(path, header)
    with warnings.catch_warnings():  # gensim opens a file without a header twice and closes it once
        warnings.simplefilter("ignore", ResourceWarning)
        keyed = KeyedVectors.load_word2vec_format(str(path), binary=binary, no_header=not header)
    words = list(keyed.key_to_index)  # gensim leaves empty places at the end for words that came twice
    if twice := told - len(words):
        _LOG.warning("%s has %d words twice; the first vector of each is kept", path, twice)
    elif binary:
        _check_end(path, start.index(b"\n") + 1, words, keyed.vectors)
    return words, keyed.vectors[: len(words)]


def _is_text(start: bytes) -> bool:
    """Whether the second line holds numbers in digits; the last of what was read may be cut."""
    fields = start.split(b"\n", 1)[-1].split(b"\n")[0].split(b" ")[1:-1]
    try:
        return bool(fields) and all(np.isfinite(float(field)) for field in fields)
    except ValueError:
        return False


def _rows_of_text(path: Path, header: bool) -> int:
    """Return how many rows a file of text has. Raises ValueError when their widths differ or the header lies."""
    with path.open("rb") as lines:
        told, width = map(int, next(lines).split()) if header else (None, None)
        rows = 0
        for rows, line in enumerate(lines, start=1):
            numbers = line.rstrip().count(b" ")
            width = width or numbers
            if numbers != width:
                raise ValueError(f"row {rows} has {numbers} numbers, {width} are due")
    if told not in (None, rows):
        raise ValueError(f"its first line tells of {told:,} rows, it has {rows:,}")
    return rows


def _check_size(path: Path, rows: int, width: int) -> None:
    """Raise ValueError when a binary file is too short for what its first line tells of: gensim makes room for it."""
    if path.stat().st_size < rows * (4 * width + 1):
        raise ValueError(f"its first line tells of {rows:,} rows of {width:,} numbers, it is too short for them")


def _check_end(path: Path, header: int, words: list[str], vectors: FloatArray) -> None:
    """Raise ValueError when a binary file goes on after the rows that its first line tells of."""
    least = header + sum(len(word.encode()) + 1 for word in words) + vectors.nbytes
    if path.stat().st_size > least + len(words):  # the original tool ends each row with a newline
        raise ValueError(f"it goes on after the {len(words):,} rows that its first line tells of")
