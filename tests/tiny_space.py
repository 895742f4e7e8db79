"""A small real space without a network: colour histograms and letters, thrown into joint rows by fixed projections."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from mindseye.engine.vectors import FloatArray, halves, unit

BINS = 4  # per colour channel


@dataclass
class TinySpace:
    """Pictures to histograms of BINS³ colours, texts to sums of their words' random vectors, both to rows [s; v].

    It counts the pictures and texts that it encodes.
    """

    encoder: str = "tiny-histogram-1"
    text_encoder: str = "tiny-words-1"
    mapping: str = "tiny-projection-1"
    half: int = 12
    name: str = "tiny"
    encoded: int = 0
    batches: list[int] = field(default_factory=list)
    texts: int = 0
    text_width: int = 16

    @property
    def width(self) -> int:
        return 2 * self.half

    @property
    def raw_width(self) -> int:
        return BINS**3

    def encode_images(self, images: Sequence[Image.Image]) -> FloatArray:
        self.encoded += len(images)
        self.batches.append(len(images))
        return np.stack([self._histogram(image) for image in images])

    def image_rows(self, features: FloatArray) -> FloatArray:
        seed = sum(self.mapping.encode())
        semantic, visual = np.random.default_rng(seed).normal(size=(2, self.raw_width, self.half))
        return halves(unit(features @ semantic), unit(features @ visual))

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        self.texts += len(texts)
        return unit(
            np.stack([sum((self._word(word) for word in text.lower().split()), self._word("")) for text in texts])
        )

    def encode_words(self, words: Sequence[str]) -> FloatArray:
        return self.encode_texts(words)

    def passage_rows(self, embeddings: FloatArray) -> FloatArray:
        seed = sum(self.mapping.encode()) + 1
        semantic, visual = np.random.default_rng(seed).normal(size=(2, self.text_width, self.half))
        return halves(unit(embeddings @ semantic), unit(embeddings @ visual))

    def weighted(self, unweighted: FloatArray, kind: str, modality: str) -> FloatArray:
        return unweighted

    def _word(self, word: str) -> FloatArray:
        seed = int.from_bytes(hashlib.sha256(f"{self.text_encoder} {word.strip('.,;')}".encode()).digest()[:4])
        return np.random.default_rng(seed).normal(size=self.text_width).astype(np.float32)

    def _histogram(self, image: Image.Image) -> FloatArray:
        levels = np.asarray(image.convert("RGB"), np.int64) * BINS // 256
        colours = levels @ np.array([BINS * BINS, BINS, 1])
        counts = np.bincount(colours.ravel(), minlength=self.raw_width)
        return (counts / counts.sum()).astype(np.float32)
