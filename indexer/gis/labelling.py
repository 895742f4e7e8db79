"""Which words a raster's tiles have: how much of each is covered by which rules' geometries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import shapely

from mindseye.indexer.gis.covering import Pieces, Shapes
from mindseye.indexer.gis.diagnosis import Diagnosis
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.offset import find_shift, told_shift
from mindseye.indexer.gis.opening import opened
from mindseye.indexer.gis.placing import Ground, Imagery, lengths
from mindseye.indexer.gis.preparing import prepare
from mindseye.indexer.gis.rules import BackgroundRules, LabelRule, Rules

_NOTHING = 1e-9  # share of a tile: less is the rounding of an edge that it shares with a geometry


class Cut(Protocol):
    """Some neighbouring tiles of a raster by their regions: polygons in the raster's CRS of what is valid, (n,)."""

    @property
    def regions(self) -> np.ndarray: ...


@dataclass(frozen=True)
class Labelled:
    """The words of one tile. cover: by word, the share, 0 to 1, of the tile's region that its geometries cover."""

    labels: tuple[str, ...] = ()
    cover: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Met:
    """What one rule finds in tiles, (n,) each: cover, whether it matches, and the pieces that cover."""

    cover: np.ndarray
    matches: np.ndarray
    pieces: Pieces


class Labeller:
    """Labels the tiles of one raster, some at a time; layers are read once, around the raster only."""

    def __init__(self, layers: Layers, rules: Rules, raster: Imagery) -> None:
        """Read what the rules need. Raises UsageError for a layer, column or CRS that is not there."""
        self._raster, self._offset, self._rules = raster, rules.offset, rules.labels
        self._ground = Ground.under(raster)
        self._diagnosis = Diagnosis(self._ground, rules)
        self._prepared = prepare(layers, rules, raster, self._ground, self._diagnosis)

    @property
    def diagnoses(self) -> list[str]:
        """What was found odd, in words; complete once all tiles are labelled."""
        return [*self._diagnosis.told(), *self._shifts]

    @cached_property
    def _shifts(self) -> list[str]:
        """What is told of layers whose polygons seem shifted against the picture."""
        told = []
        with opened(self._raster.path) as source:
            for name, number in {rule.layer: n for n, rule in enumerate(self._rules) if not rule.buffer}.items():
                shift = find_shift(source, self._prepared[number].areas.geometries)
                if shift is not None:
                    told.append(told_shift(shift, name, self._raster, self._ground, self._offset))
        return told

    def label(self, strip: Cut) -> list[Labelled]:
        """Return the words of each tile, in the strip's order."""
        regions = strip.regions
        if not len(regions):
            return []
        met = [self._meet(number, regions) for number in range(len(self._rules))]
        givers: dict[str, list[tuple[LabelRule, _Met]]] = defaultdict(list)
        for rule, one in zip(self._rules, met, strict=True):
            for word in rule.gives:
                givers[word].append((rule, one))
        words = {word: _given(some, shapely.area(regions)) for word, some in givers.items()}
        found = [_labelled(words, tile) for tile in range(len(regions))]
        self._diagnosis.counted(len(found), sum(bool(tile.labels) for tile in found))
        return found

    def _meet(self, number: int, regions: np.ndarray) -> _Met:
        prepared, rule = self._prepared[number], self._rules[number]
        pieces = prepared.areas.within(regions)
        cover = np.minimum(pieces.areas(len(regions)) / shapely.area(regions), 1)
        cover[cover < _NOTHING] = 0
        there = cover > 0
        if not rule.buffer:
            there[prepared.lines.within(regions).tiles] = True
            there[prepared.points.within(regions).tiles] = True
        matches, length = there & (cover >= rule.min_cover - _NOTHING), None
        if rule.min_length:
            length = _length(prepared.lines, regions, self._ground)
            matches &= length >= rule.min_length * (1 - _NOTHING)
        self._diagnosis.of_tiles(number, matches, cover, length)
        return _Met(cover, matches, pieces)


def _length(lines: Shapes, regions: np.ndarray, ground: Ground) -> np.ndarray:
    one = lines.within(regions).united()
    return np.bincount(one.tiles, lengths(one.shapes, ground.crs), len(regions))


def _given(some: Sequence[tuple[LabelRule, _Met]], areas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which tiles have a word, and their cover by it, (n,) each, from what all its rules found."""
    giving = [met for rule, met in some if not rule.negative]
    forbidding = [met.matches for rule, met in some if rule.negative]
    has = np.any([met.matches for met in giving], axis=0) if giving else np.zeros(len(areas), bool)
    for matches in forbidding:
        has &= ~matches
    if len(giving) > 1:
        cover = Pieces.joined([met.pieces for met in giving]).areas(len(areas)) / areas
        return has, np.where(cover < _NOTHING, 0, np.minimum(cover, 1))
    return has, giving[0].cover if giving else np.zeros(len(areas))


def _labelled(words: Mapping[str, tuple[np.ndarray, np.ndarray]], tile: int) -> Labelled:
    labels = tuple(word for word, (has, _) in words.items() if has[tile])
    return Labelled(labels, {word: float(cover[tile]) for word, (_, cover) in words.items() if cover[tile] > 0})


def kept(labelled: Sequence[bool], background: BackgroundRules | None) -> np.ndarray:
    """Return which tiles are kept, (n,) bool: all that have labels, and so many of the others as are asked for."""
    keep = np.array(labelled, bool)
    if background is None:
        return np.ones(len(keep), bool)
    others = np.flatnonzero(~keep)
    wanted = round(keep.sum() * background.share / (1 - background.share))
    keep[np.random.default_rng(background.seed).permutation(others)[:wanted]] = True
    return keep
