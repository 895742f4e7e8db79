"""What is odd about layers, rules and a raster, in words: what was found, and what to write to mend it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS

from mindseye.indexer.gis.conditions import columns_in
from mindseye.indexer.gis.elsewhere import elsewhere, exchanged, meets, name_of
from mindseye.indexer.gis.fetching import Fetched
from mindseye.indexer.gis.placing import Ground
from mindseye.indexer.gis.rules import LabelRule, LayerRules, Rules
from mindseye.indexer.gis.vectors import Layer

_SHOWN = 5  # values of a column


@dataclass
class _Reached:
    """The best that a rule met in any tile, and in how many it matched."""

    tiles: int = 0
    cover: float = 0.0
    length: float = 0.0


class Diagnosis:
    """Gathers what is found about one raster's labels."""

    def __init__(self, ground: Ground, rules: Rules) -> None:
        self._ground, self._rules = ground, rules.labels
        self._said: list[str] = []
        self._explained: set[int] = set()  # rules of which it was said why they give nothing
        self._unmet: dict[str, list[tuple[int, str, str]]] = {}  # by layer: rule, what it chose from, values there
        self._reached = [_Reached() for _ in rules.labels]
        self._dimensions: list[set[int]] = [set() for _ in rules.labels]
        self._tiles = self._labelled = 0
        if ground.crs.to_authority() is None:
            self._said.append(_without_code("the raster", ground.crs))

    def say(self, what: str) -> None:
        """Note something that was found elsewhere."""
        self._said.append(what)

    def of_layer(
        self, layer: Layer, name: str, told: LayerRules, crs: CRS, fetched: Fetched, numbers: Sequence[int]
    ) -> None:
        """Look at what of a layer lies around the raster; numbers: of the rules that ask for it."""
        if told.crs is not None and layer.crs is not None and crs != layer.crs:
            self.say(f"layer {name} says it is in {name_of(layer.crs)}; {name_of(crs)}, as the rules say, was used")
        elif crs.to_authority() is None:
            self.say(_without_code(f"layer {name}", crs))
        elif layer.driver == "GeoJSON" and told.crs is None and crs.to_epsg() != 4326:
            self.say(
                f"layer {name} is GeoJSON in {name_of(crs)} by its `crs` member; RFC 7946 knows longitude and latitude "
                "only, but what it says was used"
            )
        if layer.source != layer.file:
            self.say(f"layer {name}: its index (.shx) is missing or lags behind its geometries, and was made anew")
        if fetched.without:
            self.say(f"layer {name}: {fetched.without:,} features have no geometry or a damaged one, and were left out")
        if fetched.repaired:
            self.say(
                f"layer {name}: {fetched.repaired:,} of {fetched.features:,} geometries around the raster were invalid "
                "(crossing themselves, for instance) and were repaired"
            )
        if not len(fetched.parts):
            self.say(self._why_nothing(layer, name, told, crs))
            self._explained.update(numbers)

    def of_rule(self, number: int, fetched: Fetched, features: np.ndarray) -> None:
        """Look at the features, (n,) bool, that a rule's condition leaves."""
        rule = self._rules[number]
        self._dimensions[number] = set(shapely.get_dimensions(fetched.parts[features[fetched.owners]]).tolist())
        if rule.where and fetched.features and not features.any():
            asked = columns_in(rule.where, list(fetched.columns))
            values = "; ".join(f"{name} is {_most(fetched.columns[name])}" for name in asked)
            self._unmet.setdefault(rule.layer, []).append((number, f"{fetched.features:,} features", values))
            self._explained.add(number)

    def of_tiles(self, number: int, matches: np.ndarray, cover: np.ndarray, length: np.ndarray | None) -> None:
        """Take note of what a rule found in some tiles, (n,) each."""
        reached = self._reached[number]
        reached.tiles += int(matches.sum())
        reached.cover = max(reached.cover, float(cover.max()))
        if length is not None:
            reached.length = max(reached.length, float(length.max()))

    def counted(self, tiles: int, labelled: int) -> None:
        """Take note of how many tiles there were, and how many have a label."""
        self._tiles += tiles
        self._labelled += labelled

    def told(self) -> list[str]:
        """Return all that was found, each once."""
        found = [*self._said, *self._of_conditions(), *self._of_unmatched()]
        if not self._tiles:
            found.append("there were 0 tiles to label: the raster is smaller than a tile, or lacks data everywhere")
        elif not self._labelled:
            found.append(f"0 of {self._tiles:,} tiles have a label" + ("; why is said above" if found else ""))
        return list(dict.fromkeys(found))

    def _of_conditions(self) -> Iterator[str]:
        """Yield which conditions match nothing; those of one layer in one line, as drafts of rules have many."""
        for layer, unmet in self._unmet.items():
            (number, features, values), rest = unmet[0], unmet[1:]
            if rest:
                words = ", ".join(dict.fromkeys(word for n, *_ in unmet for word in self._rules[n].gives))
                yield f"{len(unmet)} conditions on {layer} match none of the {features} around the raster: of {words}"
            else:
                rule = f"{self._called(number)}: where {self._rules[number].where!r}"
                yield f"{rule} matches none of the {features} around the raster; {values}"

    def _of_unmatched(self) -> Iterator[str]:
        for number, (rule, reached) in enumerate(zip(self._rules, self._reached, strict=True)):
            if not reached.tiles and number not in self._explained and self._tiles:
                yield f"{self._called(number)} matched no tile: {self._why_unmatched(number, rule, reached)}"

    def _why_unmatched(self, number: int, rule: LabelRule, reached: _Reached) -> str:
        dimensions = self._dimensions[number]
        if rule.min_cover and not rule.buffer and 2 not in dimensions:
            return "lines and points cover nothing of a tile; give a buffer in metres, or min_length for lines"
        if rule.min_length and 1 not in dimensions:
            return "min_length is of lines, and there are none; use min_cover"
        if not (reached.cover or reached.length or (rule.min_cover == 0 and rule.min_length == 0)):
            return "none of the geometries lies in a tile"
        limits = []
        if reached.cover < rule.min_cover:
            limits.append(f"the most that is covered of one is {reached.cover:.3g}, below min_cover {rule.min_cover:g}")
        if reached.length < rule.min_length:
            limits.append(f"the longest in one is {reached.length:.0f} m, below min_length {rule.min_length:g}")
        return " and ".join(limits) or "none of the geometries lies in a tile"

    def _why_nothing(self, layer: Layer, name: str, told: LayerRules, crs: CRS) -> str:
        summary = layer.summary()
        if not summary.features or summary.extent is None:
            return f"layer {name} of {layer.file} is empty"
        extent = summary.extent
        if meets(exchanged(extent) if told.swap_axes else extent, crs, self._ground):
            return f"none of the {summary.features:,} features of layer {name} lies in the raster; some lie beside it"
        return elsewhere(name, extent, crs, told.swap_axes, self._ground)

    def _called(self, number: int) -> str:
        rule = self._rules[number]
        return f"labels[{number}] ({', '.join(rule.gives)}, from {rule.layer})"


def _without_code(what: str, crs: CRS) -> str:
    return f"the CRS of {what}, {crs.name!r}, has no EPSG code; its definition is used as it stands"


def _most(values: np.ndarray) -> str:
    """Return the most frequent values of a column in words."""
    counts = Counter("missing" if v is None or v != v else repr(v) for v in values.tolist())
    shown = ", ".join(f"{value} ({count:,})" for value, count in counts.most_common(_SHOWN))
    return shown + (f" and {len(counts) - _SHOWN:,} more" if len(counts) > _SHOWN else "")
