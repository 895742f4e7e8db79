"""Hierarchical precision: how near in WordNet the first k answers lie, right or wrong (Frome et al., NIPS 2013)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.evaluation.metrics import KS
from mindseye.engine.text.wordnet import WordNet
from mindseye.engine.vectors import FloatArray


def hops(net: WordNet, synsets: Sequence[str]) -> NDArray[np.int64]:
    """Return the steps (n, n) between synsets in the graph of them and their ancestors, each step to a parent or child.

    Raises NotFoundError for a synset that WordNet lacks.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import shortest_path

    nodes = sorted({above for synset in synsets for above in net.ancestors(synset)})
    places = {synset: place for place, synset in enumerate(nodes)}
    edges = np.array([(places[n], places[parent]) for n in nodes for parent in net.parents(n)]).reshape(-1, 2)
    graph = coo_matrix((np.ones(len(edges)), edges.T), shape=(len(nodes), len(nodes))).tocsr()
    asked = [places[synset] for synset in synsets]
    steps = shortest_path(graph, directed=False, unweighted=True, indices=asked)[:, asked]
    return np.where(np.isfinite(steps), steps, len(nodes)).astype(np.int64)


def hierarchical_precision(
    scores: FloatArray, truths: NDArray[np.int64], steps: NDArray[np.int64], ks: Sequence[int] = KS
) -> dict[str, float]:
    """Return the share of each row's k best that lie in the k-hCorrectSet of its truth.

    scores (n, c): of c candidates; truths (n,): the column of the true one; steps (c, c): hops between candidates. The
    set holds the candidates within the smallest radius of the truth that takes in k of them; at k = 1 this is hit@1.
    """
    order, distances = np.argsort(-scores, axis=1, kind="stable"), steps[truths]
    near = np.sort(distances, axis=1)
    figures = {}
    for k in (k for k in ks if k <= scores.shape[1]):
        correct = distances <= near[:, k - 1 : k]
        figures[f"hierarchical_precision_at_{k}"] = float(np.take_along_axis(correct, order[:, :k], axis=1).mean())
    return figures
