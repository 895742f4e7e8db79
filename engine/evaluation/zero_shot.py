"""Zero-shot classification with classes held out of everything: the pocket space beside the literature's methods."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.evaluation.metrics import hits_at, mean_of
from mindseye.engine.mapping import ConSE, KernelRidge, Regressor, Ridge
from mindseye.engine.mapping.crossmodal import class_prototypes
from mindseye.engine.space import JointSpace
from mindseye.engine.vectors import FloatArray, unit

HELD_OUT = 200
SEEDS = tuple(range(5))

Fold = Callable[[NDArray[np.int64]], JointSpace]


def folds(seeds: Sequence[int] = SEEDS, classes: int = 1000) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return (known, held out) classes, sorted, for each seed: the protocol's five random splits."""
    splits = []
    for seed in seeds:
        held_out = np.sort(np.random.default_rng(seed).permutation(classes)[:HELD_OUT])
        splits.append((np.setdiff1d(np.arange(classes), held_out), held_out))
    return splits


def zero_shot(
    fold: Fold,
    features: FloatArray,
    labels: NDArray[np.int64],
    queries: Mapping[str, FloatArray],
    glove: FloatArray,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, dict[str, float]]:
    """Return hit@k of every method, the mean over the protocol's splits.

    fold(classes): the space fitted to those classes alone; features (n, p), labels (n,): pictures and their classes;
    queries: for each way of asking, embeddings (1000, ds) of the classes; glove (1000, 50): of their names, for the
    literature's methods (ConSE: Norouzi et al. 2013; ridge: Lazaridou et al. 2015, Shigeto et al. 2015).
    """
    figures: dict[str, list[dict[str, float]]] = {}
    splits = folds()
    for number, (known, held_out) in enumerate(splits):
        space = fold(known)
        tested = np.isin(labels, held_out)
        truths = np.searchsorted(held_out, labels[tested])
        rows = space.image_rows(features[tested])
        for name, semantic in queries.items():
            asked = space.weighted(space.text_rows(semantic[held_out]), "text")
            figures.setdefault(name, []).append(hits_at(rows @ asked.T, truths))
        for name, scores in _literature(space, features[tested], glove[known], glove[held_out]):
            figures.setdefault(name, []).append(hits_at(scores, truths))
        if progress:
            progress(number + 1, len(splits))
    return {name: mean_of(values) for name, values in figures.items()}


def _literature(
    space: JointSpace, features: FloatArray, known: FloatArray, asked: FloatArray
) -> list[tuple[str, FloatArray]]:
    """Return scores (n, c) of pictures for asked words (c, 50), by methods that learn from known words (k, 50)."""
    learned = space.crossmodal
    prototypes = class_prototypes(learned.weights)
    visual = unit(features - learned.feature_mean)
    conse = ConSE(learned.weights, learned.bias, unit(known))
    regressors: dict[str, Regressor] = {
        "ridge_word_to_visual_glove": Ridge(),
        "kernel_ridge_glove": KernelRidge(gamma=1.5, alpha=0.3),
    }
    results = [("conse_glove", conse.transform(features) @ unit(asked).T)]
    for name, regressor in regressors.items():
        results.append((name, visual @ unit(regressor.fit(known, prototypes).transform(asked)).T))
    return results
