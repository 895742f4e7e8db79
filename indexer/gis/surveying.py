"""What layers hold: kinds of geometries, where they lie, attributes and their values, counted."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from mindseye.indexer.gis.elsewhere import degrees_of, name_of
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.records import Box
from mindseye.indexer.gis.vectors import Features, Layer

TAGS = "other_tags"  # the column in which GDAL keeps tags of OpenStreetMap that have no column
_KINDS = ("points", "lines", "polygons")
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Attribute:
    """A column, or a tag within the column of other tags. values: by how many features each has, most first."""

    name: str
    values: Mapping[str, int]
    within: str | None = None


@dataclass(frozen=True)
class Surveyed:
    """A layer as it may be spoken of in rules. kinds: features by the kind of geometry; without: any, or whole ones.

    crs: None when the file says none; box: in degrees, None when it has no place on Earth; swapped: whether its
    coordinates are degrees only when x and y are exchanged.
    """

    name: str
    file: str
    features: int
    kinds: Mapping[str, int]
    without: int
    crs: str | None
    box: Box | None
    swapped: bool
    attributes: tuple[Attribute, ...]


def survey(layers: Layers) -> Iterator[Surveyed]:
    """Yield what each layer holds; all its features are read. Raises UnreadableFileError."""
    for layer in layers:
        yield _surveyed(layer, layers.unambiguous(layer), layer.read(None, layer.fields))


def _surveyed(layer: Layer, name: str, features: Features) -> Surveyed:
    dimensions = shapely.get_dimensions(features.geometries)
    counts = np.bincount(dimensions[dimensions >= 0], minlength=3).tolist()
    kinds = {kind: count for kind, count in zip(_KINDS, counts, strict=True) if count}
    extent = layer.summary().extent
    box, swapped = degrees_of(extent, layer.crs) if extent and layer.crs else (None, False)
    return Surveyed(
        name=name,
        file=str(layer.file),
        features=len(features.geometries),
        kinds=kinds,
        without=features.without,
        crs=None if layer.crs is None else name_of(layer.crs),
        box=box,
        swapped=swapped,
        attributes=tuple(_attributes(features)),
    )


def _attributes(features: Features) -> Iterator[Attribute]:
    for name, column in features.columns.items():
        texts = [str(value) for value in column.tolist() if value is not None and value == value and value != ""]
        if name == TAGS:
            yield from _tags(texts)
        else:
            yield Attribute(name, dict(Counter(texts).most_common()))


def _tags(texts: Sequence[str]) -> Iterator[Attribute]:
    """Yield the tags of a column in PostgreSQL's hstore notation."""
    found = Counter(pair for text in texts for pair in _TAG.findall(text))
    for key in dict.fromkeys(key for key, _ in found):
        yield Attribute(key, {value: count for (other, value), count in found.most_common() if other == key}, TAGS)
