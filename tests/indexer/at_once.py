"""Use a library for some seconds while others do, and check every answer: LIBRARY SECONDS ROLE SEED FOLDER…

Prints the number of rounds and the last generation as JSON; an answer that never was true ends it with a traceback.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from mindseye.indexer.embeddings import rounded
from mindseye.indexer.library import Library
from mindseye.indexer.records import Hit
from tests.indexer.processes import ask, last_change
from tests.pictures import painting
from tests.tiny_space import TinySpace

THROWN_OUT = 15  # at once: enough for a new generation
SPACE = TinySpace()


def searchable(root: Path, seq: int) -> set[int]:
    """Return the embeddings that a search can find after a change, by the log of changes."""
    newest = dict(ask(root, "SELECT embedding_id, kind FROM change WHERE seq <= ? ORDER BY seq", seq))
    return {each for each, kind in newest.items() if kind == "add"}


def deleted(root: Path, since: int, until: int) -> set[int]:
    """Return the embeddings that were deleted, if only for a while, after one change and until another."""
    query = "SELECT embedding_id FROM change WHERE seq > ? AND seq <= ? AND kind = 'delete'"
    return {each for (each,) in ask(root, query, since, until)}


def score(hit: Hit, query: np.ndarray) -> float:
    """Return the score that the painting of the hit's name has, computed from the painting."""
    features = rounded(SPACE.encode_images([painting(int(hit.path.stem))]), SPACE.raw_width)
    return float(SPACE.image_rows(features)[0] @ query)


def look(library: Library, query: np.ndarray) -> None:
    """Search once and require an answer of a moment between asking and answering."""
    with library.memories.index("image").fresh() as held:
        assert set(held.ids.tolist()) == searchable(library.root, library.memories.index("image").seq)
    before = last_change(library.root)
    hits = library.search(query[None], 10_000)[0]
    seen = library.memories.index("image").seq
    after = last_change(library.root)
    assert before <= seen <= after
    found = [hit.embedding_id for hit in hits]
    then = searchable(library.root, seen)
    assert len(found) == len(set(found)), "a picture is answered twice"
    assert set(found) <= then, "what was not there is answered"
    assert then - set(found) <= deleted(library.root, seen, after), "what was there is not answered"
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    np.testing.assert_allclose(scores, [score(hit, query) for hit in hits], atol=1e-5)


def search(library: Library, draw: np.random.Generator, folders: list[Path]) -> None:
    generation = library.status().generation
    look(library, draw.normal(size=SPACE.width).astype(np.float32))
    assert library.status().generation >= generation


def reopen(library: Library, draw: np.random.Generator, folders: list[Path]) -> None:
    with Library.open(library.root, TinySpace()) as again:
        search(again, draw, folders)


def index(library: Library, draw: np.random.Generator, folders: list[Path]) -> None:
    assert library.index(folders).skipped == ()


def remove(library: Library, draw: np.random.Generator, folders: list[Path]) -> None:
    """Throw pictures out; those of the first folder, which nobody else indexes, must be gone until they come back."""
    there = [uri for (uri,) in ask(library.root, "SELECT uri FROM item WHERE state = 'present'")]
    if len(there) < 2 * THROWN_OUT:
        library.index(folders[:1])
        return
    chosen = draw.choice(there, THROWN_OUT, replace=False).tolist()
    library.remove(chosen)
    mine = {uri for uri in chosen if uri.startswith(folders[0].as_uri())}
    assert not mine & answered(library), "a removed picture is answered"
    library.index(folders[:1])
    assert mine <= answered(library), "a picture that came back is not answered"


def answered(library: Library) -> set[str]:
    hits = library.search(np.ones((1, SPACE.width), np.float32), 10_000)[0]
    return {uri for hit in hits for uri in (hit.uri, *hit.also)}


if __name__ == "__main__":
    root, seconds, role, seed, *rest = sys.argv[1:]
    until, rounds = time.monotonic() + float(seconds), 0
    generator, act = (
        np.random.default_rng(int(seed)),
        {"search": search, "open": reopen, "index": index, "remove": remove}[role],
    )
    with Library.open(Path(root), TinySpace()) as opened:
        while time.monotonic() < until or rounds < 3:
            act(opened, generator, [Path(each) for each in rest])
            rounds += 1
        last = opened.status().generation
    print(json.dumps({"rounds": rounds, "generation": last}))  # noqa: T201 - the parent reads it
