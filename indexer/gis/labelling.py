"""Which words a raster's tiles have: how much of each is covered by which rules' geometries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.records import Window
from mindseye.indexer.gis.rules import BackgroundRules, Rules


class Imagery(Protocol):
    """What labelling knows of a raster. crs: of rasterio or pyproj; bounds: left, bottom, right, top in it."""

    path: Path
    crs: Any
    bounds: tuple[float, float, float, float]
    transform: Any
    width: int
    height: int


class Cut(Protocol):
    """Some tiles of a raster: their windows and regions, shapely polygons in the raster's CRS of what is valid."""

    windows: Sequence[Window]
    regions: np.ndarray


@dataclass(frozen=True)
class Labelled:
    """The words of one tile. cover: by word, the share, 0 to 1, of the tile's region that its geometries cover."""

    labels: tuple[str, ...] = ()
    cover: Mapping[str, float] = field(default_factory=dict)


class Labeller:
    """Labels the tiles of one raster, some at a time; the layers are read once, within the raster's bounds only."""

    def __init__(self, layers: Layers, rules: Rules, raster: Imagery) -> None:
        """Read what the rules need. Raises UsageError when a rule names no layer or no column."""
        raise NotImplementedError

    @property
    def diagnoses(self) -> list[str]:
        """What was found odd, in words; complete once all tiles are labelled."""
        raise NotImplementedError

    def label(self, strip: Cut) -> list[Labelled]:
        """Return the words of each tile, in the strip's order."""
        raise NotImplementedError


def kept(labelled: Sequence[bool], background: BackgroundRules | None) -> np.ndarray:
    """Return which tiles are kept, (n,) bool: all that have labels, and so many of the others as are asked for."""
    keep = np.array(labelled, bool)
    if background is None:
        return np.ones(len(keep), bool)
    if background.share == 1:
        return ~keep if not keep.any() else np.ones(len(keep), bool)
    others = np.flatnonzero(~keep)
    wanted = round(keep.sum() * background.share / (1 - background.share))
    keep[np.random.default_rng(background.seed).permutation(others)[:wanted]] = True
    return keep
