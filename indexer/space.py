"""What the memory needs of a joint space; the engine's spaces are such."""

from collections.abc import Sequence
from typing import Protocol

from PIL import Image

from mindseye.engine.vectors import FloatArray


class Space(Protocol):
    """A joint space as seen from storage: pictures to raw features, features to joint rows."""

    @property
    def name(self) -> str:
        """What it is called; a library remembers whose it is."""

    @property
    def encoder(self) -> str:
        """Fingerprint of the encoders: their weights, preprocessing and version."""

    @property
    def mapping(self) -> str:
        """Fingerprint of what turns features into joint rows."""

    @property
    def width(self) -> int:
        """Width of a joint row."""

    @property
    def raw_width(self) -> int:
        """Width of a picture's raw features."""

    def encode_images(self, images: Sequence[Image.Image]) -> FloatArray:
        """Return raw features (n, raw_width) of n RGB pictures."""

    def image_rows(self, features: FloatArray) -> FloatArray:
        """Return joint rows (n, width) of features (n, raw_width); cheap."""
