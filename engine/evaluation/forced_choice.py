"""Forced choices: would a judge, shown the picture, name its concept rather than another one?

Every task takes a judge's logits (n, 1000) and the concept that each picture is meant to show. Where the concept is
chosen against rivals, equal logits share the choice evenly; a choice of a category takes the first of equals.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.concepts import Concept
from mindseye.engine.vectors import FloatArray

RIVALS = 200
OTHERS = 15
DRAWS = 20


@dataclass(frozen=True)
class Choices:
    """What a judge chose, picture by picture: wins (n,) among so many trials (n,).

    The trials of a picture are choices of one judge of one picture against different rivals: not independent people.
    A picture without trials takes no part. chance: what a judge without an opinion wins.
    """

    wins: FloatArray
    trials: FloatArray
    chance: float | None = None

    @property
    def fraction(self) -> float:
        """The mean over the pictures that take part, nan without any."""
        shares = self.shares
        return float(shares.mean()) if len(shares) else float("nan")

    @property
    def shares(self) -> FloatArray:
        """Wins among trials of the pictures that take part."""
        return self.wins[self.trials > 0] / self.trials[self.trials > 0]


def two_way_random(logits: FloatArray, shown: Sequence[Concept], seed: int = 0) -> Choices:
    """Choose between the concept and one random class: 200 seeded classes, but for its own, one after the other."""
    rivals = np.random.default_rng(seed).permutation(logits.shape[1])[:RIVALS].tolist()
    return _choices(
        ([_win(row, own.class_index, [rival]) for rival in rivals if rival != own.class_index]
         for row, own in zip(logits, shown, strict=True)),
        chance=1 / 2,
    )  # fmt: skip


def two_way_same_category(logits: FloatArray, shown: Sequence[Concept], table: Sequence[Concept]) -> Choices:
    """Choose between the concept and another one of its category in the table, each of these in turn.

    A concept without a category, or alone in it, takes no part.
    """
    return _choices(
        ([_win(row, own.class_index, [rival]) for rival in _siblings(own, table)]
         for row, own in zip(logits, shown, strict=True)),
        chance=1 / 2,
    )  # fmt: skip


def sixteen_way(logits: FloatArray, shown: Sequence[Concept], table: Sequence[Concept], seed: int = 0) -> Choices:
    """Choose among the concept and fifteen others of the table, over 20 draws of these, seeded by the concept's class.

    Raises UsageError when the table holds fewer than sixteen concepts.
    """
    if len(table) <= OTHERS:
        raise UsageError(f"a choice among {OTHERS + 1} needs as many concepts, not {len(table)}")
    wins = []
    for row, own in zip(logits, shown, strict=True):
        random = np.random.default_rng([seed, own.class_index])
        others = [other.class_index for other in table if other.class_index != own.class_index]
        draws = [random.choice(others, OTHERS, replace=False).tolist() for _ in range(DRAWS)]
        wins.append([_win(row, own.class_index, draw) for draw in draws])
    return _choices(wins, chance=1 / (OTHERS + 1))


def category_of_choice(logits: FloatArray, shown: Sequence[Concept], table: Sequence[Concept]) -> Choices:
    """Is the judge's choice among all concepts of the table that have a category of the picture's own?"""
    named = [concept for concept in table if concept.category is not None]
    choices = logits[:, [concept.class_index for concept in named]].argmax(axis=1)
    return _choices(
        [float(named[choice].category == own.category)] if own.category is not None else []
        for choice, own in zip(choices.tolist(), shown, strict=True)
    )


def macro_category(logits: FloatArray, shown: Sequence[Concept], members: Mapping[str, Sequence[int]]) -> Choices:
    """Is the concept's macro-category the one that the judge gives most probability, over all its classes together?

    members: macro-category → its classes. A concept of none of them takes no part.
    """
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    sums = np.stack([odds[:, list(classes)].sum(axis=1) for classes in members.values()], axis=1)
    owners = {number: place for place, classes in enumerate(members.values()) for number in classes}
    return _choices(
        [float(choice == owners[own.class_index])] if own.class_index in owners else []
        for choice, own in zip(sums.argmax(axis=1).tolist(), shown, strict=True)
    )


def _siblings(own: Concept, table: Sequence[Concept]) -> list[int]:
    if own.category is None:
        return []
    return [each.class_index for each in table if each.category == own.category and each.class_index != own.class_index]


def _choices(wins: Iterable[Sequence[float]], chance: float | None = None) -> Choices:
    each = list(wins)
    sums, counts = [sum(row) for row in each], [len(row) for row in each]
    return Choices(np.array(sums, dtype=np.float32), np.array(counts, dtype=np.float32), chance)


def _win(row: FloatArray, own: int, rivals: Sequence[int]) -> float:
    """Return 1 when `own` has the highest logit, its share when it is level with the highest, else 0."""
    against = row[list(rivals)]
    if against.max() > row[own]:
        return 0.0
    return 1.0 / (1 + int((against == row[own]).sum()))
