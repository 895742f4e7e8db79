"""Where a word is on Earth: how much each tile of a library looks like it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mindseye.api.deciding import CHUNK, probabilities
from mindseye.api.mindseye import Mindseye
from mindseye.api.questions import by_words
from mindseye.engine.errors import NotFoundError
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.filters import EVERYTHING, Filter
from mindseye.indexer.gis.placed import PlacedTile, placed

BEST = 5  # tiles that are named and outlined


@dataclass(frozen=True)
class Heat:
    """How much tiles look like what was asked.

    scores (n,): inner products, higher is better; probabilities (n,): that each shows it, None where the space, or the
    question, has no calibrated ones.
    """

    text: str
    tiles: tuple[PlacedTile, ...]
    scores: FloatArray
    probabilities: FloatArray | None

    def best(self, n: int = BEST) -> list[int]:
        """Return the numbers of the n tiles that look most like it, best first."""
        return [int(number) for number in np.argsort(-self.scores, kind="stable")[:n]]


def heat(eye: Mindseye, text: str, within: Filter = EVERYTHING) -> Heat:
    """Return how much each tile that passes a filter looks like a word, a phrase or a sum.

    Raises NotFoundError when there is no such tile, library or collection, and as `Mindseye.search` does.
    """
    library, space = eye.library(), eye.space
    question = by_words(space, eye.library, text, files=eye.reads_files)
    tiles = tuple(placed(library, within))
    if not tiles:
        what = f"no tile lies in the collection {within.collection!r}" if within.collection else "there is no such tile"
        raise NotFoundError(what, "make tiles with `mindseye gis label`, and index their folder")
    ids, places = np.unique([tile.embedding_id for tile in tiles], return_inverse=True)
    index, row = (
        library.memories.index("image"),
        space.weighted(question.query.unweighted[None], question.query.kind, "image"),
    )
    calibrated = space.traits.calibrated and not question.is_sum
    scores, likely = [], []
    for start in range(0, len(ids), CHUNK):
        rows = index.rows(ids[start : start + CHUNK])
        scores.append(rows @ row[0])
        if calibrated:
            likely.append(probabilities(library, space, question.query, rows))
    chances = np.concatenate(likely)[places] if calibrated else None
    return Heat(question.query.wording.text, tiles, np.concatenate(scores)[places], chances)


def told(found: Heat) -> dict[str, Any]:
    """Return a heat as JSON: every tile with its score, likest first."""
    chances = [None] * len(found.tiles) if found.probabilities is None else found.probabilities.tolist()
    return {
        "query": found.text,
        "tiles": [
            {
                "rank": rank, "item_id": tile.item_id, "uri": tile.uri, "place": tile.place, "box": list(tile.box),
                "date": tile.date, "labels": list(tile.labels), "score": round(float(found.scores[number]), 4),
                "probability": chances[number],
            }
            for rank, number in enumerate(found.best(len(found.tiles)), 1)
            for tile in (found.tiles[number],)
        ],
    }  # fmt: skip


def lines(found: Heat) -> Iterable[str]:
    """Yield the spread of the scores and the likest tiles, for people."""
    yield f"{len(found.tiles):,} tiles score {found.scores.min():.3f} to {found.scores.max():.3f} for {found.text!r}"
    for rank, number in enumerate(found.best(), 1):
        tile, score = found.tiles[number], float(found.scores[number])
        chance = "" if found.probabilities is None else f"  {found.probabilities[number]:.2f}"
        words = f"  {', '.join(tile.labels)}" if tile.labels else ""
        yield f"{rank:2d}  {score:.3f}{chance}  {middle(tile)}  {tile.raster.name}#{tile.place}{words}"


def middle(tile: PlacedTile) -> str:
    """Return where a tile's middle lies, as latitude and longitude: `-34.0213,20.4402`."""
    longitude, latitude = np.mean(tile.ring, axis=0)
    return f"{latitude:.4f},{(longitude + 180) % 360 - 180:.4f}"
