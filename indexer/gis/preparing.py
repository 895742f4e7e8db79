"""What each rule asks of the layers, laid over a raster before its tiles are labelled."""

from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS

from mindseye.engine.errors import UsageError
from mindseye.indexer.gis.conditions import columns_in, matching
from mindseye.indexer.gis.covering import Shapes
from mindseye.indexer.gis.diagnosis import Diagnosis
from mindseye.indexer.gis.elsewhere import crs_that_fits
from mindseye.indexer.gis.fetching import Fetched, fetch
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.placing import Ground, Imagery, lies_on_earth, moved
from mindseye.indexer.gis.rules import LabelRule, LayerRules, OffsetRules, Rules
from mindseye.indexer.gis.vectors import Layer

Step = tuple[float, float]


@dataclass(frozen=True)
class Prepared:
    """A rule's geometries in the raster's CRS. areas: polygons, or what lies within the buffer; lines, points: bare."""

    areas: Shapes
    lines: Shapes
    points: Shapes


def prepare(layers: Layers, rules: Rules, raster: Imagery, ground: Ground, diagnosis: Diagnosis) -> list[Prepared]:
    """Return what the rules ask for, in their order. Raises UsageError for a layer, column or CRS that is not there."""
    said = {layers.find(name): told for name, told in rules.layers.items()}
    asked = [layers.find(rule.layer) for rule in rules.labels]
    step, length = offset_step(rules.offset, raster, ground)
    found: dict[int, Prepared] = {}
    for layer in dict.fromkeys(asked):
        numbers = [number for number, other in enumerate(asked) if other is layer]
        some = [rules.labels[number] for number in numbers]
        told = said.get(layer, LayerRules())
        crs = _crs_of(layer, layers.unambiguous(layer), told, ground)
        where = " ".join(rule.where or "" for rule in some)
        margin = max(rule.buffer for rule in some) + length
        fetched = fetch(layer, told, crs, ground, margin, columns_in(where, layer.fields))
        diagnosis.of_layer(layer, layers.unambiguous(layer), told, crs, fetched, numbers)
        ready = _Overlay(fetched, crs, ground, step)
        for number, rule in zip(numbers, some, strict=True):
            features = np.ones(fetched.features, bool)
            if rule.where:
                columns = {name: fetched.columns[name] for name in columns_in(rule.where, layer.fields)}
                features = matching(rule.where, columns, layer.fields)
            diagnosis.of_rule(number, fetched, features)
            found[number] = ready.prepared(rule, features)
    return [found[number] for number in range(len(asked))]


class _Overlay:
    """One layer's parts, brought into the raster's CRS once for all its rules."""

    def __init__(self, fetched: Fetched, crs: CRS, ground: Ground, step: Step) -> None:
        self._fetched, self._crs, self._ground, self._step = fetched, crs, ground, step
        self._placed = self._moved(ground.place(fetched.parts, crs))

    def prepared(self, rule: LabelRule, features: np.ndarray) -> Prepared:
        mine = features[self._fetched.owners]
        bare = self._placed[mine]
        areas = bare
        if rule.buffer:
            areas = self._moved(self._ground.widen(self._fetched.parts[mine], self._crs, rule.buffer))
        return Prepared(*(Shapes(_of_dimension(some, d)) for d, some in ((2, areas), (1, bare), (0, bare))))

    def _moved(self, geometries: np.ndarray) -> np.ndarray:
        return moved(geometries, *self._step) if any(self._step) else geometries


def _of_dimension(geometries: np.ndarray, dimension: int) -> np.ndarray:
    """Return the valid ones of a dimension; bending lines into another CRS can make a polygon cross itself."""
    some = geometries[shapely.get_dimensions(geometries) == dimension]
    invalid = ~shapely.is_valid(some)
    some[invalid] = shapely.make_valid(some[invalid])
    return np.asarray(some[shapely.get_dimensions(some) == dimension])


def offset_step(offset: OffsetRules, raster: Imagery, ground: Ground) -> tuple[Step, float]:
    """Return how far layers are moved, in the raster's CRS, and at most how many metres that is."""
    if not (offset.east or offset.north):
        return (0.0, 0.0), 0.0
    if offset.unit == "metres":
        step = ground.shift(offset.east, offset.north)
        if not np.isfinite(step).all():
            what = (
                f"an offset of {offset.east:g} m east, {offset.north:g} m north leads off the map of {raster.path.name}"
            )
            raise UsageError(what, "write how far the layers must be moved to fit the imagery: some metres")
        return step, float(np.hypot(offset.east, offset.north))
    transform = raster.transform
    right = transform.a * offset.east - transform.b * offset.north
    up = transform.d * offset.east - transform.e * offset.north
    return (right, up), float(np.hypot(right, up)) * ground.unit


def _crs_of(layer: Layer, name: str, told: LayerRules, ground: Ground) -> CRS:
    if told.crs is not None:
        return CRS.from_user_input(told.crs)
    if layer.crs is not None and lies_on_earth(layer.crs):
        return layer.crs
    fitting = crs_that_fits(layer.summary().extent, ground)
    says = "does not say its coordinate reference system"
    if layer.crs is not None:
        says = f"is in {layer.crs.name!r}, which says nothing of where on Earth it lies"
    raise UsageError(
        f"layer {name} of {layer.file} {says}",
        f"write it in the rules, `layers: {{{name}: {{crs: {fitting or 'EPSG:…'}}}}}`"
        + (f" ({fitting} is a guess: with it the layer lies where the raster does)" if fitting else ""),
    )
