"""From queries to imagined pictures: targets, what memory recalls, inversion, and the record of it all."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from mindseye.api.answers import ImaginedPicture
from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.synthesis import Imagined, Method, Recalled, Step, load_method
from mindseye.engine.vectors import unit
from mindseye.engine.vision.pictures import read_picture
from mindseye.indexer import records
from mindseye.indexer.library import Library

_NEAREST = 12  # pictures that memory is asked for
Progress = Callable[[int, int], None]


def imagine_queries(
    library: Library,
    space: JointSpace,
    queries: Sequence[Query],
    seeds: Sequence[int],
    command: str = "",
    size: int | None = None,
    progress: Progress | None = None,
) -> list[ImaginedPicture]:
    """Imagine a picture for each query, or return the one already stored for the same request.

    size: side in pixels, the method's default when None. Raises UsageError for a size out of range.
    """
    method = load_method(size=size)
    requests = [_Request(library, space, query, seed, method) for query, seed in zip(queries, seeds, strict=True)]
    new = [request for request in requests if library.imagined_by_key(request.key) is None]
    if new:
        _make(library, new, method, command, progress)
    return [request.answer() for request in requests]


def _make(
    library: Library,
    requests: Sequence["_Request"],
    method: Method,
    command: str,
    progress: Progress | None,
) -> None:
    run_id = library.start_run("imagine", command, {"words": [r.query.wording.text for r in requests]})
    stored = 0
    try:
        seeds = [request.seed for request in requests]
        made = method([r.target for r in requests], [r.memory for r in requests], seeds, _told(progress))
        for request, picture in zip(requests, made, strict=True):
            request.store(picture, run_id)
            stored += 1
    finally:  # a cancelled run has ended too
        library.finish_run(run_id, {"imagined": stored} | ({"interrupted": True} if stored < len(requests) else {}))


class _Request:
    """One picture asked for: its target, what memory has of it, and the key it is stored under."""

    def __init__(self, library: Library, space: JointSpace, query: Query, seed: int, method: Method) -> None:
        self.library, self.query, self.seed, self.method = library, query, seed, method
        self.target = method.target(space, query)
        self.memory, self.sources = _recall(library, space, query)
        # Of what defines the target, never of its floats: these differ a little with whatever is encoded beside it.
        self.target_hash = fingerprint(query.wording.texts, sorted(self.target))
        self.key = library.imagined_key(self.target_hash, method.name, method.parameters, seed)

    def store(self, made: Imagined, run_id: int) -> None:
        wording = self.query.wording
        record = records.ImaginedRecord(
            query=wording.text, target_hash=self.target_hash, method=self.method.name,
            parameters=self.method.parameters,
            seed=self.seed, similarity=float(np.mean(list(made.similarity.values()))),
            recalled=tuple(self.sources[place] for place in made.recalled),
            sense=None if wording.sense is None else str(wording.sense), definition=wording.definition,
        )  # fmt: skip
        self.library.record_imagined(record, Image.fromarray(made.picture), run_id)

    def answer(self) -> ImaginedPicture:
        stored = self.library.imagined_by_key(self.key)
        assert stored is not None, "a picture is stored before it is answered"
        return ImaginedPicture(stored, self.query.knowledge, knowledge_in_words(self.query))


def knowledge_in_words(query: Query) -> str:
    """Say how far the query is from what the mapping knows, on the scale measured in docs/architecture.md."""
    known = query.knowledge
    how = "well" if known >= 0.5 else "somewhat" if known >= 0.18 else "hardly"
    scale = "words it learned from reach about 0.6, words like them 0.2 to 0.4, most others 0.1"
    return f"the mapping knows {query.wording.text!r} {how} ({known:.2f}; {scale})"


def _told(progress: Progress | None) -> Callable[[Step], None] | None:
    return None if progress is None else lambda step: progress(step.done, step.total)


def _recall(library: Library, space: JointSpace, query: Query) -> tuple[list[Recalled], list[records.Recalled]]:
    """Return the nearest pictures that can still be read, with their cosine to the target, and where they are."""
    visual_row = space.half_rows(query.unweighted[None])[1:]
    hits = library.search(visual_row, _NEAREST)[0]
    if not hits:
        return [], []
    features = library.features_of([hit.embedding_id for hit in hits])
    cosines = unit(features - space.crossmodal.feature_mean) @ space.target(query)
    memory, sources = [], []
    for hit, cosine in zip(hits, cosines.tolist(), strict=True):
        try:
            picture = read_picture(hit.path.read_bytes(), hit.uri).image
        except (OSError, UnreadableFileError):
            continue  # gone since it was indexed: the others still seed the picture
        memory.append(Recalled(picture, cosine))
        sources.append(records.Recalled(hit.item_id, hit.uri, cosine))
    return memory, sources
