"""Which items are nearest to which, within each modality and across: what a map is made from."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mindseye.engine.projection import NEAREST, Near, Progress
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.index import IdArray, Neighbours
from mindseye.indexer.index.faiss import FaissIndex
from mindseye.indexer.space import Space

_PIECE = 1024  # items that ask together


class Group(NamedTuple):
    """Items of one modality: ids (n,) ascending, and their joint rows (n, width)."""

    modality: str
    ids: IdArray
    rows: FloatArray


def near(space: Space, asking: Sequence[Group], among: Sequence[Group], progress: Progress | None = None) -> list[Near]:
    """Return the items nearest to those `asking`, `among` others or the same, one list for each pair of groups.

    Positions count the items of all groups in their order. No item is its own neighbour. progress is told (questions
    answered, total).
    """
    found, done = list[Near](), 0
    total = sum(len(group.ids) for group in asking) * len(among)
    for first, others in _numbered(among):
        index = FaissIndex(space.width)
        index.add(others.ids, others.rows)
        for start, group in _numbered(asking):
            answers = list[Neighbours]()
            for ids, queries in _questions(space, group, others.modality):
                told = index.search(queries, NEAREST + 1)
                answers += [_without(*each) for each in zip(told, ids, strict=True)]
                done += len(ids)
                if progress:
                    progress(done, total)
            found += _lists(answers, start, first, others.ids, group.modality != others.modality)
    return found


def _numbered(groups: Sequence[Group]) -> Iterator[tuple[int, Group]]:
    """Yield groups, each after the position of its first item."""
    start = 0
    for group in groups:
        yield start, group
        start += len(group.ids)


def _questions(space: Space, group: Group, modality: str) -> Iterator[tuple[IdArray, FloatArray]]:
    """Yield items as queries of their kind for a modality, some at a time."""
    kind = "image" if group.modality == "image" else "text"
    for start in range(0, len(group.ids), _PIECE):
        piece = slice(start, start + _PIECE)
        yield group.ids[piece], space.weighted(group.rows[piece], kind, modality)


def _without(neighbours: Neighbours, own: int) -> Neighbours:
    others = neighbours.ids != own
    return Neighbours(neighbours.scores[others][:NEAREST], neighbours.ids[others][:NEAREST])


def _lists(answers: Sequence[Neighbours], start: int, first: int, among: IdArray, across: bool) -> Iterator[Near]:
    """Yield answers as lists of one length, none where there is nothing to find."""
    length = min((len(each.ids) for each in answers), default=0)
    if length:
        ids = np.stack([each.ids[:length] for each in answers])
        scores = np.stack([each.scores[:length] for each in answers])
        yield Near(start + np.arange(len(answers)), first + np.searchsorted(among, ids), scores, across)
