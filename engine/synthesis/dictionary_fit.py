"""Learning a paired dictionary: from random pairs, or by sparse coding of pixels and features stacked.

Source: Vondrick, Khosla, Malisiewicz & Torralba, HOGgles (ICCV 2013), with the settings of its code: pixels and
features each of unit length, one dictionary over both, non-negative codes. Random training pairs are its own shortcut.
"""

import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import MiniBatchDictionaryLearning, TruncatedSVD
from sklearn.exceptions import ConvergenceWarning

from mindseye.engine.errors import UsageError, VectorError
from mindseye.engine.synthesis.decoder import SIDE
from mindseye.engine.synthesis.dictionary import PairedDictionary, save_dictionary
from mindseye.engine.synthesis.target import ENSEMBLE
from mindseye.engine.text.encoder import Progress
from mindseye.engine.vectors import FloatArray, rows, unit
from mindseye.engine.vision.backbone import FEATURE_WIDTH, read_head

Atoms = Literal["pairs", "learned"]
FEWEST = 16  # pictures: with less, it can but show them again
PUBLISHED_PENALTY = 0.02
_PENALTY = 0.5  # of features of networks, at which a code joins about six pictures: chosen on classes held out
_USED: dict[Atoms, int] = {"pairs": 2048, "learned": 10_000}  # pictures at most, drawn at random
_LEARNED = 1024
_LEARNING_PENALTY = 0.1  # the published one makes codes several times longer, and learning as much slower
_BATCH, _ROUNDS = 400, 4
_DIRECTIONS = 512  # of pixels and features, in which atoms are learned: they keep four fifths of the variance


def fit_dictionary(
    pictures: NDArray[np.uint8],
    features: FloatArray,
    path: Path,
    atoms: Atoms = "pairs",
    seed: int = 0,
    progress: Progress | None = None,
) -> None:
    """Make a dictionary of pictures and their features and write it to `path`.

    pictures: (n, 64, 64, 3); features: (n, 2560) raw, lite0's beside lite1's; atoms: pairs drawn from them, or learned
    from all; progress: told (done, total). Raises UsageError for too few pictures, VectorError for other shapes.
    """
    _check(pictures, features)
    used = np.random.default_rng(seed).permutation(len(pictures))[: _USED[atoms]]
    pixels = np.divide(pictures[used].reshape(len(used), -1), 255, dtype=np.float32)
    pairs = pixels, _centred(features[used])
    learned = atoms == "learned"
    dictionary = (
        learned_pairs(*pairs, _PENALTY, seed=seed, progress=progress) if learned else drawn_pairs(*pairs, _PENALTY)
    )
    told = {
        "pictures": len(used), "atoms": atoms, "seed": seed,
        "brightness": float(pixels.mean()), "contrast": float(np.median(pixels.std(axis=1))),
    }  # fmt: skip
    save_dictionary(dictionary, told, path)


def drawn_pairs(pixels: FloatArray, features: FloatArray, penalty: float = PUBLISHED_PENALTY) -> PairedDictionary:
    """Return the dictionary whose atoms are windows (n, d) and their features (n, p) as they are."""
    return PairedDictionary(_free_of_mean(pixels), unit(features), penalty)


def learned_pairs(
    pixels: FloatArray,
    features: FloatArray,
    penalty: float = PUBLISHED_PENALTY,
    count: int = _LEARNED,
    seed: int = 0,
    progress: Progress | None = None,
) -> PairedDictionary:
    """Return a dictionary of at most `count` atoms learned from windows (n, d) and their features (n, p).

    Learning is done in the leading directions of the stacked pairs: they are orthonormal, so the squares it lessens
    are the same, and an atom has hundreds of numbers in place of thousands. progress: told (done, total) of batches.
    """
    stacked = np.hstack([_free_of_mean(pixels), unit(features)])
    directions = TruncatedSVD(min(_DIRECTIONS, *stacked.shape), random_state=seed)
    reduced = directions.fit_transform(stacked)
    learner = MiniBatchDictionaryLearning(
        min(count, len(reduced)), alpha=_LEARNING_PENALTY, fit_algorithm="cd", positive_code=True, random_state=seed,
        dict_init=reduced[np.random.default_rng(seed).permutation(len(reduced))[:count]],
    )  # fmt: skip
    batches = list(_batches(len(reduced), seed))
    for done, batch in enumerate(batches, start=1):
        with warnings.catch_warnings():  # a code that has not quite settled teaches all the same
            warnings.simplefilter("ignore", ConvergenceWarning)
            learner.partial_fit(reduced[batch])
        if progress is not None:
            progress(done, len(batches))
    atoms = np.asarray(learner.components_ @ directions.components_, dtype=np.float32)
    return PairedDictionary(atoms[:, : pixels.shape[1]], atoms[:, pixels.shape[1] :], penalty)


def _batches(count: int, seed: int) -> Iterator[NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    for _ in range(_ROUNDS):
        yield from np.array_split(rng.permutation(count), math.ceil(count / _BATCH))


def _free_of_mean(pixels: FloatArray) -> FloatArray:
    """Return windows (n, d) of mean 0 and unit length; a plain one is zero."""
    return unit(pixels - pixels.mean(axis=1, keepdims=True))


def _centred(features: FloatArray) -> FloatArray:
    """Return raw features (n, 2560) as directions from each network's mean, of equal length."""
    parts = np.split(features, len(ENSEMBLE), axis=1)
    pairs = zip(ENSEMBLE, parts, strict=True)
    return np.hstack([unit(part - read_head(name).feature_mean) for name, part in pairs])


def _check(pictures: NDArray[np.uint8], features: FloatArray) -> None:
    if len(pictures) < FEWEST:
        raise UsageError(f"{len(pictures)} pictures make no dictionary", f"index at least {FEWEST}")
    if pictures.shape != (len(features), SIDE, SIDE, 3) or pictures.dtype != np.uint8:
        what = f"{pictures.dtype} pictures {pictures.shape} for {len(features)} rows of features"
        raise VectorError(what, f"a dictionary is made of uint8 (n, {SIDE}, {SIDE}, 3)")
    rows(features, FEATURE_WIDTH * len(ENSEMBLE))
