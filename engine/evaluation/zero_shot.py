"""Zero-shot classification with classes held out of everything: one protocol for every method.

A method maps pictures and words to where both can be compared; everything measured follows from their likeness.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.decision.hubness import background_z, centred, csls, hubness
from mindseye.engine.decision.novelty import GaussianNovelty, LocalOutliers, Novelty, specialised, threshold
from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.hierarchy import hierarchical_precision
from mindseye.engine.evaluation.metrics import hits_at
from mindseye.engine.mapping import ConSE
from mindseye.engine.mapping.crossmodal import CrossModal, class_prototypes
from mindseye.engine.space import JointSpace
from mindseye.engine.vectors import FloatArray, unit

HELD_OUT = 200
SEEDS = tuple(range(5))
CORRECTIONS = ("z", "csls", "centred")
CALLED_NEW = 0.3  # share of seen pictures that novelty may take for new; chosen on splits 5 to 8
FEWEST_SEEN = 50  # pictures of seen classes without which neither novelty nor a background can be had

Fold = Callable[[NDArray[np.int64]], JointSpace]


def folds(seeds: Sequence[int] = SEEDS, classes: int = 1000) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return (known, held out) classes, sorted, for each seed: the protocol's five random splits."""
    splits = []
    for seed in seeds:
        held_out = np.sort(np.random.default_rng(seed).permutation(classes)[:HELD_OUT])
        splits.append((np.setdiff1d(np.arange(classes), held_out), held_out))
    return splits


@dataclass(frozen=True)
class Pictures:
    """Raw features (n, p) of pictures and their classes (n,), numbers among ImageNet's 1,000."""

    features: FloatArray
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """One draw of held-out classes and what a method may learn from: texts and classifier rows of the known ones.

    seed: of the draw; pictures: all of them, seen classes' too; learned: the space of all 1,000 classes, for its
    classifier; fold(classes): the space fitted to those classes alone. Raises UsageError when no picture shows a class
    held out.
    """

    seed: int
    pictures: Pictures
    learned: CrossModal
    fold: Fold

    def __post_init__(self) -> None:
        if not self.tested.any():
            raise UsageError(
                f"no picture shows a class that split {self.seed} holds out",
                "add pictures of more of ImageNet's classes",
            )

    @cached_property
    def classes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Known and held-out classes."""
        return folds((self.seed,))[0]

    @cached_property
    def tested(self) -> NDArray[np.bool_]:
        """Which pictures (n,) show a class held out."""
        return np.isin(self.pictures.labels, self.classes[1])

    @cached_property
    def fitted(self) -> tuple[JointSpace, float]:
        """The space fitted to the known classes, and the seconds it took."""
        started = perf_counter()
        return self.fold(self.classes[0]), perf_counter() - started

    @cached_property
    def visual(self) -> FloatArray:
        """Centred, unit features (n, p) of all pictures."""
        return unit(self.pictures.features - self.learned.feature_mean)

    @cached_property
    def prototypes(self) -> FloatArray:
        """Visual prototypes (k, p) of the known classes: what there is to learn from in place of their photographs."""
        return class_prototypes(self.learned.weights[self.classes[0]])

    def conse(self, embeddings: FloatArray) -> ConSE:
        """Return ConSE over the known classes; embeddings (1000, q): unit, of all classes."""
        known = self.classes[0]
        return ConSE(self.learned.weights[known], self.learned.bias[known], embeddings[known])

    @cached_property
    def posteriors(self) -> FloatArray:
        """The classifier's probabilities (n, k) of the known classes alone."""
        return self.conse(np.zeros((1000, 1), np.float32)).posteriors(self.pictures.features)


@dataclass(frozen=True)
class Mapped:
    """Unit rows of pictures (n, d) and of all classes' words (1000, d) where a method compares them.

    seconds: taken to fit.
    """

    pictures: FloatArray
    words: FloatArray
    seconds: float

    @classmethod
    def of(cls, pictures: FloatArray, words: FloatArray, seconds: float) -> Self:
        """Make the rows unit."""
        return cls(unit(pictures), unit(words), seconds)


def measure(split: Split, mapped: Mapped, steps: NDArray[np.int64] | None = None) -> dict[str, Any]:
    """Return a method's figures in one split.

    steps (1000, 1000): hops between the classes in WordNet; without them hierarchical precision is left out.
    """
    held_out, tested = split.classes[1], split.tested
    scores = mapped.pictures[tested] @ mapped.words.T
    figures: dict[str, Any] = hits_among(scores, split)
    if steps is not None:
        truths = np.searchsorted(held_out, split.pictures.labels[tested])
        inside = steps[np.ix_(held_out, held_out)]
        figures |= hierarchical_precision(scores[:, held_out], truths, inside)
    figures["seconds_to_fit"] = mapped.seconds
    if (~tested).sum() >= FEWEST_SEEN:
        figures["generalised"] |= _generalised(split, mapped)
        figures["corrections"] = {name: hits_among(_corrected(name, split, mapped), split) for name in CORRECTIONS}
    return figures


def hits_among(scores: FloatArray, split: Split) -> dict[str, Any]:
    """Return hit@k among the held-out words and, `generalised`, among all 1,000, and hubness among the former.

    scores (t, 1000): of the tested pictures for all words.
    """
    held_out, labels = split.classes[1], split.pictures.labels[split.tested]
    unseen = scores[:, held_out]
    figures: dict[str, Any] = hits_at(unseen, np.searchsorted(held_out, labels))
    return {**figures, "hubness": hubness(unseen), "generalised": hits_at(scores, labels)}


def _corrected(name: str, split: Split, mapped: Mapped) -> FloatArray:
    """Return scores (t, 1000) corrected by the seen classes' pictures or words; the tested ones stay out of it."""
    pictures, words = mapped.pictures, mapped.words
    if name == "centred":
        words = centred(words, words[split.classes[0]].mean(axis=0))
    scores, background = pictures[split.tested] @ words.T, pictures[~split.tested] @ words.T
    if name == "z":
        return background_z(scores, background)
    return csls(scores, background) if name == "csls" else scores


def _generalised(split: Split, mapped: Mapped) -> dict[str, Any]:
    """Return how pictures of seen and unseen classes fare together: plainly, and with novelty decided first.

    A seeded half of the seen classes' pictures shows novelty what is not new; the other half is asked.
    """
    seen = np.random.default_rng(split.seed).permutation(np.flatnonzero(~split.tested))
    shown, asked = seen[: len(seen) // 2], seen[len(seen) // 2 :]
    order, known = np.concatenate(split.classes), split.classes[0]
    centres = mapped.words[known]
    truths = np.argsort(order)[split.pictures.labels]
    answers = {"without_novelty": (mapped.pictures @ mapped.words[order].T).argmax(axis=1)}
    methods: dict[str, Novelty] = {"novelty_gaussian": GaussianNovelty(centres), "novelty_outliers": LocalOutliers()}
    for name, method in methods.items():
        scores = method.fit(mapped.pictures[shown], truths[shown]).score(mapped.pictures)
        new = scores > threshold(scores[shown], CALLED_NEW)
        answers[name] = specialised(new, split.posteriors, mapped.pictures @ mapped.words[split.classes[1]].T)
    right = {name: answer == truths for name, answer in answers.items()}
    return {name: _seen_and_unseen(r[asked], r[split.tested]) for name, r in right.items()}


def _seen_and_unseen(seen: NDArray[np.bool_], unseen: NDArray[np.bool_]) -> dict[str, float]:
    shares = float(seen.mean()), float(unseen.mean())
    harmonic = 2 * shares[0] * shares[1] / sum(shares) if sum(shares) else 0.0
    return {"seen": shares[0], "unseen": shares[1], "harmonic_mean": harmonic}
