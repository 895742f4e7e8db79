"""Analogies by vector arithmetic: a is to b as c is to which word of the vocabulary?

3CosAdd: the word nearest b − a + c (Mikolov, Yih & Zweig 2013). 3CosMul: the greatest cos(b) cos(c) / cos(a), cosines
moved to 0–1 (Levy & Goldberg 2014). The question's own words are no answers, in either.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.evaluation.word_benchmarks import Analogy
from mindseye.engine.vectors import FloatArray

_SYNTACTIC = "gram"  # how the names of Google's syntactic sections begin
_QUESTIONS, _ANSWERS = 512, 2048  # compared at once: a few MB, whatever the vocabulary
_RULES = "three_cos_add", "three_cos_mul"
_EPSILON = 1e-3


def analogy_figures(
    analogies: Sequence[Analogy],
    vocabulary: Mapping[str, int],
    embeddings: FloatArray,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Return how often each rule answers right: in all, of meaning and of grammar, by section.

    vocabulary: lower-case words and their rows, which are what can be answered; embeddings (v, d): unit. `accuracy` is
    over the questions whose four words are all in the vocabulary, `accuracy_uncovered_wrong` over all. An answer is
    right when no other word scores as high. progress is told (done, total) questions.
    """
    places = [[vocabulary.get(word.lower(), -1) for word in each[1:]] for each in analogies]
    asked = np.array(places, dtype=np.int64).reshape(-1, 4)
    covered = np.asarray((asked >= 0).all(axis=1))
    right = np.zeros((2, len(analogies)), dtype=bool)
    rows = np.flatnonzero(covered)
    for start in range(0, len(rows), _QUESTIONS):
        chosen = rows[start : start + _QUESTIONS]
        right[:, chosen] = _right(asked[chosen], embeddings)
        if progress:
            progress(start + len(chosen), len(rows))
    sections = np.array([each.section for each in analogies])
    told = {name: _told(answers, covered, sections) for name, answers in zip(_RULES, right, strict=True)}
    return {"questions": len(analogies), "covered": len(rows), "vocabulary": len(embeddings), **told}


def _right(asked: NDArray[np.int64], embeddings: FloatArray) -> NDArray[np.bool_]:
    """Return which questions (n, 4) each rule answers right: (2, n)."""
    questions = _Questions(asked, embeddings)
    numbers = np.arange(len(asked))
    own = questions.scores(embeddings[asked[:, 3]])[:, numbers, numbers]
    best = np.full_like(own, -np.inf)
    for start in range(0, len(embeddings), _ANSWERS):
        scores = questions.scores(embeddings[start : start + _ANSWERS])
        question, word = np.nonzero((asked >= start) & (asked < start + _ANSWERS))
        scores[:, question, asked[question, word] - start] = -np.inf
        np.maximum(best, scores.max(axis=2), out=best)
    # A question whose answer is one of its own words cannot be answered.
    return np.asarray((own > best) & (asked[:, :3] != asked[:, 3:]).all(axis=1))


class _Questions:
    """Questions (n, 4), ready to score answers: the sum's rows, and each word that they ask with once."""

    def __init__(self, asked: NDArray[np.int64], embeddings: FloatArray) -> None:
        a, b, c = (embeddings[asked[:, column]] for column in range(3))
        words, places = np.unique(asked[:, :3], return_inverse=True)
        self._sums, self._words, self._places = b - a + c, embeddings[words], places.reshape(-1, 3).T

    def scores(self, answers: FloatArray) -> FloatArray:
        """Return the scores (2, n, v) of answers (v, d) by each rule; of 3CosMul the logarithm, a sum as well."""
        cosines = np.clip((self._words @ answers.T + 1) / 2, 1e-9, 1)
        factors, divisors = np.log(cosines), np.log(cosines + _EPSILON)
        a, b, c = self._places
        return np.stack([self._sums @ answers.T, factors[b] + factors[c] - divisors[a]])


def _told(right: NDArray[np.bool_], covered: NDArray[np.bool_], sections: NDArray[np.str_]) -> dict[str, Any]:
    syntactic = np.char.startswith(sections, _SYNTACTIC) if len(sections) else covered
    return {
        **_accuracy(right, covered),
        "semantic": _accuracy(right[~syntactic], covered[~syntactic]),
        "syntactic": _accuracy(right[syntactic], covered[syntactic]),
        "sections": {
            str(name): _accuracy(right[sections == name], covered[sections == name]) for name in dict.fromkeys(sections)
        },
    }


def _accuracy(right: NDArray[np.bool_], covered: NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "accuracy": round(float(right[covered].mean()), 4) if covered.any() else None,
        "accuracy_uncovered_wrong": round(float(right.mean()), 4) if len(right) else None,
    }
