"""A joint space adapted to the user's own labelled or captioned pictures, if held-out pictures say that it helps."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

import numpy as np

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.told_apart import LEVEL
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.held_out import Figures, HeldOut, ToldApart, mean_figures
from mindseye.engine.mapping.adapt import Method, OwnClasses, learn_classes, learn_prototypes
from mindseye.engine.mapping.crossmodal import CrossModal
from mindseye.engine.mapping.extension import Extension
from mindseye.engine.pairs import BETWEEN, FOLDS, Labels, Pairs, deal
from mindseye.engine.space import JointSpace

METHODS = (Method("ridge", 0.1), Method("ridge", 1.0), Method("mean", 0.0))
SEMANTIC_SHARES = (1 / 7, 1 / 3, 1 / 2)  # of a query's squared weight
MAX_TEXTS = 5000  # as many again as the space itself learns from: a kernel matrix of 800 MB
_LOSS_ALLOWED = 0.01  # of what the space knew before
_NOTHING_TO_MEASURE = (
    "no picture can be held out to measure by: a word needs two, that are no neighbours and not nearly the same"
)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Adaptation:
    """What came of it: figures before and after on the reported fold, the choice, and the space unless kept back."""

    before: Figures
    after: Figures
    told_apart: ToldApart | None  # None where no word is learned that a held-out picture shows
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
    dealt, extension = deal(pairs, seed), Extension(space.crossmodal, pairs.texts)

    def fold(number: int) -> _Fold:
        found = _Fold(space, extension, pairs, dealt, number)
        progress(number + 1, FOLDS + 1)
        return found

    reported, rest = fold(0), [(each.before, each.after) for each in map(fold, range(1, FOLDS))]
    chosen = max(_CHOICES, key=lambda choice: mean_figures([figures[choice] for _, figures in rest]).mean)
    base, validated = mean_figures([each for each, _ in rest]), mean_figures([figures[chosen] for _, figures in rest])
    after, apart = reported.after[chosen], reported.told_apart(chosen)
    reason = why_kept_back(base, validated) or why_kept_back(reported.before, after, apart)
    if not (dealt[0] >= 0).any():
        reason = _NOTHING_TO_MEASURE
    adapted = None if reason else _adapted(space, extension, pairs, chosen, words)
    progress(FOLDS + 1, FOLDS + 1)
    return Adaptation(reported.before, after, apart, chosen.method, chosen.weights, reason, adapted)


def why_kept_back(before: Figures, after: Figures, apart: ToldApart | None = None) -> str:
    """Return why a fit is kept back, empty when it helps. Where too little is held out to tell, apart says nothing."""
    if after.known < before.known - _LOSS_ALLOWED:
        return f"the space would forget: ImageNet's own words fall from {before.known:.3f} to {after.known:.3f}"
    if after.mean <= before.mean:
        return f"it does not help: held-out pictures reach {after.mean:.3f}, without it {before.mean:.3f}"
    if apart is not None and apart.p is not None and apart.p >= LEVEL:
        told = f"{apart.after:.3f} among {apart.pictures:,} held-out pictures, chance {apart.chance:.3f}"
        return f"words are told apart no better than chance: {told} (p = {apart.p:.2f})"
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


class _Fold:
    """One fold of the pictures and classes held out, and what is learned from the others but the first."""

    def __init__(
        self, space: JointSpace, extension: Extension, pairs: Pairs, folds: tuple[Labels, Labels], number: int
    ) -> None:
        picture_folds, class_folds = folds
        tested, apart = picture_folds == number, np.flatnonzero(class_folds == number)
        self._learned_from, chosen = pairs.without(apart, tested | np.isin(picture_folds, (0, BETWEEN)))
        self._test = HeldOut(space, pairs, tested, apart, np.unique(pairs.text_classes[chosen]))
        self._base, self._weights = space.crossmodal, space.half_weights("text", "image")
        self._first = None  # when nothing is left to learn from, nothing changes
        if chosen.any():
            own = _classes(space, self._learned_from, METHODS[0])
            self._first = extension.extended(own, chosen, to_imagine=False)
        self.before = self._test.figures(self._base, [self._weights])[0]
        self.after = self._after()

    def told_apart(self, choice: _Choice) -> ToldApart | None:
        return self._test.told_apart((self._base, self._weights), (self._learned(choice.method), choice.weights))

    def _after(self) -> dict[_Choice, Figures]:
        if self._first is None:
            return dict.fromkeys(_CHOICES, self.before)
        after: dict[_Choice, Figures] = {}
        for method in METHODS:
            mine = [choice for choice in _CHOICES if choice.method is method]
            figures = self._test.figures(self._learned(method), [choice.weights for choice in mine])
            after.update(zip(mine, figures, strict=True))
        return after

    def _learned(self, method: Method) -> CrossModal:
        """Return what is learned by a method: the kind of prototype changes nothing else."""
        if self._first is None:
            return self._base
        pairs = self._learned_from
        return replace(self._first, own_prototypes=learn_prototypes(self._base, pairs.features, pairs.shown, method))
