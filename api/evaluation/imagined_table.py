"""One table's pictures: every concept imagined by a mapping that never saw its class, in every way, for every seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

import numpy as np

from mindseye.api.evaluation.kept_pictures import Kept, KeptPictures, Making
from mindseye.api.evaluation.peak_memory import forget_peak, peak_memory_mb
from mindseye.api.evaluation.recipes import code_behind
from mindseye.api.evaluation.remembering import KnownMemory
from mindseye.api.evaluation.spaces import Refitter
from mindseye.api.progress import Progress
from mindseye.engine import pocket
from mindseye.engine.evaluation.concepts import Concept, balanced
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.query import word_query
from mindseye.engine.synthesis import Method, Recalled, Step, Target

FOLDS = 10
NEAREST = 12  # pictures that memory is asked for
_BATCH = 16


@dataclass(frozen=True)
class Table:
    """Concepts that judges choose among, in balanced order, of which the first `shown` are imagined."""

    name: str
    concepts: Sequence[Concept]
    shown: int

    @classmethod
    def of(cls, name: str, concepts: Sequence[Concept], most: int | None) -> "Table":
        """Order concepts; most: how many to imagine, all when None."""
        return cls(name, balanced(concepts), len(concepts) if most is None else min(most, len(concepts)))

    @property
    def imagined(self) -> Sequence[Concept]:
        return self.concepts[: self.shown]

    @property
    def folds(self) -> list[Sequence[Concept]]:
        """The concepts in FOLDS parts, each with some of every category; those of a fold are held out together."""
        bounds = [number * len(self.concepts) // FOLDS for number in range(FOLDS + 1)]
        return [self.concepts[first:last] for first, last in pairwise(bounds)]


@dataclass(frozen=True)
class Way:
    """A method, and the fingerprint of what it was trained on, None for one that needs no training."""

    method: Method
    trained: str | None = None

    @cached_property
    def recipe(self) -> str:
        return fingerprint(
            self.method.name, self.method.parameters, code_behind(type(self.method).__module__), self.trained
        )


class _Job(NamedTuple):
    """One picture to imagine."""

    way: Way
    fold: int
    concept: Concept
    seed: int
    key: str


class ImaginedTable:
    """The pictures of a table's concepts, one for each way and seed; those kept by earlier runs are not made again.

    memory: pictures that may seed, none of them of the table's classes, or None.
    """

    def __init__(
        self, table: Table, ways: Sequence[Way], seeds: int, refit: Refitter, memory: KnownMemory | None,
        kept: KeptPictures,
    ) -> None:  # fmt: skip
        self._table, self._refit, self._memory, self._kept = table, refit, memory, kept
        self._held_out = [sorted(concept.class_index for concept in fold) for fold in table.folds]
        self._jobs = [job for way in ways for seed in range(seeds) for job in self._of(way, seed)]

    def pictures(self, progress: Progress) -> dict[str, list[list[Kept]]]:
        """Return, for each method, for each seed a picture of each imagined concept, in the table's order.

        progress: told (done, total) of the pictures that are missing. A run that is stopped keeps its finished batches.
        """
        found = {job.key: kept for job in self._jobs if (kept := self._kept.get(job.key))}
        missing = [job for job in self._jobs if job.key not in found]
        done = 0
        for number in range(FOLDS):
            for kept in self._made([job for job in missing if job.fold == number], done, len(missing), progress):
                found[kept.key] = kept
                done += 1
        told: dict[str, list[list[Kept]]] = {}
        for job in self._jobs:
            seeds = told.setdefault(job.way.method.name, [])
            if len(seeds) == job.seed:
                seeds.append([])
            seeds[job.seed].append(found[job.key])
        return told

    def _of(self, way: Way, seed: int) -> Iterator[_Job]:
        places = [(number, concept) for number, fold in enumerate(self._table.folds) for concept in fold]
        memory = self._memory.fingerprint if self._memory else None
        for number, concept in places[: self._table.shown]:
            space = pocket.recipe(), self._refit.lexicon.fingerprint, self._held_out[number]
            yield _Job(way, number, concept, seed, fingerprint(way.recipe, space, memory, NEAREST, concept, seed))

    def _made(self, jobs: Sequence[_Job], done: int, total: int, progress: Progress) -> Iterator[Kept]:
        """Make the pictures of one fold, keeping each batch when it is finished."""
        if not jobs:
            return
        asked = _Asked(jobs, self._held_out[jobs[0].fold], self._refit, self._memory)
        for name in dict.fromkeys(job.way.method.name for job in jobs):
            own = [job for job in jobs if job.way.method.name == name]
            for first in range(0, len(own), _BATCH):
                for kept in asked.imagined(own[first : first + _BATCH], done, total, progress):
                    self._kept.put(kept)
                    done += 1
                    yield kept


class _Asked:
    """The concepts of one fold as queries of a space that never saw their classes, with what memory has of each."""

    def __init__(
        self, jobs: Sequence[_Job], held_out: Sequence[int], refit: Refitter, memory: KnownMemory | None
    ) -> None:
        self._space = refit(np.setdiff1d(np.arange(1000), held_out))
        concepts = list(dict.fromkeys(job.concept for job in jobs))
        queries = self._space.word_queries([word_query(refit.lexicon, concept.word) for concept in concepts])
        self._queries = dict(zip(concepts, queries, strict=True))
        recalled: list[list[Recalled]] = [[] for _ in concepts]
        if memory is not None:
            looks = np.stack([self._space.target(query) for query in queries])
            recalled = memory.memory.recall(looks, self._space.crossmodal.feature_mean, NEAREST)
        self._recalled = dict(zip(concepts, recalled, strict=True))

    def imagined(self, jobs: Sequence[_Job], done: int, total: int, progress: Progress) -> list[Kept]:
        """Return the pictures of one batch of one way; done: how many of `total` there are already."""
        method = jobs[0].way.method
        forget_peak()
        began = perf_counter()
        targets: list[Target] = [method.target(self._space, self._queries[job.concept]) for job in jobs]
        # A concept's noise is its own, whatever else is imagined.
        seeds = [job.seed * 1000 + job.concept.class_index for job in jobs]

        def tell(step: Step) -> None:
            progress(done + len(jobs) * step.done // step.total, total)

        made = method(targets, [self._recalled[job.concept] for job in jobs], seeds, tell)
        seconds, peak = (perf_counter() - began) / len(jobs), peak_memory_mb()
        return [
            Kept(job.key, each.picture, Making(each.similarity, each.start, seconds, peak))
            for job, each in zip(jobs, made, strict=True)
        ]
