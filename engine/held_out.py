"""What is held out of a fit: pictures to be found among pseudo-pictures of ImageNet's classes, and among themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.evaluation.metrics import average_precision
from mindseye.engine.evaluation.told_apart import chance_of, mean_precision
from mindseye.engine.mapping.adapt import pseudo_pictures, typical_length
from mindseye.engine.mapping.crossmodal import CrossModal
from mindseye.engine.meanings import Meanings
from mindseye.engine.pairs import Labels, Pairs
from mindseye.engine.space import JointSpace
from mindseye.engine.vectors import FloatArray

_PSEUDO_SEED = 1  # other pseudo-pictures than those that are learned from
Weights = tuple[float, float]


@dataclass(frozen=True)
class Figures:
    """How well held-out pictures are found, among pseudo-pictures of ImageNet's classes.

    fitted: by words that were learned; other: by words of the user's that were not; known: ImageNet's own words (mean
    reciprocal rank of a class's pseudo-picture). None where there is nothing to measure.
    """

    fitted: float | None
    other: float | None
    known: float

    @property
    def mean(self) -> float:
        told = [value for value in asdict(self).values() if value is not None]
        return float(np.mean(told))


@dataclass(frozen=True)
class ToldApart:
    """How well words are told apart among held-out pictures alone: mean average precision over the learned words.

    Of captions, over those of held-out pictures. chance: what labels in a random order reach after the fit; p: how
    likely they reach as much as those that are there, None where too few pictures are held out to tell.
    """

    before: float
    after: float
    chance: float
    p: float | None
    pictures: int


class HeldOut:
    """Held-out pictures and pseudo-pictures of ImageNet's classes, asked for by the words that are learned or apart.

    The other words, all of whose pictures are held out here, are neither and tell nothing.
    """

    def __init__(
        self, space: JointSpace, pairs: Pairs, tested: NDArray[np.bool_], apart: Labels, learned: Labels
    ) -> None:
        base = space.crossmodal
        asked = np.isin(np.arange(pairs.shown.shape[1]), np.append(apart, learned))
        self.shown, self.captioned = pairs.shown[tested] & asked, pairs.captioned
        self.query_classes = pairs.query_classes
        self.apart = np.isin(pairs.query_classes, apart)
        pseudo = pseudo_pictures(base, typical_length(base, pairs.features), _PSEUDO_SEED)
        self.features = np.vstack([pairs.features[tested], pseudo])
        self.queries = Meanings.joined([pairs.queries, Meanings.plain(base.class_embeddings)])
        self.groups = np.arange(len(pairs.features)) if pairs.groups is None else pairs.groups
        self.groups = self.groups[tested]
        self.split = space.text.width

    def figures(self, learned: CrossModal, weights: Sequence[Weights]) -> list[Figures]:
        """Return the figures by each pair of weights of the halves."""
        return [self._figures(scores) for scores in self._scores(learned, weights)]

    def told_apart(self, before: tuple[CrossModal, Weights], after: tuple[CrossModal, Weights]) -> ToldApart | None:
        """Return how well words are told apart by what was there and by what is learned, None where nothing is."""
        pictures = len(self.shown)
        wanted = np.full(len(self.query_classes), True) if self.captioned else ~self.apart
        asked = np.flatnonzero(wanted & np.asarray(self.shown.any(axis=0))[self.query_classes])
        if not len(asked):
            return None
        was, now = (next(self._scores(each, [weights]))[asked, :pictures] for each, weights in (before, after))
        classes = self.query_classes[asked]
        chance = chance_of(now, classes, self.shown, self.groups)
        before_it, after_it = (mean_precision(each, classes, self.shown) for each in (was, now))
        return ToldApart(before_it, after_it, chance.precision, chance.p, pictures)

    def _scores(self, learned: CrossModal, weights: Sequence[Weights]) -> Iterator[FloatArray]:
        asked, found = learned.text_rows(self.queries)[0], learned.image_rows(self.features)
        semantic = asked[:, : self.split] @ found[:, : self.split].T
        visual = asked[:, self.split :] @ found[:, self.split :].T
        return (s * semantic + v * visual for s, v in weights)

    def _figures(self, scores: FloatArray) -> Figures:
        own, pictures = len(self.query_classes), len(self.shown)
        pseudo = scores[own:, pictures:]
        ranks = 1 + (scores[own:] > np.diagonal(pseudo)[:, None]).sum(axis=1)
        values = [self._found(row, number) for row, number in zip(scores[:own], self.query_classes, strict=True)]
        return Figures(self._over(values, ~self.apart), self._over(values, self.apart), float((1 / ranks).mean()))

    def _found(self, scores: FloatArray, number: int) -> float | None:
        """Return how well one query finds its pictures, None when none of them is here."""
        relevant = np.append(self.shown[:, number], np.zeros(len(scores) - len(self.shown), dtype=bool))
        if not relevant.any():
            return None
        order = np.argsort(-scores, kind="stable")
        if self.captioned:
            return float(relevant[order[:10]].any())
        return average_precision(relevant[order].tolist(), int(relevant.sum()))

    def _over(self, values: list[float | None], chosen: NDArray[np.bool_]) -> float | None:
        told = [value for value, taken in zip(values, chosen, strict=True) if taken and value is not None]
        return float(np.mean(told)) if told else None


def mean_figures(figures: list[Figures]) -> Figures:
    """Return the mean of each figure over folds, of those where it could be measured."""
    columns = {field.name: [getattr(each, field.name) for each in figures] for field in fields(Figures)}
    told = {name: [value for value in values if value is not None] for name, values in columns.items()}
    fitted, other = (float(np.mean(told[name])) if told[name] else None for name in ("fitted", "other"))
    return Figures(fitted, other, float(np.mean(told["known"])))
