"""A map with all that is shown of it: places, what stands there, and in which order it comes into view."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.api.maps.order import coarse_to_fine
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.library import Library
from mindseye.indexer.maps import Map, Point, points

IMAGINED = "imagined"
KINDS = ("image", "word", "paragraph", "document", IMAGINED)
_DECIMALS = 3  # of places, in units of which a map has some hundred


@dataclass(frozen=True)
class Chart:
    """Points, their places (n, 2), and what is told of the map itself: how many were added, how many wait for one."""

    points: tuple[Point, ...]
    places: FloatArray
    added: int = 0
    waiting: int = 0

    @cached_property
    def kinds(self) -> NDArray[np.int64]:
        """The number in KINDS of each point's kind (n,)."""
        return np.array([KINDS.index(kind_of(point)) for point in self.points], np.int64)

    @cached_property
    def pictures(self) -> NDArray[np.int64]:
        """The positions of pictures, imagined ones among them, in the order in which they come into view."""
        return self._in_order(np.isin(self.kinds, [KINDS.index("image"), KINDS.index(IMAGINED)]))

    @cached_property
    def texts(self) -> NDArray[np.int64]:
        """The positions of words and texts, in the order in which their names come into view: words before texts."""
        word = self.kinds == KINDS.index("word")
        other = np.isin(self.kinds, [KINDS.index("document"), KINDS.index("paragraph")])
        return np.concatenate([self._in_order(word), self._in_order(other)])

    @cached_property
    def version(self) -> str:
        """What names this very chart: pictures of it may be kept under it."""
        shown = ",".join(f"{point.embedding_id}" for point in self.points)
        return fingerprint(shown, self.places.tobytes().hex())

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values, a list for each column; y grows downwards, as on a screen."""
        groups, collections = _coded(map(group_of, self.points)), _coded(each.collections[0] for each in self.points)
        return {
            "version": self.version, "count": len(self.points), "added": self.added, "waiting": self.waiting,
            "x": np.round(self.places[:, 0].astype(float), _DECIMALS).tolist(),
            "y": np.round(-self.places[:, 1].astype(float), _DECIMALS).tolist(),
            "item": [point.item_id for point in self.points],
            "kinds": KINDS, "kind": self.kinds.tolist(),
            "collections": collections[0], "collection": collections[1],
            "groups": groups[0], "group": groups[1],
            "title": [title_of(point) for point in self.points],
            "text": [point.text for point in self.points],
            "pictures": self.pictures.tolist(), "texts": self.texts.tolist(),
        }  # fmt: skip

    def _in_order(self, which: NDArray[np.bool_]) -> NDArray[np.int64]:
        chosen = np.flatnonzero(which)
        return chosen[coarse_to_fine(self.places[chosen])]


def chart_of(
    library: Library, found: Map, collection: str | None = None, kinds: Collection[str] | None = None
) -> Chart:
    """Return what is shown of a map; collection, kinds: of KINDS, where only some of it is to be."""
    places = dict(zip(found.ids.tolist(), found.places, strict=True))
    shown = [
        point
        for point in points(library, found.ids)
        if (collection is None or collection in point.collections) and (kinds is None or kind_of(point) in kinds)
    ]
    where = np.array([places[point.embedding_id] for point in shown], np.float32).reshape(-1, 2)
    return Chart(tuple(shown), where, found.added, found.waiting)


def kind_of(point: Point) -> str:
    """Return which of KINDS a point is."""
    return IMAGINED if point.origin == "imagined" else point.modality


def title_of(point: Point) -> str:
    """Return what a point is called: a text by its title or beginning, a picture by its labels, or folder and file."""
    if point.modality == "image":
        return ", ".join(point.labels[:3]) or f"{point.path.parent.name}/{point.path.name}"
    return point.title or point.text[:40] or point.path.name


def group_of(point: Point) -> str:
    """Return what a picture is among: its first label, or else the folder that it lies in; nothing for a text."""
    if point.modality != "image" or point.origin == "imagined":
        return ""
    return point.labels[0] if point.labels else point.path.parent.name


def _coded(names: Any) -> tuple[list[str], list[int]]:
    """Return names, the most frequent first, and the number of each one's among them, −1 for none."""
    told = list(names)
    frequent = [name for name, _ in Counter(told).most_common() if name]
    numbers = {name: number for number, name in enumerate(frequent)}
    return frequent, [numbers.get(name, -1) for name in told]
