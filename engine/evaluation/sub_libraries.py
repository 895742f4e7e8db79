"""Seeded sub-libraries of known content: from one to dozens of pictures a class, some of the words asked absent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.meanings import Meanings
from mindseye.engine.vectors import FloatArray

SIZES = (15, 30, 60, 125, 250, 500, 1000, 2000)  # pictures in a sub-library, where the set has so many
REPEATS = {15: 4, 30: 3, 60: 2}  # small ones hold few words each
HELD_OUT = 100  # classes of each set that the space does not know
ASKED = 8  # words of a sub-library of each sort, shown and absent: held-out classes, known ones, broader words
RANDOM_WORDS = 12
CLASSES_KEPT = 0.9  # of those of a set at most: some must be absent


@dataclass(frozen=True)
class PictureSet:
    """Features (n, p) and ImageNet classes (n,) of labelled pictures."""

    features: FloatArray
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Vocabulary:
    """Words to ask (w), encoded, and which of ImageNet's classes each covers (w, 1000).

    A class's own name covers one class, a broader word several, a random word none.
    """

    meanings: Meanings
    covers: NDArray[np.bool_]


@dataclass(frozen=True)
class SubLibrary:
    """Places (n,) of pictures in their set, and the words (w,) of a vocabulary to ask, about half of them shown."""

    pictures: NDArray[np.int64]
    asked: NDArray[np.int64]


def held_out_classes(sets: Sequence[PictureSet], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the classes, sorted, to hold out of a space: HELD_OUT of each set, but half of its classes at most."""
    drawn = []
    for each in sets:
        classes = np.unique(each.labels)
        drawn.append(rng.permutation(classes)[: min(HELD_OUT, len(classes) // 2)])
    return np.unique(np.concatenate(drawn))


def sub_libraries(
    pictures: PictureSet, vocabulary: Vocabulary, held_out: NDArray[np.int64], rng: np.random.Generator
) -> Iterator[SubLibrary]:
    """Yield sub-libraries of a set; the words asked of each are shown, absent and random ones."""
    classes = np.unique(pictures.labels)
    most = int(CLASSES_KEPT * len(classes))
    for size in SIZES:
        for _ in range(REPEATS.get(size, 1)):
            chosen = _pictures(pictures.labels, rng.permutation(classes)[:most], size, rng)
            yield SubLibrary(chosen, _words(vocabulary, classes, pictures.labels[chosen], held_out, rng))


def _words(
    vocabulary: Vocabulary,
    classes: NDArray[np.int64],
    there: NDArray[np.int64],
    held_out: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw words to ask: of each sort ASKED that are shown and as many absent, and RANDOM_WORDS random ones."""
    covered = vocabulary.covers.sum(axis=1)
    possible = vocabulary.covers[:, classes].any(axis=1)
    shown = vocabulary.covers[:, np.unique(there)].any(axis=1)
    unknown = vocabulary.covers[:, held_out].any(axis=1)
    sorts = (covered == 1) & unknown, (covered == 1) & ~unknown, covered > 1
    groups = [sort & possible & side for sort in sorts for side in (shown, ~shown)]
    drawn = [rng.permutation(np.flatnonzero(group))[:ASKED] for group in groups]
    return np.concatenate([*drawn, rng.permutation(np.flatnonzero(covered == 0))[:RANDOM_WORDS]])


def _pictures(
    labels: NDArray[np.int64], classes: NDArray[np.int64], size: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw pictures class by class, one to all of each, until there are `size` or no class is left."""
    drawn: list[int] = []
    few = rng.random()  # libraries differ: some hold a picture or two of everything, some hold many
    for label in classes:
        own = rng.permutation(np.flatnonzero(labels == label))
        drawn += own[: max(1, round(len(own) ** (few * rng.random() * 2)))].tolist()
        if len(drawn) >= size:
            break
    return np.array(drawn[:size], dtype=np.int64)
