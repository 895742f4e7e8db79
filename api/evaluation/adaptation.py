"""What fitting a space to some of a collection's words does for them, and for the words left out of the fit."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.api.evaluation.folders import class_folders, folder_word, pictures
from mindseye.api.pairs import Named, encode_pairs
from mindseye.api.progress import progress_bar
from mindseye.engine.adaptation import adapt
from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.metrics import average_precision
from mindseye.engine.mapping.adapt import Shown
from mindseye.engine.pairs import Pairs
from mindseye.engine.pocket import load_pocket
from mindseye.engine.space import JointSpace

Mask = NDArray[np.bool_]


def evaluate_adaptation(images: Path, cache: Path, halves: int = 5, seed: int = 0) -> dict[str, Any]:
    """Return mean average precision over held-out pictures of all classes, before and after a fit to half of them.

    For each of `halves` random halves of the classes: the space is fitted to one half of their pictures, as `space fit
    --pairs` does it but for near duplicates, which halves do not keep together either, and each word, fitted or not, is
    searched among the other half of all pictures. A library ranks by these very scores: rows derived from features
    rounded to float16. Raises UsageError for fewer than four folders.
    """
    folders = class_folders(images)
    if len(folders) < 4:
        raise UsageError(f"{images} has {len(folders)} classes", "name a folder with at least four")
    with progress_bar("fitting the pocket space (once)", "texts") as tell:
        space = load_pocket(cache, tell)
    named = Named(tuple((folder_word(f),) for f in folders), tuple(tuple(pictures(f)) for f in folders), False)
    with progress_bar("encoding pictures", "pictures") as tell:
        pairs = encode_pairs(named, space, tell).pairs
    measured = []
    with progress_bar("fitting and measuring", "halves") as tell:
        for number in range(halves):
            measured.append(_half(space, pairs, seed + number))
            tell(number + 1, halves)
    return {
        "pictures": len(pairs.features), "words": len(folders), "halves": halves,
        **{words: _figures([each[words] for each in measured]) for words in ("fitted", "other")},
        "kept_back": sum(each["kept_back"] for each in measured),
    }  # fmt: skip


def _half(space: JointSpace, pairs: Pairs, seed: int) -> dict[str, Any]:
    """Return (before, after) of the fitted and of the other words, for one random half."""
    rng = np.random.default_rng(seed)
    classes = pairs.shown.shape[1]
    order = rng.permutation(classes)
    fitted, other = np.sort(order[: classes // 2]), np.sort(order[classes // 2 :])
    held_out = _half_of_each_class(pairs.shown, rng)
    learned_from, _ = pairs.without(other, held_out)
    adaptation = adapt(space, learned_from, (), seed, lambda done, total: None)
    spaces = space, adaptation.space or space
    precision = [_precision(each, pairs, held_out) for each in spaces]
    return {
        "fitted": [float(each[fitted].mean()) for each in precision],
        "other": [float(each[other].mean()) for each in precision],
        "kept_back": bool(adaptation.reason),
    }


def _half_of_each_class(shown: Shown, rng: np.random.Generator) -> Mask:
    held_out = np.zeros(len(shown), dtype=bool)
    for column in shown.T:
        own = rng.permutation(np.flatnonzero(column))
        held_out[own[len(own) // 2 :]] = True
    return held_out


def _precision(space: JointSpace, pairs: Pairs, held_out: Mask) -> NDArray[np.float64]:
    """Return the average precision (u,) of each class's word among the held-out pictures."""
    rows = space.image_rows(pairs.features[held_out])
    scores = space.weighted(space.text_rows(pairs.queries), "text") @ rows.T
    shown = pairs.shown[held_out].T
    ranked = [of_class[np.argsort(-row, kind="stable")] for of_class, row in zip(shown, scores, strict=True)]
    return np.array([average_precision(relevant.tolist(), int(relevant.sum())) for relevant in ranked])


def _figures(measured: list[list[float]]) -> dict[str, dict[str, float]]:
    means = np.mean(measured, axis=0)
    names = ("before", "after")
    return {name: {"mean_average_precision": round(float(mean), 4)} for name, mean in zip(names, means, strict=True)}
