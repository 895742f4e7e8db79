"""What changed between two dates: the same tiles matched by footprint, how far each moved, and towards which words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mindseye.api.mindseye import Mindseye
from mindseye.engine.errors import NotFoundError
from mindseye.engine.space import JointSpace
from mindseye.engine.vectors import FloatArray, unit
from mindseye.indexer.filters import EVERYTHING, Filter
from mindseye.indexer.gis.placed import PlacedTile, placed
from mindseye.indexer.library import Library

_FEWEST = 8  # tiles, of which most change alike: with fewer, that cannot be told from change
_WORDS = 3  # that are told in each direction
_LEAST_GAIN = 0.5  # standard deviations of a word's scores: less is no direction


@dataclass(frozen=True)
class Moved:
    """A place at two dates.

    moved: 1 − cosine of what it looks like then and later; towards, away: words that it has become more like and less
    like than other tiles have, and by how many standard deviations of the word's scores, most first.
    """

    before: PlacedTile
    after: PlacedTile
    moved: float
    towards: tuple[tuple[str, float], ...]
    away: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Change:
    """What changed, the most changed place first; unmatched: tiles of either date without a counterpart.

    common: how far what all tiles have in common moved, 0 where they are too few to tell; words: that directions are
    told by.
    """

    places: tuple[Moved, ...]
    unmatched: tuple[int, int]
    common: float
    words: tuple[str, ...]

    @property
    def notes(self) -> list[str]:
        """What limits the answer."""
        notes = []
        if any(self.unmatched):
            notes.append(f"{self.unmatched[0]:,} earlier and {self.unmatched[1]:,} later tiles have no counterpart")
        if len(self.places) < _FEWEST:
            notes.append(f"of {len(self.places)} places nobody can tell what changed alike: nothing is taken out")
        if not self.words:
            notes.append("there are no words to tell directions by: label the tiles, or give --word")
        return notes


def change_between(eye: Mindseye, before: Filter, after: Filter, words: Sequence[str] = ()) -> Change:
    """Return how the tiles of one filter have become those of another at the same places.

    What changes alike in all tiles, the season or the sensor, is taken out: the median difference. words: that
    directions are told by, beside the labels of the tiles and the words that the library holds. Raises NotFoundError
    for an unknown collection and where no tiles lie at the same places.
    """
    library = eye.library()
    old, new = placed(library, before), placed(library, after)
    then, later = _matched(old, new)
    rows = _rows(library, then), _rows(library, later)
    vocabulary = _vocabulary(eye, [*then, *later], words)
    moved, common = how_far(*(each[:, eye.space.text.width :] for each in rows))
    gains = _gains(*rows, vocabulary[1])
    places = [
        Moved(one, other, float(far), *_directions(vocabulary[0], gain))
        for one, other, far, gain in zip(then, later, moved, gains, strict=True)
    ]
    places.sort(key=lambda each: (-each.moved, each.before.item_id))
    unmatched = len(old) - len(places), len(new) - len(places)
    return Change(tuple(places), unmatched, common, vocabulary[0])


def _matched(old: Sequence[PlacedTile], new: Sequence[PlacedTile]) -> tuple[list[PlacedTile], list[PlacedTile]]:
    """Return the tiles of either date that lie at the same places, (n,) each. Raises NotFoundError for none."""
    from mindseye.indexer.gis.matching import best_overlap, matched  # imports shapely

    rings = [tile.ring for tile in old], [tile.ring for tile in new]
    pairs = matched(*rings) if old and new else []
    if not pairs:
        raise _nothing_matches(old, new, best_overlap(*rings) if old and new else 0.0)
    return [old[one] for one, _ in pairs], [new[other] for _, other in pairs]


def how_far(before: FloatArray, after: FloatArray) -> tuple[FloatArray, float]:
    """Return how far (n,) unit vectors (n, d) moved once their median difference is taken out, and how long that is."""
    common = np.median(after - before, axis=0) if len(before) >= _FEWEST else np.zeros(before.shape[1])
    stayed = unit(after - common)
    return 1 - (before * stayed).sum(axis=1), float(np.linalg.norm(common))


def _nothing_matches(old: Sequence[PlacedTile], new: Sequence[PlacedTile], best: float) -> NotFoundError:
    if not old or not new:
        which = "earlier" if not old else "later"
        return NotFoundError(f"there are no tiles of the {which} imagery", "name collections of tiles, or their dates")
    what = f"none of {len(old):,} tiles lies where one of {len(new):,} later ones does (the best overlap is {best:.2f})"
    return NotFoundError(what, "cut both with the same `tiles: {size: …, unit: metres, align: grid}`")


def _rows(library: Library, tiles: Sequence[PlacedTile]) -> FloatArray:
    return library.memories.index("image").rows(np.array([tile.embedding_id for tile in tiles], np.int64))


def _vocabulary(eye: Mindseye, tiles: Sequence[PlacedTile], words: Sequence[str]) -> tuple[tuple[str, ...], FloatArray]:
    """Return the words that directions are told by, and what each asks of pictures with (w, width)."""
    asked = list(dict.fromkeys([*words, *sorted({word for tile in tiles for word in tile.labels})]))
    rows = [query.unweighted[None] for query in eye.queries(asked)] if asked else []
    held = [hit for hit in eye.library().select(EVERYTHING, "word").everything() if hit.title not in asked]
    if held:
        stored = eye.library().features_of([hit.embedding_id for hit in held], "word")
        rows.append(eye.space.passage_rows(stored))
    told = np.concatenate([*rows, np.zeros((0, eye.space.width), np.float32)])
    return (*asked, *(hit.title for hit in held)), _weighted(eye.space, told)


def _weighted(space: JointSpace, rows: FloatArray) -> FloatArray:
    return space.weighted(rows, "text", "image")


def _gains(before: FloatArray, after: FloatArray, asked: FloatArray) -> FloatArray:
    """Return by how much tiles have become more like words than others have (n, w), in standard deviations."""
    then, later = before @ asked.T, after @ asked.T
    gains = later - then
    if len(before) >= _FEWEST:
        gains -= np.median(gains, axis=0)
    spread = np.concatenate([then, later]).std(axis=0)
    return np.asarray(gains / np.maximum(spread, 1e-6), np.float32)


def _directions(
    words: Sequence[str], gains: FloatArray
) -> tuple[tuple[tuple[str, float], ...], tuple[tuple[str, float], ...]]:
    order = np.argsort(-gains, kind="stable")
    towards = tuple((words[n], float(gains[n])) for n in order[:_WORDS] if gains[n] >= _LEAST_GAIN)
    away = tuple((words[n], float(-gains[n])) for n in order[::-1][:_WORDS] if gains[n] <= -_LEAST_GAIN)
    return towards, away
