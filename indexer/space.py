"""What the memory needs of a joint space; the engine's spaces are such."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from PIL import Image

from mindseye.engine.vectors import FloatArray


class Space(Protocol):
    """A joint space as seen from storage: pictures to raw features, features to joint rows."""

    @property
    def name(self) -> str:
        """What it is called; a library remembers whose it is."""

    @property
    def encoder(self) -> str:
        """Fingerprint of what raw features of pictures depend on: weights, preprocessing and version."""

    @property
    def text_encoder(self) -> str:
        """Fingerprint of what embeddings of texts depend on."""

    @property
    def mapping(self) -> str:
        """Fingerprint of what turns features into joint rows."""

    @property
    def width(self) -> int:
        """Width of a joint row."""

    @property
    def raw_width(self) -> int:
        """Width of a picture's raw features."""

    @property
    def text_width(self) -> int:
        """Width of a text's embedding."""

    def encode_images(self, images: Sequence[Image.Image]) -> FloatArray:
        """Return raw features (n, raw_width) of n RGB pictures."""

    def image_rows(self, features: FloatArray) -> FloatArray:
        """Return joint rows (n, width) of features (n, raw_width); cheap."""

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return embeddings (n, text_width) of n texts, unit; zero where nothing of a text is known."""

    def encode_words(self, words: Sequence[str]) -> FloatArray:
        """Return embeddings (n, text_width) of n words, with what a dictionary says of them."""

    def passage_rows(self, embeddings: FloatArray) -> FloatArray:
        """Return joint rows (n, width) of embeddings (n, text_width) of texts; cheap."""

    def weighted(self, unweighted: FloatArray, kind: str, modality: str) -> FloatArray:
        """Return joint rows (n, width) as queries by "text" or "image" for the items of a modality."""


class Known(NamedTuple):
    """The half that is known of a modality's items, as it is stored.

    encoder: fingerprint of what it depends on; width: its numbers; rows: makes joint rows (n, width of the space).
    """

    encoder: str
    width: int
    rows: Callable[[FloatArray], FloatArray]


def known(space: Space, modality: str) -> Known:
    """Return what a space knows of a modality: of pictures their raw features, of texts their embeddings."""
    if modality == "image":
        return Known(space.encoder, space.raw_width, space.image_rows)
    return Known(space.text_encoder, space.text_width, space.passage_rows)
