"""Decoded pictures of any colour mode to RGB, no larger than an encoder needs, with little memory beside."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from PIL import Image

SHORT_SIDE = 520  # twice the widest encoder input (260 px): larger pictures are reduced
MOST_PIXELS = 4 * (2 * SHORT_SIDE) ** 2  # of a picture that is kept: one four times as long as wide stays as it is
_BAND = 1 << 20  # pixels converted at once


def reduced(image: Image.Image) -> Image.Image:
    """Return a decoded picture as RGB, reduced by whole factors: deep greys are scaled, transparency lies on white.

    The shorter side becomes SHORT_SIDE to 2 × SHORT_SIDE px where it was longer. The longer side is reduced more
    than the shorter one where the picture would have more than MOST_PIXELS otherwise.
    """
    across, down = _factors(*image.size)
    to_rgb = _conversion(image)
    if across == down == 1:
        return to_rgb(image)
    width, height = image.size
    small = Image.new("RGB", (-(-width // across), -(-height // down)))
    for top, band in _bands(image, down):
        small.paste(to_rgb(band).reduce((across, down)), (0, top // down))
    return small


def _factors(width: int, height: int) -> tuple[int, int]:
    short, long = sorted((width, height))
    factor = max(1, short // SHORT_SIDE)
    longest = MOST_PIXELS // -(-short // factor)
    along = max(factor, -(-long // longest))
    return (along, factor) if width > height else (factor, along)


def _bands(image: Image.Image, rows: int) -> Iterator[tuple[int, Image.Image]]:
    """Yield pieces as wide as the picture, some multiple of `rows` high, and where each begins."""
    width, height = image.size
    step = rows * max(1, _BAND // (width * rows))
    for top in range(0, height, step):
        yield top, image.crop((0, top, width, min(top + step, height)))


def _conversion(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Return what makes RGB of any piece of a picture."""
    if image.mode.startswith("I;16"):
        return _from_sixteen_bits
    if image.mode in ("I", "F"):  # no natural range: the picture's own
        return partial(_from_range, extent=_extent(image))
    return _on_white if image.has_transparency_data else _plain


def _plain(image: Image.Image) -> Image.Image:
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    upper = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", upper.size, "white"), upper).convert("RGB")


def _from_sixteen_bits(image: Image.Image) -> Image.Image:
    return _grey(np.asarray(image).astype(np.float32) / 257)


def _from_range(image: Image.Image, extent: tuple[float, float]) -> Image.Image:
    low, high = extent
    values = np.nan_to_num(_numbers(image)).clip(low, high)
    return _grey((values - low) / ((high - low) or 1.0) * 255)


def _extent(image: Image.Image) -> tuple[float, float]:
    """Return the smallest and the largest finite value, 0 and 0 where there is none."""
    low, high = np.inf, -np.inf
    for _, band in _bands(image, 1):
        values = _numbers(band)
        finite = values[np.isfinite(values)]
        low, high = finite.min(initial=low), finite.max(initial=high)
    return (float(low), float(high)) if low <= high else (0.0, 0.0)


def _numbers(image: Image.Image) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # of signalling NaNs
        return np.asarray(image, np.float64)


def _grey(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.rint(values).astype(np.uint8)).convert("RGB")
