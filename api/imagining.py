"""From queries to imagined pictures: targets, what memory recalls, the method, and the record of it all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from mindseye.api.answers import ImaginedPicture
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.mixture import Mixture, mixed_target
from mindseye.engine.space import JointSpace
from mindseye.engine.synthesis import Imagined, Method, OnStep, Recalled, Step, Target, load_method
from mindseye.engine.text.concreteness import concreteness
from mindseye.engine.vectors import unit
from mindseye.indexer import records
from mindseye.indexer.library import Library

TRAINED = "methods"  # folder of a library: what the trained ways of imagining learned
_NEAREST = 12  # pictures that memory is asked for
_BATCH = 16  # pictures made, and stored, together: a run that is stopped keeps the batches before
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Manner:
    """How pictures are imagined.

    method: None for the default way; size: side in pixels, None for its own; pipeline: folder of a diffusion pipeline.
    """

    method: str | None = None
    size: int | None = None
    pipeline: Path | None = None

    def load(self, library: Library) -> Method:
        """Return the way itself. Raises UsageError for an unknown or untrained one and a size out of range."""
        named = {} if self.method is None else {"name": self.method}
        return load_method(**named, size=self.size, trained=library.root / TRAINED, pipeline=self.pipeline)


def imagine_mixtures(
    library: Library,
    space: JointSpace,
    mixtures: Sequence[Mixture],
    seeds: Sequence[int],
    manner: Manner,
    command: str = "",
    progress: Progress | None = None,
    on_step: OnStep | None = None,
) -> list[ImaginedPicture]:
    """Imagine a picture for each mixture, or return the one already stored for the same request.

    seeds: one for each; progress: told (steps done, total); on_step: shown each step of each batch. Raises as
    `Manner.load`, and UsageError for a mixture of which nothing is left, SpaceMismatchError for a query of another
    space.
    """
    for query in (query for mixture in mixtures for query in mixture.queries):
        space.check(query)
    method = manner.load(library)
    requests = [_Request(library, space, *asked, method) for asked in zip(mixtures, seeds, strict=True)]
    new = list({r.key: r for r in requests if library.imagined_by_key(r.key) is None}.values())
    if new:
        _make(library, new, method, command, _Told(progress, on_step))
    return [request.answer() for request in requests]


def _make(library: Library, requests: Sequence["_Request"], method: Method, command: str, told: "_Told") -> None:
    aimed = [(request, request.target()) for request in requests]  # a bad one is refused before the run begins
    about = {"words": [request.mixture.text for request in requests], "space": requests[0].space.traits.name}
    run_id = library.start_run("imagine", command, about)
    stored, batches = 0, range(0, len(requests), _BATCH)
    try:
        for number, first in enumerate(batches):
            stored += _make_batch(aimed[first : first + _BATCH], method, run_id, told.of_batch(number, len(batches)))
    finally:  # a cancelled run has ended too
        library.finish_run(run_id, {"imagined": stored} | ({"interrupted": True} if stored < len(requests) else {}))


def _make_batch(aimed: Sequence[tuple["_Request", Target]], method: Method, run_id: int, told: OnStep) -> int:
    memories = [request.recalled() for request, _ in aimed]
    recalled = [[each for each, _ in memory] for memory in memories]
    made = method([target for _, target in aimed], recalled, [request.seed for request, _ in aimed], told)
    for (request, _), picture, memory in zip(aimed, made, memories, strict=True):
        request.store(picture, tuple(memory[place][1] for place in picture.recalled), run_id)
    return len(aimed)


class _Request:
    """One picture asked for, and the key it is stored under."""

    def __init__(self, library: Library, space: JointSpace, mixture: Mixture, seed: int, method: Method) -> None:
        self.library, self.space, self.mixture, self.seed, self.method = library, space, mixture, seed, method
        # Of what defines the target, never of its floats: these differ a little with whatever is encoded beside it.
        self.target_hash = fingerprint(*_identity(mixture))
        self.key = library.imagined_key(self.target_hash, method.name, method.parameters, seed)

    def target(self) -> Target:
        queries = self.mixture.queries
        return mixed_target(self.mixture, [self.method.target(self.space, query) for query in queries])

    def recalled(self) -> list[tuple[Recalled, records.Recalled]]:
        """Return the nearest pictures that can still be read, with their cosine to the target, and where they are."""
        hits = self.library.search(self._visual_row()[None], _NEAREST)[0]
        if not hits:
            return []
        features = self.library.features_of([hit.embedding_id for hit in hits])
        sought = self.mixture.mixed(np.stack([self.space.target(query) for query in self.mixture.queries]))
        cosines = unit(features - self.space.crossmodal.feature_mean) @ sought
        found = []
        for hit, cosine in zip(hits, cosines.tolist(), strict=True):
            shown = self.library.picture(hit.item_id)
            if isinstance(shown, records.Skip):
                continue  # gone since it was indexed: the others still seed the picture
            found.append((Recalled(shown.picture.image, cosine), records.Recalled(hit.item_id, hit.uri, cosine)))
        return found

    def _visual_row(self) -> np.ndarray:
        visual = self.space.half_rows(np.stack([query.unweighted for query in self.mixture.queries]))
        return self.mixture.mixed(visual[len(self.mixture.queries) :])

    def store(self, made: Imagined, recalled: tuple[records.Recalled, ...], run_id: int) -> None:
        sense = self.mixture.queries[0].wording.sense
        record = records.ImaginedRecord(
            query=self.mixture.text, target_hash=self.target_hash, method=self.method.name,
            parameters=self.method.parameters, seed=self.seed,
            similarity=float(np.mean(list(made.similarity.values()))), recalled=recalled,
            sense=None if sense is None else str(sense), definition=self.mixture.definition,
        )  # fmt: skip
        self.library.record_imagined(record, Image.fromarray(made.picture), run_id)

    def answer(self) -> ImaginedPicture:
        stored = self.library.imagined_by_key(self.key)
        assert stored is not None, "a picture is stored before it is answered"
        rated = concreteness(self.mixture.text, self.space.lexicon)
        return ImaginedPicture(
            stored, self.mixture.knowledge, knowledge_in_words(self.mixture), rated, self.space.traits.name
        )


def _identity(mixture: Mixture) -> tuple[object, ...]:
    """Return what tells a mixture from any other, beside its space; its name too: frames 2/3 and 3/5 are one place."""
    texts = [query.wording.texts for query in mixture.queries]
    return tuple(texts) if len(texts) == 1 else (mixture.text, texts, mixture.weights, mixture.spherical)


def knowledge_in_words(mixture: Mixture) -> str:
    """Say how far a mixture is from what the mapping knows, on the scale measured in docs/architecture.md."""
    known = mixture.knowledge
    how = "well" if known >= 0.5 else "somewhat" if known >= 0.18 else "hardly"
    scale = "words it learned from reach about 0.6, words like them 0.2 to 0.4, most others 0.1"
    return f"the mapping knows {mixture.text!r} {how} ({known:.2f}; {scale})"


@dataclass(frozen=True)
class _Told:
    """Those who are told of each step: how many are done of all batches, and the pictures of this one."""

    progress: Progress | None
    on_step: OnStep | None

    def of_batch(self, batch: int, batches: int) -> OnStep:
        def tell(step: Step) -> None:
            if self.on_step:
                self.on_step(step)
            if self.progress:
                self.progress(batch * step.total + step.done, batches * step.total)

        return tell
