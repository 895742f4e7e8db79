"""Files that hold the same picture: copies to the byte, and near duplicates."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mindseye.api.mindseye import Mindseye
from mindseye.engine.duplicates import leaders
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.files import path_of
from mindseye.indexer.filters import Filter

_CHUNK = 4096  # pictures whose features are read at once


@dataclass(frozen=True)
class Near:
    """A near duplicate: its URI, those of its copies, and how like the group's first picture it is, up to 1."""

    uri: str
    also: tuple[str, ...]
    likeness: float


@dataclass(frozen=True)
class DuplicateGroup:
    """A picture, its copies to the byte, and its near duplicates, the likest first."""

    uri: str
    also: tuple[str, ...]
    near: tuple[Near, ...]

    @property
    def files(self) -> int:
        return 1 + len(self.also) + sum(1 + len(each.also) for each in self.near)


@dataclass(frozen=True)
class DuplicateReport:
    """The groups of two files or more, the largest first, and how many contents were looked at."""

    groups: tuple[DuplicateGroup, ...]
    contents: int
    threshold: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def find_duplicates(
    eye: Mindseye, within: Filter, threshold: float, progress: Callable[[int, int], None] | None = None
) -> DuplicateReport:
    """Group the pictures that pass a filter with their copies and near duplicates; the one indexed first leads.

    threshold: as in `mindseye.engine.duplicates.leaders`; progress is told (done, contents).
    """
    library = eye.library()
    hits = library.select(within).everything()
    pieces = [hits[start : start + _CHUNK] for start in range(0, len(hits), _CHUNK)]
    rows = [eye.space.image_rows(library.features_of([hit.embedding_id for hit in piece])) for piece in pieces]
    visual: FloatArray = np.concatenate(
        [each[:, eye.space.text.width :] for each in rows] or [np.empty((0, 1), np.float32)]
    )
    groups: dict[int, list[Near]] = {}
    for number, leader in enumerate(leaders(visual, threshold, progress).tolist()):
        near = groups.setdefault(leader, [])
        if number != leader:
            near.append(Near(hits[number].uri, hits[number].also, round(float(visual[number] @ visual[leader]), 4)))
    found = [
        DuplicateGroup(hits[leader].uri, hits[leader].also, tuple(sorted(near, key=lambda each: -each.likeness)))
        for leader, near in groups.items()
    ]
    several = sorted((group for group in found if group.files > 1), key=lambda group: -group.files)
    return DuplicateReport(tuple(several), len(hits), threshold)


def duplicate_lines(report: DuplicateReport) -> list[str]:
    lines = []
    for group in report.groups:
        lines += [str(path_of(group.uri)), *(f"  copy  {path_of(uri)}" for uri in group.also)]
        for near in group.near:
            lines += [f"  {near.likeness:.3f} {path_of(near.uri)}", *(f"  copy  {path_of(uri)}" for uri in near.also)]
    spare = sum(group.files - 1 for group in report.groups)
    return [*lines, f"{len(report.groups)} groups, {spare} files more than pictures, among {report.contents} contents"]
