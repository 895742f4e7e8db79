"""Paragraph vectors as a text encoder: what a new text's tag would be is inferred (Le & Mikolov 2014)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.text import tokens as tokeniser
from mindseye.engine.text.encoder import Progress
from mindseye.engine.text.training import Parameters, gensim_model
from mindseye.engine.text.word_vectors import digests
from mindseye.engine.vectors import FloatArray, unit

_WORDS, _ARRAYS, _PARAMETERS = "words.txt", "paragraphs.safetensors", "paragraphs.json"
_STEPS, _MOST = 50, 400  # passes over a text, more over a short one, so that _WORDS_SEEN go by
_WORDS_SEEN = 2000
_FIRST, _LAST = 0.025, 0.0001  # learning rates
_TOLD = 100  # texts between two words of progress
_RECIPE = (
    f"{tokeniser.RECIPE}; a known word's own vector, or inferred from zero, "
    f"{_WORDS_SEEN} words in {_STEPS} to {_MOST} passes, {_FIRST} to {_LAST}"
)


class ParagraphVectors:
    """A trained PV-DBOW or PV-DM model, whose words and paragraphs share one space.

    words: each word and its row, most frequent first; vectors, output (n, d): of the words as inputs and as outputs;
    counts (n,): in the corpus.
    """

    runtime = None  # gensim's own code, on the processor

    def __init__(
        self,
        words: Mapping[str, int],
        vectors: FloatArray,
        output: FloatArray,
        counts: NDArray[np.int64],
        parameters: Parameters,
    ) -> None:
        self.words, self.vectors, self.output, self.counts = words, vectors, output, counts
        self.parameters = parameters
        self.width = int(vectors.shape[1])
        self._lock = Lock()  # the model has one generator of random numbers

    @cached_property
    def fingerprint(self) -> str:
        """Names all that a text's vector follows from."""
        arrays = digests(self.words, self.vectors, self.output, self.counts)
        return fingerprint("paragraph vectors", _RECIPE, asdict(self.parameters), *arrays)

    def __contains__(self, text: str) -> bool:
        return bool(self._known(text))

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> FloatArray:
        """Return unit rows (n, d), each text's own whatever the others are; zero where no word of a text is known.

        progress is told (done, total) now and then.
        """
        result = np.zeros((len(texts), self.width), dtype=np.float32)
        for number, text in enumerate(texts, start=1):
            if known := self._known(text):
                result[number - 1] = self.vectors[self.words[known[0]]] if len(known) == 1 else self._inferred(known)
            if progress and (number % _TOLD == 0 or number == len(texts)):
                progress(number, len(texts))
        return unit(result)

    def _known(self, text: str) -> list[str]:
        return [word for word in tokeniser.tokens(text) if word in self.words]

    def _inferred(self, known: list[str]) -> FloatArray:
        """Return a text's vector. gensim's `infer_vector` starts from a hash that changes with each process."""
        from gensim.models.doc2vec_inner import train_document_dbow, train_document_dm

        step = train_document_dbow if self.parameters.method == "pv-dbow" else train_document_dm
        inferred = np.zeros((1, self.width), dtype=np.float32)
        fixed = {"learn_words": False, "learn_hidden": False, "doctags_lockf": np.ones(1, dtype=np.float32)}
        with self._lock:
            self._model.random = np.random.RandomState(self.parameters.seed)
            for rate in np.linspace(_FIRST, _LAST, int(np.clip(_WORDS_SEEN // len(known), _STEPS, _MOST))):
                step(self._model, known, [0], rate, doctag_vectors=inferred, **fixed)
        return np.asarray(inferred[0])

    @cached_property
    def _model(self) -> Any:
        """gensim's model, made again of its arrays."""
        model = gensim_model(self.parameters, min_count=1, max_final_vocab=None, workers=1)
        model.build_vocab_from_freq(dict(zip(self.words, self.counts.tolist(), strict=True)))
        model.wv.index_to_key, model.wv.key_to_index = list(self.words), dict(self.words)  # it turned equals around
        model.wv.vectors, model.syn1neg = np.array(self.vectors), np.array(self.output)
        return model

    def save(self, folder: Path) -> None:
        """Write all of it into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, NDArray[Any]] = {"vectors": self.vectors, "output": self.output, "counts": self.counts}
        save_file(arrays, folder / _ARRAYS)
        (folder / _PARAMETERS).write_text(json.dumps(asdict(self.parameters)), encoding="utf-8")
        (folder / _WORDS).write_text("\n".join(self.words), encoding="utf-8")

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether such a model is kept in a folder."""
        return (folder / _PARAMETERS).is_file()

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises OSError, ValueError and such when it is not there or damaged."""
        words = (folder / _WORDS).read_text(encoding="utf-8").split("\n")
        arrays = load_file(folder / _ARRAYS)
        if {len(array) for array in arrays.values()} != {len(words)}:
            raise ValueError(f"{len(words)} words and arrays of other lengths in {folder}")
        parameters = Parameters(**json.loads((folder / _PARAMETERS).read_text(encoding="utf-8")))
        return cls({word: row for row, word in enumerate(words)}, **arrays, parameters=parameters)
