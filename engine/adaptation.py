"""A joint space adapted to the user's own labelled or captioned pictures, if held-out pictures say that it helps."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.metrics import average_precision
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.mapping.adapt import (
    Method,
    OwnClasses,
    learn_classes,
    learn_prototypes,
    pseudo_pictures,
    typical_length,
)
from mindseye.engine.mapping.crossmodal import CrossModal
from mindseye.engine.mapping.extension import Extension
from mindseye.engine.meanings import Meanings
from mindseye.engine.pairs import BETWEEN, FOLDS, Labels, Pairs, deal
from mindseye.engine.space import JointSpace
from mindseye.engine.vectors import FloatArray

METHODS = (Method("ridge", 0.1), Method("ridge", 1.0), Method("mean", 0.0))
SEMANTIC_SHARES = (1 / 7, 1 / 3, 1 / 2)  # of a query's squared weight
MAX_TEXTS = 5000  # as many again as the space itself learns from: a kernel matrix of 800 MB
_LOSS_ALLOWED = 0.01  # of what the space knew before
_PSEUDO_SEED = 1  # other pseudo-pictures than those that are learned from
_NOTHING_TO_MEASURE = "no picture can be held out to measure by: a word needs two, that are no neighbours"
Progress = Callable[[int, int], None]


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
class Adaptation:
    """What came of it: figures before and after on the reported fold, the choice, and the space unless kept back."""

    before: Figures
    after: Figures
    method: Method
    weights: tuple[float, float]
    reason: str  # why it is kept back, empty when it is not
    space: JointSpace | None


@dataclass(frozen=True)
class _Choice:
    method: Method
    weights: tuple[float, float]


_CHOICES = tuple(_Choice(m, (share**0.5, (1 - share) ** 0.5)) for m in METHODS for share in SEMANTIC_SHARES)


def adapt(space: JointSpace, pairs: Pairs, words: tuple[str, ...], seed: int, progress: Progress) -> Adaptation:
    """Adapt a space to pairs, choosing by measured retrieval of held-out pictures.

    words: names of the classes; seed: of the split. Raises UsageError when there are more texts than can be learned
    from.
    """
    if len(pairs.texts) > MAX_TEXTS:
        raise UsageError(f"{len(pairs.texts):,} texts are more than the {MAX_TEXTS:,} that fit", "give fewer pairs")
    folds, measured, extension = deal(pairs, seed), [], Extension(space.crossmodal, pairs.texts)
    for number in range(FOLDS):
        measured.append(_measure(space, extension, pairs, folds, number))
        progress(number + 1, FOLDS + 1)
    (before, after), rest = measured[0], measured[1:]
    base = _mean([each for each, _ in rest])
    chosen = max(_CHOICES, key=lambda choice: _mean([figures[choice] for _, figures in rest]).mean)
    validated = _mean([figures[chosen] for _, figures in rest])
    reason = why_kept_back(base, validated) or why_kept_back(before, after[chosen])
    if not (folds[0] >= 0).any():
        reason = _NOTHING_TO_MEASURE
    adapted = None if reason else _adapted(space, extension, pairs, chosen, words)
    progress(FOLDS + 1, FOLDS + 1)
    return Adaptation(before, after[chosen], chosen.method, chosen.weights, reason, adapted)


def why_kept_back(before: Figures, after: Figures) -> str:
    """Return why a fit is kept back, empty when it helps."""
    if after.known < before.known - _LOSS_ALLOWED:
        return f"the space would forget: ImageNet's own words fall from {before.known:.3f} to {after.known:.3f}"
    if after.mean <= before.mean:
        return f"it does not help: held-out pictures reach {after.mean:.3f}, without it {before.mean:.3f}"
    return ""


def _adapted(
    space: JointSpace, extension: Extension, pairs: Pairs, chosen: _Choice, words: tuple[str, ...]
) -> JointSpace:
    learned = extension.extended(_classes(space, pairs, chosen.method), np.full(len(pairs.texts), True))
    parts = (pairs.features, np.argwhere(pairs.shown), pairs.texts, pairs.text_classes, pairs.query_classes)
    hashes = [pairs.queries.digest, *(sha256(np.asarray(part, dtype="<f4").tobytes()).hexdigest() for part in parts)]
    return JointSpace(
        space.text, space.picture, space.lexicon, learned, space.bank,
        encoder=space.encoder, mapping=fingerprint(space.mapping, asdict(chosen.method), hashes),
        traits=replace(space.traits, words=words, calibrated=False, weights=chosen.weights),
    )  # fmt: skip


def _classes(space: JointSpace, pairs: Pairs, method: Method) -> OwnClasses:
    return learn_classes(space.crossmodal, pairs.texts, pairs.text_classes, pairs.features, pairs.shown, method)


def _measure(
    space: JointSpace, extension: Extension, pairs: Pairs, folds: tuple[Labels, Labels], number: int
) -> tuple[Figures, dict[_Choice, Figures]]:
    """Return the figures of one fold before, and after by every choice. The first fold is out of all others too."""
    picture_folds, class_folds = folds
    tested = picture_folds == number
    apart = np.flatnonzero(class_folds == number)
    learned_from, chosen = pairs.without(apart, tested | np.isin(picture_folds, (0, BETWEEN)))
    test = _Test(space, pairs, tested, apart, np.unique(pairs.text_classes[chosen]))
    weights = space.half_weights("text", "image")
    before = test.figures(space.crossmodal, [weights])[0]
    if not chosen.any():  # nothing is left to learn from: nothing changes
        return before, dict.fromkeys(_CHOICES, before)
    after: dict[_Choice, Figures] = {}
    first = extension.extended(_classes(space, learned_from, METHODS[0]), chosen, to_imagine=False)
    for method in METHODS:
        # The kind of prototype changes nothing else.
        learned = replace(first, own_prototypes=_prototypes(space, learned_from, method))
        mine = [choice for choice in _CHOICES if choice.method is method]
        after.update(zip(mine, test.figures(learned, [choice.weights for choice in mine]), strict=True))
    return before, after


def _prototypes(space: JointSpace, pairs: Pairs, method: Method) -> FloatArray:
    return learn_prototypes(space.crossmodal, pairs.features, pairs.shown, method)


class _Test:
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
        self.split = space.text.width

    def figures(self, learned: CrossModal, weights: list[tuple[float, float]]) -> list[Figures]:
        """Return the figures by each pair of weights of the halves."""
        asked, found = learned.text_rows(self.queries)[0], learned.image_rows(self.features)
        semantic = asked[:, : self.split] @ found[:, : self.split].T
        visual = asked[:, self.split :] @ found[:, self.split :].T
        return [self._figures(s * semantic + v * visual) for s, v in weights]

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


def _mean(figures: list[Figures]) -> Figures:
    """Return the mean of each figure over folds, of those where it could be measured."""
    columns = {field.name: [getattr(each, field.name) for each in figures] for field in fields(Figures)}
    told = {name: [value for value in values if value is not None] for name, values in columns.items()}
    fitted, other = (float(np.mean(told[name])) if told[name] else None for name in ("fitted", "other"))
    return Figures(fitted, other, float(np.mean(told["known"])))
