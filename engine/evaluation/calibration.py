"""Fitting P(match): many small libraries of known content, words that they show and words that they do not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.decision.match import FEATURES, Background
from mindseye.engine.space import JointSpace
from mindseye.engine.vectors import FloatArray

SIZES = (15, 30, 60, 125, 250, 500, 900)  # pictures in a sub-library
REPEATS = {15: 4, 30: 4, 60: 4}  # small ones hold few words each
HELD_OUT = 200
SHOWN = 10  # hits looked at
RANDOM_WORD_WEIGHT = 0.5  # absent classes are the harder half of the negatives, and the commoner query

Fold = Callable[[NDArray[np.int64]], JointSpace]


@dataclass(frozen=True)
class Decisions:
    """Features (n, 3), truths (n,) and weights (n,) of decisions over whole result lists, or over single hits."""

    features: FloatArray
    truths: NDArray[np.bool_]
    weights: FloatArray

    @classmethod
    def joined(cls, parts: Sequence["Decisions"]) -> "Decisions":
        """Return all parts as one."""
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("features", "truths", "weights")))

    def logistic(self) -> dict[str, float]:
        """Fit a logistic regression (scikit-learn) and return intercept and coefficients by name."""
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=1.0, max_iter=1000).fit(self.features, self.truths, sample_weight=self.weights)
        named = dict(zip(FEATURES, model.coef_[0].tolist(), strict=True))
        return {name: round(value, 4) for name, value in {"intercept": float(model.intercept_[0]), **named}.items()}


def sub_library_decisions(
    fold: Fold,
    features: FloatArray,
    labels: NDArray[np.int64],
    class_semantic: FloatArray,
    random_semantic: FloatArray,
    seeds: Sequence[int] = range(5),
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Decisions, Decisions]:
    """Return decisions over result lists and over single hits.

    fold(classes): a space that knows those classes only; features (n, p), labels (n,): pictures and their classes;
    class_semantic (1000, ds), random_semantic (r, ds): embeddings of class words and of words no picture shows.
    For each seed, HELD_OUT classes are unknown to the space; each sub-library shows half of the words asked.
    """
    lists, hits = [], []
    for number, seed in enumerate(seeds):
        rng = np.random.default_rng(seed)
        held_out = rng.permutation(1000)[:HELD_OUT]
        known = np.setdiff1d(np.arange(1000), held_out)
        space = fold(known)
        asked = _Asked(space, features, labels)
        for shown, absent, filling in _sub_libraries(rng, held_out, known):
            pictures = np.isin(labels, np.concatenate([shown, filling]))
            words = class_semantic[np.concatenate([shown, absent])]
            other = random_semantic[rng.choice(len(random_semantic), len(shown), replace=False)]
            classes = np.concatenate([shown, absent, np.full(len(other), -1)])
            for listed, single in asked.decide(pictures, np.vstack([words, other]), classes):
                lists.append(listed)
                hits.append(single)
        if progress:
            progress(number + 1, len(seeds))
    return Decisions.joined(lists), Decisions.joined(hits)


def _sub_libraries(
    rng: np.random.Generator, held_out: NDArray[np.int64], known: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    for size in SIZES:
        for _ in range(REPEATS.get(size, 1)):
            half = min(HELD_OUT // 2, size // 2)
            words = rng.permutation(held_out)[: 2 * half]
            yield words[:half], words[half:], rng.choice(known, size - half, replace=False)


class _Asked:
    """One space over all pictures: the scores of any words in any sub-library."""

    def __init__(self, space: JointSpace, features: FloatArray, labels: NDArray[np.int64]) -> None:
        self.space = space
        self.labels = labels
        self.rows = space.image_rows(features)
        self.bank = [half @ self._half(number).T for number, half in enumerate(self._halves(space.bank.semantic))]

    def _half(self, number: int) -> FloatArray:
        split = self.space.text.width
        return self.rows[:, split:] if number else self.rows[:, :split]

    def _halves(self, semantic: FloatArray) -> tuple[FloatArray, FloatArray]:
        rows, split = self.space.text_rows(semantic), self.space.text.width
        return rows[:, :split], rows[:, split:]

    def decide(
        self, pictures: NDArray[np.bool_], words: FloatArray, classes: NDArray[np.int64]
    ) -> Iterator[tuple[Decisions, Decisions]]:
        """Yield, for each word, its decision over the result list and over the SHOWN first hits."""
        background = Background(*(bank[:, pictures].max(axis=1) for bank in self.bank))
        scores = [half @ self._half(n)[pictures].T for n, half in enumerate(self._halves(words))]
        combined = self.space.weighted(self.space.text_rows(words), "text") @ self.rows[pictures].T
        knowledge = np.linalg.norm(self.space.crossmodal.visual(self.space.crossmodal.coordinates(words)), axis=1)
        for word, label in enumerate(classes):
            order = np.argsort(-combined[word])[:SHOWN]
            right = self.labels[pictures][order] == label
            weight = RANDOM_WORD_WEIGHT if label < 0 else 1.0
            best = (scores[0][word].max(keepdims=True), scores[1][word].max(keepdims=True))
            own = (scores[0][word, order], scores[1][word, order])
            yield (
                Decisions(background.features(*best, knowledge[word]), np.array([right.any()]), _weights(weight, 1)),
                Decisions(background.features(*own, knowledge[word]), right, _weights(weight, len(order))),
            )


def _weights(weight: float, n: int) -> FloatArray:
    return np.full(n, weight, dtype=np.float32)
