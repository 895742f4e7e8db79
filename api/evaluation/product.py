"""Retrieval and no-match: pictures are indexed into a temporary library and asked through `Mindseye.search`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from mindseye.api.evaluation.folders import class_folders, folder_word
from mindseye.api.evaluation.words import absent_words, wordnet
from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.metrics import auroc, average_precision, precision_at
from mindseye.engine.pocket import load_pocket
from mindseye.engine.text.lexicon import normalised
from mindseye.indexer.records import Placed


def evaluate_retrieval(images: Path, cache: Path, apart: Path | None = None) -> dict[str, Any]:
    """Return how well each folder's word finds its pictures among all; words listed in `apart` also apart.

    apart: a JSON object with lists of folder names. Raises UsageError when `images` holds no folders of pictures, or
    `apart` no such object.
    """
    folders, lists = class_folders(images), _word_lists(apart)
    with _library(cache) as eye:
        for folder in _bar(folders, "indexing", "folders"):
            eye.index([folder])
        contents = eye.status().contents
        measured = {folder: _ranking(eye, folder, contents) for folder in _bar(folders, "searching", "words")}
    return {
        "pictures": contents,
        **_means(list(measured.values())),
        **_apart(measured, lists),
        "by_folder": {folder.name: round(each["mean_average_precision"], 4) for folder, each in measured.items()},
    }


def _apart(measured: dict[Path, dict[str, float]], lists: dict[str, list[str]]) -> dict[str, Any]:
    """Return the means over each named list of words."""
    named = {name: [normalised(word) for word in words] for name, words in lists.items()}
    known = {normalised(folder.name): figures for folder, figures in measured.items()}
    return {
        name: {"words": len(words), **_means([known[word] for word in words])}
        for name, words in named.items()
        if words and all(word in known for word in words)
    }


def _word_lists(path: Path | None) -> dict[str, list[str]]:
    if path is None:
        return {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {name: words for name, words in told.items() if isinstance(words, list)}
    except (OSError, ValueError, AttributeError) as error:
        raise UsageError(f"{path} is no JSON object with lists of words ({error})", "see --apart --help") from error


def evaluate_no_match(images: Path, cache: Path, words: int = 300) -> dict[str, Any]:
    """Return how well P(match) tells shown words from words that nothing shows.

    Against random dictionary words, and against the folders' own words with their pictures removed. words: random
    ones asked. Raises UsageError when `images` holds no folders of pictures.
    """
    folders, net = class_folders(images), wordnet()
    with _library(cache) as eye:
        for folder in _bar(folders, "indexing", "folders"):
            eye.index([folder], folder.name)
        shown = [_probability(eye, folder_word(f)) for f in _bar(folders, "shown words", "words")]
        present = [folder_word(folder) for folder in folders]
        random_words = absent_words(eye.space.lexicon, present, set(eye.space.bank.words), words, net=net)
        random = [_probability(eye, word) for word in _bar(random_words, "random words", "words")]
        removed = [_probability_without(eye, folder) for folder in _bar(folders, "removed classes", "words")]
    return {
        "auroc_random_words": round(auroc(shown, random), 4),
        "auroc_removed_classes": round(auroc(shown, removed), 4),
        "mean_probability": {
            "shown": _mean(shown),
            "random_words": _mean(random),
            "removed_classes": _mean(removed),
        },
        "words": {"shown": len(shown), "random": len(random), "removed": len(removed)},
        "random_words_checked_by": "wordnet" if net else "synonyms",
    }


@contextmanager
def _library(cache: Path) -> Iterator[Mindseye]:
    with progress_bar("fitting the pocket space (once)", "texts") as tell:
        space = load_pocket(cache, tell)
    with TemporaryDirectory(prefix="mindseye-") as folder, Mindseye(Path(folder), space, "evaluate") as eye:
        yield eye


def _bar(things: list[Any], what: str, unit: str) -> Iterator[Any]:
    with progress_bar(what, unit) as tell:
        for number, thing in enumerate(things):
            yield thing
            tell(number + 1, len(things))


def _ranking(eye: Mindseye, folder: Path, contents: int) -> dict[str, float]:
    hits = eye.search(folder_word(folder), contents).hits
    relevant = [_lies_in(hit, folder) for hit in hits]
    return {
        "mean_average_precision": average_precision(relevant, sum(relevant)),
        "precision_at_10": precision_at(relevant, 10),
    }


def _lies_in(hit: Placed, folder: Path) -> bool:
    return hit.path.parent == folder.resolve()


def _probability(eye: Mindseye, word: str) -> float:
    return eye.search(word).decision.probability or 0.0


def _probability_without(eye: Mindseye, folder: Path) -> float:
    eye.remove(collection=folder.name)
    probability = _probability(eye, folder_word(folder))
    eye.index([folder], folder.name)
    return probability


def _means(figures: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([each[name] for each in figures])), 4) for name in figures[0]}


def _mean(values: list[float]) -> float:
    return round(float(np.mean(values)), 4)
