"""How well words find tiles that were held out, before a space is fitted to the others and after."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.api.gis.earth.truth import truths
from mindseye.api.labelled import Labelled, labelled_pairs
from mindseye.engine.adaptation import adapt
from mindseye.engine.evaluation.metrics import average_precision
from mindseye.engine.pairs import Pairs
from mindseye.engine.space import JointSpace
from mindseye.indexer.filters import Filter
from mindseye.indexer.labelled import labelled

_TOP = 20
_SEED = 0


@dataclass(frozen=True)
class Found:
    """How well one word finds its tiles. share: of held-out tiles that show it, which is what chance reaches.

    before, after: average precision; top_before, top_after: the share of the first 20 tiles that show it.
    """

    share: float
    before: float
    after: float
    top_before: float
    top_after: float


@dataclass(frozen=True)
class HeldOut:
    """tiles: held out, none of them a neighbour of the `learned` ones; words: figures by word; reason: see `adapt`."""

    tiles: int
    learned: int
    words: dict[str, Found]
    reason: str = ""


def measure(root: Path, space: JointSpace, collection: str, progress: Callable[[int, int], None]) -> HeldOut:
    """Fit a space to half of the blocks of space of a library's tiles, and search the other half with it.

    Raises as `labelled_pairs` does.
    """
    encoded = labelled_pairs(root, space, Labelled(collection))
    boxes = [_box(each.ring) for each in labelled(root, space, Filter(collection=collection)) if each.ring]
    pairs, groups = encoded.pairs, np.asarray(encoded.pairs.groups)
    held = _half(groups)
    learned = ~held & (groups >= 0)  # what lies between is out of both
    part, words = _part(pairs, encoded.words, learned)
    fitted = adapt(space, part, words, _SEED, progress)
    if fitted.space is None:
        return HeldOut(int(held.sum()), int(learned.sum()), {}, fitted.reason)
    shows = {word: told[held] for word, told in truths(boxes).items()}
    before, after = (_scores(each, list(shows), pairs.features[held]) for each in (space, fitted.space))
    figures = {word: _found(shows[word], *each) for word, *each in zip(shows, before, after, strict=True)}
    return HeldOut(int(held.sum()), int(learned.sum()), figures)


def _half(groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which pictures (n,) are of a random half of the groups."""
    numbers = np.unique(groups[groups >= 0])
    return np.isin(groups, np.random.default_rng(_SEED).permutation(numbers)[: len(numbers) // 2])


def _part(pairs: Pairs, words: tuple[str, ...], learned: NDArray[np.bool_]) -> tuple[Pairs, tuple[str, ...]]:
    part, _ = pairs.without(np.empty(0, np.int64), ~learned)
    kept = np.flatnonzero(pairs.shown[learned].any(axis=0))
    return part, tuple(words[number] for number in kept)


def _scores(space: JointSpace, words: list[str], features: NDArray[Any]) -> NDArray[np.float32]:
    """Return how much each picture is like each word (m, n), as a search scores it."""
    queries = space.word_queries([space.wording(word) for word in words])
    asked = space.weighted(np.vstack([query.unweighted for query in queries]), "text")
    return np.asarray(asked @ space.image_rows(features).T)


def _found(shown: NDArray[np.bool_], before: NDArray[np.float32], after: NDArray[np.float32]) -> Found:
    hits = [shown[np.argsort(-scores, kind="stable")] for scores in (before, after)]
    precisions = [average_precision(each.tolist(), int(shown.sum())) for each in hits]
    return Found(float(shown.mean()), *precisions, *(float(each[:_TOP].mean()) for each in hits))


def _box(ring: Any) -> tuple[float, float, float, float]:
    longitudes, latitudes = zip(*ring, strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)
