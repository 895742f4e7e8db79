"""What tiles truly show, told by what no space learns from: the land-sea mask, and the colours of the pixels.

The mask was rasterised from the same shores as the layers, but by others. No layer tells of ice, desert and forest:
they are told by colour alone, which is a stand-in, and nothing more (docs/earth.md).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mindseye.indexer.gis.earth_files import MASK_OCEAN, blue_marble, land_sea_mask
from mindseye.indexer.gis.records import Box

BY_MASK = ("ocean", "land", "coast")
BY_COLOUR = ("ice", "desert", "forest")
_ALL, _SOME = 0.9, 0.1  # of a tile
_WHITE = 200  # of 255, the darkest of its three colours
_BRIGHT, _YELLOW = 110, 45  # mean of its colours; red above blue
_DARK = 65


def truths(boxes: Sequence[Box]) -> dict[str, NDArray[np.bool_]]:
    """Return, by word, which tiles (n,) show it. boxes: in degrees, each within one turn of the Earth."""
    ocean = _means(land_sea_mask()[..., None] == MASK_OCEAN, boxes)[:, 0]
    with Image.open(blue_marble()) as picture:
        red, green, blue = _means(np.asarray(picture), boxes).T
    mean, land = (red + green + blue) / 3, ocean <= 1 - _ALL
    white = np.minimum(np.minimum(red, green), blue) > _WHITE
    return {
        "ocean": ocean >= _ALL,
        "land": land,
        "coast": (ocean >= _SOME) & (ocean <= 1 - _SOME),
        "ice": white,
        "desert": land & (mean > _BRIGHT) & (red - blue > _YELLOW) & ~white,
        "forest": land & (mean < _DARK) & (green >= red) & (green > blue),
    }


def _means(grid: NDArray[np.generic], boxes: Sequence[Box]) -> NDArray[np.float64]:
    """Return the mean (n, c) of a grid of the whole Earth (h, 2h, c), north first, in each box."""
    scale = len(grid) / 180
    edges = np.round((np.array(boxes) + np.array([180, 90, 180, 90])) * scale).astype(int)
    return np.array(
        [
            grid[len(grid) - north : len(grid) - south, west:east].mean(axis=(0, 1))
            for west, south, east, north in edges.tolist()
        ]
    )
