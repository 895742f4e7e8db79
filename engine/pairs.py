"""Pictures with what they show, dealt into folds so that nothing is measured on what it was learned from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.mapping.adapt import Shown
from mindseye.engine.meanings import Meanings
from mindseye.engine.vectors import FloatArray

FOLDS = 4  # the first is reported, the others choose
ALWAYS, BETWEEN = -1, -2  # of no fold: always learned from; learned from only when nothing is measured any more
_CLASSES_TO_HOLD_OUT = 4  # with fewer, every class takes part in every fold
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Pictures and what they are called, as classes 0 to u - 1.

    features (n, p), shown (n, u): the pictures and which of the classes each shows, maybe several, maybe none; texts
    (t, ds), text_classes (t,): what the classes are called, to learn from; queries (m), query_classes (m,): how they
    are asked for; captioned: each picture is a class of its own, measured by recall@10 of its captions rather than by
    the mean average precision of a word; groups (n,): pictures of one number are alike in more than what they show, as
    neighbours and near duplicates are, and no fold parts them; those of a negative number lie between groups and are
    not measured with. Each is a group of its own when None.
    """

    features: FloatArray
    shown: Shown
    texts: FloatArray
    text_classes: Labels
    queries: Meanings
    query_classes: Labels
    captioned: bool = False
    groups: Labels | None = None

    def without(self, classes: Labels, pictures: NDArray[np.bool_]) -> "tuple[Pairs, NDArray[np.bool_]]":
        """Return the pairs without some classes and some pictures, numbered anew, and which texts (t,) stay.

        A picture stays with the other classes that it shows; one that shows no other goes.
        """
        shown = self.shown.copy()
        shown[:, classes] = False
        stay = ~pictures & (shown.any(axis=1) | ~self.shown.any(axis=1))
        kept = np.flatnonzero(shown[stay].any(axis=0))
        texts, queries = np.isin(self.text_classes, kept), np.isin(self.query_classes, kept)
        left = Pairs(
            self.features[stay], shown[stay][:, kept],
            self.texts[texts], np.searchsorted(kept, self.text_classes[texts]),
            self.queries[queries], np.searchsorted(kept, self.query_classes[queries]), self.captioned,
            None if self.groups is None else self.groups[stay],
        )  # fmt: skip
        return left, texts


def one_each(labels: Labels) -> Shown:
    """Return which class each picture shows (n, u), of its number (n,)."""
    return np.asarray(labels[:, None] == np.arange(int(labels.max()) + 1))


def deal(pairs: Pairs, seed: int) -> tuple[Labels, Labels]:
    """Deal pictures (n,) and classes (u,) into folds, or ALWAYS, or BETWEEN.

    With captions, a picture is its class.
    """
    rng = np.random.default_rng(seed)
    classes = pairs.shown.shape[1]
    if pairs.captioned:
        groups = np.arange(classes) if pairs.groups is None else pairs.groups[pairs.shown.argmax(axis=0)]
        found, numbers = np.unique(groups, return_inverse=True)
        dealt = rng.permutation(np.arange(len(found)) % FOLDS)[numbers]
        return dealt[pairs.shown.argmax(axis=1)], dealt
    pictures = _deal_pictures(pairs, rng)
    enough = classes >= _CLASSES_TO_HOLD_OUT
    return pictures, rng.permutation(np.arange(classes) % FOLDS) if enough else np.full(classes, ALWAYS)


def _deal_pictures(pairs: Pairs, rng: np.random.Generator) -> Labels:
    groups = np.arange(len(pairs.shown)) if pairs.groups is None else pairs.groups
    dealt = np.full(len(groups), BETWEEN)
    inside = groups >= 0
    _, numbers = np.unique(groups[inside], return_inverse=True)
    told = np.column_stack([pairs.shown, ~pairs.shown.any(axis=1)])[inside]
    counts = np.zeros((len(np.unique(numbers)), told.shape[1]), np.int32)
    np.add.at(counts, numbers, told)
    dealt[inside] = _deal_groups(counts, rng)[numbers]
    return dealt


def _deal_groups(counts: NDArray[np.int32], rng: np.random.Generator) -> Labels:
    """Deal groups into folds by how many pictures (g, u + 1) of each class, and of none, they hold.

    Each class is spread over the folds, the rarest first, large groups first, so that folds hold about as much of it
    (iterative stratification, Sechidis et al. 2011). A class that is in one group alone deals nothing.
    """
    folds = np.full(len(counts), ALWAYS)
    orders = [rng.permutation(np.flatnonzero(column)) for column in counts.T]
    last = len(orders) - 1  # pictures of no class
    for number in sorted(range(len(orders)), key=lambda each: (each == last, len(orders[each]))):
        own, column = orders[number], counts[:, number]
        held = [int(column[folds == fold].sum()) for fold in range(FOLDS)]
        left = own[folds[own] == ALWAYS] if len(own) > 1 else own[:0]
        for group in left[np.argsort(-column[left], kind="stable")]:
            folds[group] = int(np.argmin(held))
            held[folds[group]] += int(column[group])
    return folds
