"""Fitting P(match): many small libraries of known content, words that they show and words that they do not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.decision.match import FEATURES, LOOKED_AT, Background, Logistic, against_bank
from mindseye.engine.evaluation.reliability import Forecasts, prior_weights
from mindseye.engine.evaluation.sub_libraries import (
    PictureSet,
    SubLibrary,
    Vocabulary,
    held_out_classes,
    sub_libraries,
)
from mindseye.engine.space import JointSpace
from mindseye.engine.vectors import FloatArray

FOLDS = 5

Fold = Callable[[NDArray[np.int64]], JointSpace]


@dataclass(frozen=True)
class Decisions:
    """Decisions over whole result lists, or over single hits, n of them.

    features (n, 6); truths (n,); kinds (n,): "shown", "absent" (of what other libraries show) or "random"; words (n,):
    places in the vocabulary; libraries, sets (n,): numbers of the sub-library and of its set of pictures.
    """

    features: FloatArray
    truths: NDArray[np.bool_]
    kinds: NDArray[np.str_]
    words: NDArray[np.int64]
    libraries: NDArray[np.int64]
    sets: NDArray[np.int64]

    @classmethod
    def joined(cls, parts: Sequence["Decisions"]) -> "Decisions":
        """Return all parts as one."""
        return cls(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls)))

    @property
    def weights(self) -> FloatArray:
        """Weights (n,) that give each kind of word its assumed share (`reliability.PRIOR`)."""
        return prior_weights(self.kinds.tolist())

    def logistic(self, chosen: NDArray[np.int64] | None = None) -> dict[str, float]:
        """Fit a logistic regression (scikit-learn) to decisions, all when None; return its numbers by name."""
        from sklearn.linear_model import LogisticRegression

        chosen = np.arange(len(self.truths)) if chosen is None else chosen
        spread = self.features[chosen].std(axis=0)
        scale = np.where(spread > 1e-4, spread, 1)  # the penalty treats all features alike
        model = LogisticRegression(solver="newton-cholesky").fit(
            self.features[chosen] / scale, self.truths[chosen], sample_weight=self.weights[chosen]
        )
        named = dict(zip(FEATURES, (model.coef_[0] / scale).tolist(), strict=True))
        return {name: round(value, 4) for name, value in {"intercept": float(model.intercept_[0]), **named}.items()}

    def held_out(self, groups: NDArray[np.int64]) -> Forecasts:
        """Return forecasts of every decision by a logistic that saw none of its group; groups (n,)."""
        from sklearn.model_selection import GroupKFold

        probabilities = np.zeros(len(self.truths), dtype=np.float32)
        folds = GroupKFold(min(FOLDS, len(np.unique(groups))))
        for seen, unseen in folds.split(self.features, groups=groups):
            model = Logistic.from_dict(self.logistic(seen))
            probabilities[unseen] = model.probability(self.features[unseen])
        return Forecasts(probabilities, self.truths, self.weights, groups)

    def held_out_figures(self) -> dict[str, Any]:
        """Return calibration figures on words, on libraries and, where there are several, on sets not fitted on."""
        told = {"by_word": self.held_out(self.words).figures(), "by_library": self.held_out(self.libraries).figures()}
        if len(np.unique(self.sets)) > 1:
            unseen = self.held_out(self.sets)
            told["by_set"] = Forecasts(unseen.probabilities, unseen.truths, unseen.weights, self.libraries).figures()
        return told


def sub_library_decisions(
    fold: Fold,
    sets: Sequence[PictureSet],
    vocabulary: Vocabulary,
    seeds: Sequence[int] = range(4),
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Decisions, Decisions]:
    """Return decisions over result lists and over single hits.

    fold(classes): a space that knows those classes only; vocabulary: the words to ask. Each seed holds classes out of
    the space. progress: (seeds done, all).
    """
    parts: list[tuple[Decisions, Decisions]] = []
    libraries = 0
    for done, seed in enumerate(seeds):
        rng = np.random.default_rng(seed)
        held_out = held_out_classes(sets, rng)
        space = fold(np.setdiff1d(np.arange(vocabulary.covers.shape[1]), held_out))
        for number, pictures in enumerate(sets):
            scored = _Scored(space, pictures, vocabulary)
            for library in sub_libraries(pictures, vocabulary, held_out, rng):
                parts += scored.decisions(library, {"libraries": libraries, "sets": number})
                libraries += 1
        if progress:
            progress(done + 1, len(seeds))
    return Decisions.joined([lists for lists, _ in parts]), Decisions.joined([hits for _, hits in parts])


class _Scored:
    """One space over one set of pictures: the scores of a vocabulary's words in any sub-library."""

    def __init__(self, space: JointSpace, pictures: PictureSet, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.space, self.labels, self.split = space, pictures.labels, space.text.width
        self.rows = space.image_rows(pictures.features)
        self.weighted_bank = space.weighted(space.bank_rows, "text")
        self.bank_halves = self._halves(space.bank_rows, self.rows)

    def _halves(self, words: FloatArray, pictures: FloatArray) -> tuple[FloatArray, FloatArray]:
        split = self.split
        return words[:, :split] @ pictures[:, :split].T, words[:, split:] @ pictures[:, split:].T

    def decisions(self, library: SubLibrary, told: dict[str, int]) -> Iterator[tuple[Decisions, Decisions]]:
        """Yield, for each word asked, its decision over the result list and over the first hits.

        told: numbers that the decisions carry.
        """
        meant, seen = (half[:, library.pictures].max(axis=1) for half in self.bank_halves)
        background = Background(meant, seen)
        rows, labels = self.rows[library.pictures], self.labels[library.pictures]
        asked = self.vocabulary.meanings[library.asked]
        text, knowledge = self.space.text_rows(asked), self.space.knowledge(asked)
        meaning, look = self._halves(text, rows)
        combined = self.space.weighted(text, "text") @ rows.T
        bank_meaning = self.bank_halves[0][:, library.pictures]
        for i, word in enumerate(library.asked.tolist()):
            best = np.argsort(-combined[i], kind="stable")[:LOOKED_AT]
            bank = bank_meaning[:, best], self.weighted_bank @ rows[best].T
            against = against_bank(meaning[i, best], combined[i, best], *bank)
            hits = background.hit_features(meaning[i, best], look[i, best], knowledge[i], *against)
            listed = background.list_features(meaning[i].max(), look[i].max(), hits)
            covers = self.vocabulary.covers[word]
            kind = "random" if not covers.any() else "shown" if covers[labels].any() else "absent"
            right = covers[labels[best]]
            both = (listed, right.any(keepdims=True)), (hits, right)
            one, each = (_decisions(*measured, kind=kind, word=word, told=told) for measured in both)
            yield one, each


def _decisions(
    features: FloatArray, truths: NDArray[np.bool_], *, kind: str, word: int, told: dict[str, int]
) -> Decisions:
    n = len(truths)
    numbers = {name: np.full(n, value) for name, value in told.items()}
    return Decisions(features, truths, np.full(n, kind), np.full(n, word), **numbers)
