"""Items of all modalities on one plane, each near those that it is most like, of its own modality and of the others.

By t-SNE (van der Maaten & Hinton 2008) on the nearest neighbours alone, accelerated by FFT (Linderman et al. 2019), as
openTSNE does it (Poličar, Stražar & Zupan 2024); its way of adding points moves none that were there.

What is near is told, not computed here: scores between modalities have other scales than those within one, so that
neighbours from one list would be of one's own modality alone. Each item is therefore given its nearest of every
modality, every such list weighs in by probabilities of one perplexity, and those of other modalities have together a
fixed share of the pull. Decision 0018 tells what this brings.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mindseye.engine.vectors import FloatArray

Progress = Callable[[float, int], None]
Positions = NDArray[np.int64]

NEAREST = 45  # neighbours of an item in each modality: three times the perplexity, as is usual
ACROSS = 0.5  # of the pull, by items of other modalities
_PERPLEXITY = 15
_EARLY, _LATE = 250, 400  # iterations, exaggerated and not
_EXAGGERATION = 12
_LEAST_RATE = 50.0  # of learning: that of many items, their number by the exaggeration, leaves few where they began
_ADDED = 250  # iterations in which added items find their places
_THREADS = 2  # more gain little: the FFT runs on one
_EVERY = 10  # iterations between two words on how far it is
_BARNES_HUT_BELOW = 2_000  # reference points; for more the FFT is faster
_FEWEST = 4  # items that t-SNE can arrange
_TINY = 1e-9  # keeps equal rows apart


class Near(NamedTuple):
    """What is nearest to some items, among those of one modality.

    asking (m,): their positions among all items; nearest (m, k): the positions of the nearest, itself left out; scores
    (m, k): the likeness of each, higher is nearer; across: whether they are of another modality.
    """

    asking: Positions
    nearest: Positions
    scores: FloatArray
    across: bool


def fit(rows: FloatArray, near: Sequence[Near], seed: int = 0, progress: Progress | None = None) -> FloatArray:
    """Return the places (n, 2) of n items, around (0, 0), in units of t-SNE's kernel; the same for the same input.

    rows (n, width): joint rows, from which the first rough places come; near: the nearest neighbours of all. progress
    is told (iterations done, total); what it raises ends the work.
    """
    if len(rows) < _FEWEST or not near:
        return _circle(len(rows))
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PrecomputedAffinities

    pull = _pull(near, len(rows), len(rows))
    affinities = PrecomputedAffinities((pull + pull.T).tocsr())
    places = TSNEEmbedding(_start(rows, seed), affinities, random_state=seed, n_jobs=_THREADS)
    total = _EARLY + _LATE
    early, late = (max(len(rows) / exaggeration, _LEAST_RATE) for exaggeration in (_EXAGGERATION, 1))
    manner = {"exaggeration": _EXAGGERATION, "momentum": 0.5, "learning_rate": early}
    places = places.optimize(_EARLY, **manner, **_telling(progress, 0, total))
    places = places.optimize(_LATE, momentum=0.8, learning_rate=late, **_telling(progress, _EARLY, total))
    return np.asarray(places - (places.max(axis=0) + places.min(axis=0)) / 2, np.float32)


def place(coordinates: FloatArray, near: Sequence[Near], count: int, progress: Progress | None = None) -> FloatArray:
    """Return places (count, 2) for new items among old ones, which stay at their coordinates (n, 2).

    near: the old items nearest to the new ones; `asking` numbers the new, `nearest` the old. New ones do not move each
    other either, so that it is the same whether they come together or one by one.
    """
    if not len(coordinates) or not near:
        return _circle(count)
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PrecomputedAffinities
    from openTSNE.tsne import PartialTSNEEmbedding

    middle = (coordinates.max(axis=0) + coordinates.min(axis=0)) / 2
    nothing = PrecomputedAffinities(sparse.csr_matrix((len(coordinates),) * 2), normalize=False)
    method = "bh" if len(coordinates) < _BARNES_HUT_BELOW else "fft"
    old = TSNEEmbedding(coordinates - middle, nothing, negative_gradient_method=method)
    pull = _pull(near, count, len(coordinates))
    start = np.asarray(old)[np.asarray(pull.argmax(axis=1)).ravel()]
    places = PartialTSNEEmbedding(start, old, pull, negative_gradient_method=method)
    manner = {"exaggeration": 1.5, "learning_rate": 0.1, "momentum": 0.8, "max_grad_norm": 0.25}  # openTSNE's own
    places = places.optimize(_ADDED, **manner, **_telling(progress, 0, _ADDED))
    return np.asarray(places + middle, np.float32)


def _pull(near: Sequence[Near], count: int, among: int) -> Any:
    """Return how much each of `count` items is drawn to each of `among` others (count, among), rows summing to 1."""
    lists = np.zeros(count)  # of other modalities that an item has
    for each in near:
        lists[each.asking] += each.across
    pull = sparse.csr_matrix((count, among))
    for each in near:
        share = ACROSS / lists[each.asking] if each.across else np.full(len(each.asking), 1 - ACROSS)
        pull = pull + _spread(sparse.diags(share) @ _probabilities(each, among), each.asking, count)
    total = np.asarray(pull.sum(axis=1)).ravel()
    return (sparse.diags(np.divide(1, total, out=np.zeros(count), where=total > 0)) @ pull).tocsr()


def _probabilities(near: Near, among: int) -> Any:
    """Return the probabilities (m, among) with which items choose their neighbours, at one perplexity."""
    from openTSNE.affinity import joint_probabilities_nn

    # Only differences of squared distances count: likenesses serve as such, however they are scaled.
    distances = np.sqrt(np.maximum(near.scores.max(axis=1, keepdims=True) - near.scores, 0))
    perplexity = max(min(_PERPLEXITY, near.nearest.shape[1] / 3), 1.0)
    return joint_probabilities_nn(
        near.nearest, distances, [perplexity], symmetrize=False, normalization="point-wise", n_reference_samples=among
    )


def _spread(matrix: Any, asking: Positions, count: int) -> Any:
    """Return the rows (m, …) of a sparse matrix as those numbered `asking` among `count`."""
    rows = sparse.csr_matrix((np.ones(len(asking)), (asking, np.arange(len(asking)))), shape=(count, len(asking)))
    return rows @ matrix


def _start(rows: FloatArray, seed: int) -> NDArray[np.float64]:
    """Return rough places, along the first principal components."""
    from openTSNE.initialization import jitter, rescale
    from sklearn.utils.extmath import randomized_svd

    first, lengths, _ = randomized_svd(rows - rows.mean(axis=0), 2, random_state=seed)
    rough = (first * lengths).astype(np.float64) + _TINY * _circle(len(rows))
    return np.asarray(jitter(rescale(rough), scale=0.01, random_state=seed))


def _circle(count: int) -> FloatArray:
    """Return places (count, 2) evenly on a circle, for items of which nothing else is known; a single one at (0, 0)."""
    angles = 2 * np.pi * np.arange(count) / max(count, 1)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32) * (count > 1)


def _telling(progress: Progress | None, done: int, total: int) -> dict[str, Any]:
    if progress is None:
        return {}

    def tell(iteration: int, error: float, places: object) -> None:
        progress(done + iteration, total)

    return {"callbacks": tell, "callbacks_every_iters": _EVERY}
