"""A collection's labelled pictures as pairs to fit a space to: features as stored, nothing is encoded again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mindseye.api.pairs import EncodedPairs, alike, named_pairs
from mindseye.engine.errors import UsageError
from mindseye.engine.mapping.adapt import Shown
from mindseye.engine.pairs import FOLDS, Labels
from mindseye.engine.space import JointSpace
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.filters import Filter
from mindseye.indexer.gis.blocks import BETWEEN, blocks
from mindseye.indexer.labelled import LabelledPicture, features, labelled
from mindseye.indexer.labels import normalised

_MOST = 20_000  # pictures: their features and what is made of them take some 0.5 MB each hundred
_TOLD = 8  # words that a message lists


@dataclass(frozen=True)
class Labelled:
    """What to learn from: a collection of the library, and which of its labels, all of them when none is named."""

    collection: str
    words: tuple[str, ...] = ()


def labelled_pairs(root: Path, space: JointSpace, wanted: Labelled, seed: int = 0) -> EncodedPairs:
    """Return the pictures of a library's collection and what they are labelled with, encoded in a space.

    A picture may show several words. One that is labelled with others only, and a tile without any, is what the words
    are told from; unlabelled photographs, of which nobody said what they show, are left out. Tiles are held out by
    blocks of space, photographs with their near duplicates. Of more than 20,000 pictures that many are drawn, all of
    the rarest words. Raises NotFoundError where there is no library or collection, SpaceMismatchError when its features
    are another encoder's, UsageError when nothing is labelled so.
    """
    found = labelled(root, space, Filter(collection=wanted.collection))
    words = _words(found, wanted)
    pictures = [each for each in found if each.words or each.ring]
    shown = np.array([[word in each.words for word in words] for each in pictures], dtype=bool)
    chosen = _drawn(shown, seed)
    pictures, shown = [pictures[number] for number in chosen], shown[chosen]
    stored = features(root, space, pictures)
    groups = _groups(pictures, stored, space)
    pairs = named_pairs([(word,) for word in words], stored, shown, space, groups=groups)
    return EncodedPairs(pairs, words, notes=_notes(words, shown, groups, len(found)))


def _words(found: Sequence[LabelledPicture], wanted: Labelled) -> tuple[str, ...]:
    counts = Counter(word for each in found for word in each.words)
    if not counts:
        what = f"no picture of the collection {wanted.collection!r} has a label"
        raise UsageError(what, "give labels with `mindseye index --label`, or make tiles with `mindseye gis label`")
    words = tuple(dict.fromkeys(map(normalised, wanted.words))) or tuple(sorted(counts))
    if lost := [word for word in words if word not in counts]:
        told = ", ".join(f"{word} ({number})" for word, number in counts.most_common(_TOLD))
        what = f"no picture of the collection {wanted.collection!r} is labelled {lost[0]!r}"
        raise UsageError(what, f"its labels are {told}{', …' if len(counts) > _TOLD else ''}")
    return words


def _drawn(shown: Shown, seed: int) -> Labels:
    """Return which pictures to take, ascending: of each word the first of a random order, as many of each."""
    if len(shown) <= _MOST:
        return np.arange(len(shown))
    order = np.random.default_rng(seed).permutation(len(shown))
    told = np.column_stack([shown, ~shown.any(axis=1)])[order]
    first = np.where(told, told.cumsum(axis=0), len(shown)).min(axis=1)  # in the order of the word it comes first in
    return np.sort(order[np.argsort(first, kind="stable")[:_MOST]])


def _groups(pictures: Sequence[LabelledPicture], stored: FloatArray, space: JointSpace) -> Labels:
    """Return the blocks of space that tiles lie in; other pictures of one group are near duplicates.

    Tiles of other blocks may look the same, as water does: what tiles share is where they lie.
    """
    tiles = np.array([each.ring is not None for each in pictures])
    groups = np.empty(len(pictures), np.int64)
    groups[~tiles] = alike(stored[~tiles], space) + len(pictures)
    groups[tiles] = blocks([each.ring for each in pictures if each.ring is not None])
    return groups


def _notes(words: Sequence[str], shown: Shown, groups: Labels, found: int) -> tuple[str, ...]:
    pictures, others = len(shown), int((~shown.any(axis=1)).sum())
    counts = shown.sum(axis=0)
    notes = [
        f"{word!r} has {number} picture{'s' if number > 1 else ''}: too few to measure by, and little to learn from"
        for word, number in zip(words, counts.tolist(), strict=True)
        if number < FOLDS
    ]
    every = [word for word, number in zip(words, counts.tolist(), strict=True) if number == pictures]
    notes += [f"{word!r} is on every picture: it tells none from another" for word in every if len(words) > 1]
    if len(words) == 1 and not others:
        notes.append("only one word: it is told from what ImageNet shows, and from no picture of yours")
    elif others:
        notes.append(f"{others:,} pictures show none of the words: these are told from them")
    if found > pictures:
        notes.append(f"{found - pictures:,} pictures have no label, or are more than are learned from")
    if between := int((groups == BETWEEN).sum()):
        notes.append(f"{between:,} tiles lie between what is held out and what is learned from: not measured with")
    return tuple(notes)
