"""The built-in collection of words, encoded: items that anything can be answered with."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from mindseye.engine import query
from mindseye.engine.errors import VectorError
from mindseye.engine.files import replace_file
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.query import encode_wordings
from mindseye.engine.space import JointSpace
from mindseye.engine.text.encoder import Progress
from mindseye.engine.text.lexicon import Lexicon
from mindseye.engine.text.words import common_words
from mindseye.engine.vectors import FloatArray, rows, unit


@dataclass(frozen=True)
class Vocabulary:
    """Words (n), their unit embeddings (n, ds), and what the dictionary says of each: its senses, one a line."""

    words: tuple[str, ...]
    embeddings: FloatArray
    definitions: tuple[str, ...]


def word_items(space: JointSpace, folder: Path, progress: Progress | None = None) -> Vocabulary:
    """Return the common words that a space knows, each encoded as it would be as a query.

    folder: where the embeddings are kept, by recipe, once they are made (some minutes with a sentence encoder);
    progress is told (done, total) of the texts. A word with its senses tags photographs better than the bare word, and
    as well as one row for each sense (docs/words.md).
    """
    words = common_words(space.lexicon)
    embeddings = _kept(space, words, folder, progress)
    known = np.flatnonzero(embeddings.any(axis=1))
    chosen = tuple(words[number] for number in known)
    return Vocabulary(chosen, embeddings[known], tuple(numbered_senses(space.lexicon, word) for word in chosen))


def numbered_senses(lexicon: Lexicon, word: str) -> str:
    """Return what the dictionary says of a word: its senses, one a line, numbered when there are several."""
    senses = lexicon.senses(word)
    numbers = (f"{sense.number} " if len(senses) > 1 else "" for sense in senses)
    return "\n".join(f"{number}{sense.definition}" for number, sense in zip(numbers, senses, strict=True))


def _kept(space: JointSpace, words: tuple[str, ...], folder: Path, progress: Progress | None) -> FloatArray:
    """Return the embeddings (n, ds) of words as they are kept in a folder, zero for unknown ones."""
    recipe = fingerprint(space.text.fingerprint, query.RECIPE, space.traits.defined, space.lexicon.fingerprint, words)
    path = folder / f"words-{recipe}.safetensors"
    try:
        return unit(rows(load_file(path)["embeddings"], space.text.width))
    except (OSError, KeyError, VectorError, SafetensorError):  # not there, or damaged: either way it can be made again
        embeddings = encode_wordings(space.text, [space.wording(word) for word in words], progress).semantic
    folder.mkdir(parents=True, exist_ok=True)
    halved = embeddings.astype(np.float16)  # as an embedding is stored anywhere
    replace_file(path, lambda temporary: save_file({"embeddings": halved}, temporary))
    return unit(halved)
