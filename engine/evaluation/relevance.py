"""Fitting P(this hit is about what was asked): many small libraries of one modality, whose content is known."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from mindseye.engine.decision.match import Background
from mindseye.engine.decision.relevance import FEATURES, SIGNS, Evidence, Relevance, Scores
from mindseye.engine.evaluation.metrics import auroc
from mindseye.engine.evaluation.reliability import Forecasts, prior_weights
from mindseye.engine.space import JointSpace
from mindseye.engine.vectors import FloatArray

SIZES = (30, 100, 300, 1000, 3000)  # items in a sub-library, where there are so many
WHOLE = 3  # times that all there is, where that is more, is a library: so the common words are kept
REPEATS = {30: 4, 100: 2}  # small ones hold little each
KEPT = 0.8  # of the groups of items at most: some of what is asked for must be absent
ASKED = {"shown": 30, "absent": 15, "random": 15}  # queries of a sub-library
HITS = 20  # of each query, the first
FOLDS = 5


@dataclass(frozen=True)
class Pool:
    """What can be asked, and what can be found: q queries of one kind, n items of one modality.

    queries (q, width), items (n, width): rows `[s; v]`; knowledge (q,); groups (n,): items that are in a library
    together (a document's paragraphs); about (q, n): whether an item is about what a query asks.
    """

    kind: str
    modality: str
    queries: FloatArray
    knowledge: FloatArray
    items: FloatArray
    groups: NDArray[np.int64]
    about: NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """Hits with what is known of them, n in all.

    features (n, 10); truths (n,); kinds (n,): of the query, "shown", "absent" (the pool has what it asks for, the
    library has not) or "random" (nothing in the pool); queries, libraries (n,): their numbers.
    """

    features: FloatArray
    truths: NDArray[np.bool_]
    kinds: NDArray[np.str_]
    queries: NDArray[np.int64]
    libraries: NDArray[np.int64]

    @classmethod
    def joined(cls, parts: Sequence["Judged"]) -> "Judged":
        """Return all parts as one."""
        return cls(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls)))

    @property
    def weights(self) -> FloatArray:
        """Weights (n,) that give each kind of query its assumed share (`reliability.PRIOR`)."""
        return prior_weights(self.kinds.tolist())

    def logistic(self, chosen: NDArray[np.int64] | None = None) -> dict[str, float]:
        """Fit a logistic to hits, all when None, whose coefficients have the signs of SIGNS; return it by name.

        largest: items of the largest library among them.
        """
        chosen = np.arange(len(self.truths)) if chosen is None else chosen
        features = self.features[chosen].astype(np.float64)
        spread = features.std(axis=0)
        scale = np.where(spread > 1e-4, spread, 1)  # the penalty treats all features alike
        fitted = _fitted((features - features.mean(axis=0)) / scale, self.truths[chosen], self.weights[chosen])
        coefficients = fitted[1:] / scale
        intercept = fitted[0] - coefficients @ features.mean(axis=0)
        named = dict(zip(FEATURES, coefficients.tolist(), strict=True))
        largest = np.expm1(features[:, FEATURES.index("items")].max())
        told = {"intercept": float(intercept), **named}
        return {**{name: round(value, 4) for name, value in told.items()}, "largest": round(float(largest))}

    def held_out(self, groups: NDArray[np.int64]) -> Forecasts:
        """Return forecasts of every hit by a logistic that saw none of its group; groups (n,)."""
        from sklearn.model_selection import GroupKFold

        probabilities = np.zeros(len(self.truths), dtype=np.float32)
        for seen, unseen in GroupKFold(min(FOLDS, len(np.unique(groups)))).split(self.features, groups=groups):
            model = Relevance.from_dict(self.logistic(seen))
            probabilities[unseen] = model.of_features(self.features[unseen])
        return Forecasts(probabilities, self.truths, self.weights, groups)

    def held_out_figures(self) -> dict[str, Any]:
        """Return figures on queries and on libraries that took no part in the fit."""
        named = {"by_query": self.queries, "by_library": self.libraries}
        return {name: self._figures(self.held_out(groups)) for name, groups in named.items()}

    def _figures(self, forecasts: Forecasts) -> dict[str, Any]:
        right, wrong = forecasts.probabilities[self.truths], forecasts.probabilities[~self.truths]
        return {**forecasts.figures(), "auroc": round(auroc(right.tolist(), wrong.tolist()), 4)}


def _fitted(features: FloatArray, truths: NDArray[np.bool_], weights: FloatArray) -> NDArray[np.float64]:
    """Return intercept and coefficients (1 + f,) of the ridge-penalised logistic within the bounds of SIGNS."""
    sides = np.where(truths, 1.0, -1.0)

    def loss(told: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = sides * (features @ told[1:] + told[0])
        slopes = -sides * weights / (1 + np.exp(margins))
        value = float(weights @ np.logaddexp(0, -margins) + told[1:] @ told[1:] / 2)
        return value, np.concatenate([[slopes.sum()], slopes @ features + told[1:]])

    bounds = [(None, None), *({1: (0, None), -1: (None, 0)}.get(SIGNS.get(name, 0), (None, None)) for name in FEATURES)]
    return np.asarray(minimize(loss, np.zeros(features.shape[1] + 1), jac=True, bounds=bounds).x)


class Searched:
    """A pool in a space: sub-libraries are drawn from it, and asked."""

    def __init__(self, space: JointSpace, pool: Pool) -> None:
        self.space, self.pool = space, pool
        self.weights = space.half_weights(pool.kind, pool.modality)

    def scores(self, queries: FloatArray, places: NDArray[np.int64]) -> Scores:
        """Return the scores (q, n) by some queries (q, width) of items at some places in the pool."""
        return Scores.of(queries, self.pool.items[places], self.space.text.width, self.weights)

    @cached_property
    def _bank(self) -> Scores:
        return self.scores(self.space.bank_rows, np.arange(len(self.pool.items)))

    def background(self, library: NDArray[np.int64]) -> Background | None:
        """Return the top scores of the bank's words in a library of places in the pool; None among words."""
        if self.pool.modality == "word":
            return None
        return Background(*(half[:, library].max(axis=1) for half in (self._bank.semantic, self._bank.visual)))

    def hits(
        self, query: int, scores: FloatArray, library: NDArray[np.int64], background: Background | None
    ) -> tuple[NDArray[np.int64], Evidence]:
        """Return the first hits of a query, as places in the pool, and what is at hand about them.

        scores (n,): the query's, of the library's items.
        """
        row = self.pool.queries[query : query + 1]
        best = library[np.argsort(-scores, kind="stable")[:HITS]]
        told = Evidence.of(
            self.scores(row, best), self.scores(self.space.bank_rows, best),
            best=float(scores.max()), knowledge=float(self.pool.knowledge[query]), items=len(library),
            background=background,
        )  # fmt: skip
        return best, told

    def judged(self, rng: np.random.Generator, first: int) -> Iterator[Judged]:
        """Yield the hits of queries in libraries of all sizes, numbered from `first` on."""
        for number, library in enumerate(libraries(self.pool.groups, rng), first):
            background, kinds = self.background(library), _kinds(self.pool.about, library)
            for kind, most in ASKED.items():
                asked = rng.permutation(np.flatnonzero(kinds == kind))[:most]
                scores = self.scores(self.pool.queries[asked], library).combined
                for query, own in zip(asked.tolist(), scores, strict=True):
                    best, evidence = self.hits(query, own, library, background)
                    told = np.full(len(best), kind), np.full(len(best), query), np.full(len(best), number)
                    yield Judged(evidence.features, self.pool.about[query, best], *told)


def libraries(groups: NDArray[np.int64], rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield libraries as places in a pool: sub-libraries of SIZES, and all there is where that is more."""
    yield from (drawn_library(groups, size, rng) for size in SIZES for _ in range(REPEATS.get(size, 1)))
    if len(groups) > 2 * SIZES[-1]:
        yield from (np.arange(len(groups)) for _ in range(WHOLE))


def drawn_library(groups: NDArray[np.int64], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the places, sorted, of `size` items at most, group by group, of KEPT of the groups at most."""
    numbers = np.unique(groups)
    order = rng.permutation(numbers)[: max(1, int(KEPT * len(numbers)))]
    share = rng.random() ** 0.5  # libraries differ: some hold little of each group, some all of it
    position = np.full(numbers.max() + 1, len(numbers))
    position[order] = np.arange(len(order))
    places = np.flatnonzero((position[groups] < len(numbers)) & (rng.random(len(groups)) < share))
    return np.sort(places[np.argsort(position[groups[places]], kind="stable")][:size])


def _kinds(about: NDArray[np.bool_], library: NDArray[np.int64]) -> NDArray[np.str_]:
    here = about[:, library].any(axis=1)
    return np.where(here, "shown", np.where(about.any(axis=1), "absent", "random"))


def judged_hits(
    pools: Callable[[int], Iterator[tuple[JointSpace, Pool]]],
    seeds: Sequence[int] = range(3),
    progress: Callable[[int, int], None] | None = None,
) -> dict[tuple[str, str], Judged]:
    """Return judged hits of each pair of query kind and modality.

    pools(seed): the pools of a space that does not know some of the classes asked about, with that space; progress:
    (seeds done, all).
    """
    parts: dict[tuple[str, str], list[Judged]] = {}
    for done, seed in enumerate(seeds, 1):
        rng = np.random.default_rng(seed)
        for space, pool in pools(seed):
            found = Searched(space, pool).judged(rng, 1000 * seed)
            parts.setdefault((pool.kind, pool.modality), []).extend(found)
        if progress:
            progress(done, len(seeds))
    return {pair: Judged.joined(judged) for pair, judged in parts.items()}
