"""Retrieval and no-match: pictures are indexed into a temporary library and asked through `Mindseye.search`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from mindseye.api.evaluation.folders import class_folders, folder_word
from mindseye.api.evaluation.reliability_diagram import plot_reliability
from mindseye.api.evaluation.words import absent_words, wordnet
from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.api.spaces import open_space
from mindseye.engine import pocket
from mindseye.engine.decision.match import LOOKED_AT
from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.metrics import auroc, average_precision, precision_at
from mindseye.engine.evaluation.reliability import PRIOR, Forecasts, prior_weights
from mindseye.engine.text.lexicon import normalised
from mindseye.indexer.records import Placed


def evaluate_retrieval(
    images: Path, cache: Path, apart: Path | None = None, space: str = pocket.NAME, own: Path = Path()
) -> dict[str, Any]:
    """Return how well each folder's word finds its pictures among all; words listed in `apart` also apart.

    apart: a JSON object with lists of folder names. Raises UsageError when `images` holds no folders of pictures, or
    `apart` no such object.
    """
    folders, lists = class_folders(images), _word_lists(apart)
    with library(cache, space, own) as eye:
        for folder in bar(folders, "indexing", "folders"):
            eye.index([folder])
        contents = eye.status().contents
        measured = {folder: _ranking(eye, folder, contents) for folder in bar(folders, "searching", "words")}
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


def evaluate_no_match(images: Path, cache: Path, words: int = 300, plot: Path | None = None) -> dict[str, Any]:
    """Return how well P(match) tells shown words from words that nothing shows, and whether it means what it says.

    Against random dictionary words, and against the folders' own words with their pictures removed. words: random
    ones asked; plot: PNG to draw the reliability diagram to. Calibration figures weigh the three kinds of words by
    `reliability.PRIOR`. Raises UsageError when `images` holds no folders of pictures.
    """
    folders, net = class_folders(images), wordnet()
    with library(cache) as eye:
        for folder in bar(folders, "indexing", "folders"):
            eye.index([folder], folder.name)
        asked = [_ask(eye, "shown", folder_word(f), f) for f in bar(folders, "shown words", "words")]
        present = [folder_word(folder) for folder in folders]
        random_words = absent_words(eye.space.lexicon, present, set(eye.space.bank.words), words, net=net)
        asked += [_ask(eye, "random", word) for word in bar(random_words, "random words", "words")]
        asked += [_ask_without(eye, folder) for folder in bar(folders, "removed classes", "words")]
    lists, hits = _forecasts(asked)
    if plot:
        plot_reliability({"any_hit": lists, "one_hit": hits}, plot)
    shown, random, removed = (
        [a.probability for a in asked if a.kind == kind] for kind in ("shown", "random", "absent")
    )
    return {
        "auroc_random_words": round(auroc(shown, random), 4),
        "auroc_removed_classes": round(auroc(shown, removed), 4),
        **lists.figures(),
        "hits": hits.figures(),
        "prior": PRIOR,
        "mean_probability": {
            "shown": _mean(shown),
            "random_words": _mean(random),
            "removed_classes": _mean(removed),
        },
        "words": {"shown": len(shown), "random": len(random), "removed": len(removed)},
        "random_words_checked_by": "wordnet" if net else "synonyms",
    }


@dataclass(frozen=True)
class _Asked:
    """A word of a kind, its P(match), and for each of the first hits its probability and whether it shows the word."""

    kind: str
    word: str
    probability: float
    hit_probabilities: list[float]
    right: list[bool]


def _ask(eye: Mindseye, kind: str, word: str, folder: Path | None = None) -> _Asked:
    answer = eye.search(word, LOOKED_AT)
    right = [folder is not None and _lies_in(hit, folder) for hit in answer.hits]
    return _Asked(kind, word, answer.decision.probability or 0.0, [h.probability or 0.0 for h in answer.hits], right)


def _ask_without(eye: Mindseye, folder: Path) -> _Asked:
    """Ask a folder's word while its pictures are out of the library."""
    eye.remove(collection=folder.name)
    asked = _ask(eye, "absent", folder_word(folder), folder)
    eye.index([folder], folder.name)
    return asked


def _forecasts(asked: list[_Asked]) -> tuple[Forecasts, Forecasts]:
    """Return the decisions over lists and over hits as forecasts, a word's resampled together."""
    _, group = np.unique([a.word for a in asked], return_inverse=True)
    hits = np.repeat(np.arange(len(asked)), [len(a.right) for a in asked])
    kinds = np.array([a.kind for a in asked])
    lists = Forecasts(
        np.array([a.probability for a in asked], np.float32),
        np.array([any(a.right) for a in asked]),
        prior_weights(kinds.tolist()),
        group,
    )
    single = Forecasts(
        np.array([p for a in asked for p in a.hit_probabilities], np.float32),
        np.array([each for a in asked for each in a.right]),
        prior_weights(kinds[hits].tolist()),
        group[hits],
    )
    return lists, single


@contextmanager
def library(cache: Path, space: str = pocket.NAME, own: Path = Path()) -> Iterator[Mindseye]:
    """Open an empty library in a space, gone when it is closed; own: the library that own spaces live with."""
    with progress_bar("fitting the space (once)", "texts") as tell:
        opened = open_space(space, own, cache, tell)
    with (
        TemporaryDirectory(prefix="mindseye-") as folder,
        Mindseye(Path(folder), opened, "evaluate", None, cache) as eye,
    ):
        yield eye


def bar(things: list[Any], what: str, unit: str) -> Iterator[Any]:
    """Yield things while a progress bar counts them."""
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


def _means(figures: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([each[name] for each in figures])), 4) for name in figures[0]}


def _mean(values: list[float]) -> float:
    return round(float(np.mean(values)), 4)
