"""The zero-shot table: every method of the literature beside the pocket space, on classes held out of everything."""

import functools
import hashlib
import inspect
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.api.evaluation.cells import Cells
from mindseye.api.evaluation.folders import labelled_by_wnid
from mindseye.api.evaluation.spaces import Refitter
from mindseye.api.evaluation.words import wordnet
from mindseye.api.progress import progress_bar
from mindseye.engine.decision import hubness, novelty
from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.engine.evaluation import baselines, hierarchy, zero_shot
from mindseye.engine.evaluation.metrics import mean_of
from mindseye.engine.evaluation.zero_shot import CORRECTIONS, HELD_OUT, SEEDS, Mapped, Pictures, Split
from mindseye.engine.fingerprints import sha256_of_file
from mindseye.engine.mapping import conse, crossmodal, regression
from mindseye.engine.meanings import Meanings
from mindseye.engine.query import Wording, encode_wordings, word_query
from mindseye.engine.space import JointSpace
from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.text.glove import glove
from mindseye.engine.text.lexicon import Lexicon
from mindseye.engine.vectors import FloatArray, unit

log = logging.getLogger(__name__)

POCKET = ("pocket", "pocket_with_description", "pocket_folder_name", "pocket_without_dictionary")
METHODS = (*baselines.GLOVE, "conse", *(f"{name}_minilm" for name in (*baselines.MINILM, "conse")), *POCKET)
# What every figure depends on beside its own method: when one of these files changes, all are measured again.
_PROTOCOL = (zero_shot, baselines, hierarchy, novelty, hubness, regression, conse, crossmodal)


def evaluate_zero_shot(
    images: Path, cache: Path, methods: Sequence[str] = (), corrections: Sequence[str] = (), *, fresh: bool = False
) -> dict[str, Any]:
    """Return each method's figures, the mean over the protocol's splits, and those of corrections for hubs.

    images: pictures in folders named by WordNet id; methods: of METHODS, all when none is named; corrections: of
    CORRECTIONS; fresh: measure again what earlier runs have kept below `cache`. Raises UsageError for a name that is
    none, and for folders without such pictures.
    """
    wanted = _named(methods, METHODS, "method") or METHODS
    corrections = _named(corrections, CORRECTIONS, "correction")
    with progress_bar("encoding texts", "texts") as tell:
        refit = Refitter(cache, tell)
    space = refit()
    with progress_bar("encoding pictures", "pictures") as tell:
        features, labels, folder_words = labelled_by_wnid(images, space, tell)
    texts = _Texts(refit, folder_words)
    rows = {name: texts.row(name) for name in wanted}
    splits = [Split(seed, Pictures(features, labels), space.crossmodal, refit) for seed in SEEDS]
    kept = Cells(cache / "evaluation" / "zero_shot", fresh)
    figures: dict[str, list[dict[str, Any]]] = {name: [] for name in wanted}
    for name, cell in _cells(rows, splits, kept, _base(space, features, labels)):
        figures[name].append(cell)
    return _told({name: mean_of(cells) for name, cells in figures.items()}, len(features), corrections)


@dataclass(frozen=True)
class _Row:
    """A method and the classes' texts (1000, q) that it learns from, unless it brings its own, and is asked."""

    method: Callable[..., Mapped]
    texts: tuple[FloatArray | Meanings, ...]

    @property
    def recipe(self) -> tuple[object, ...]:
        own: tuple[object, ...] = ()
        if isinstance(self.method, baselines.Baseline):
            own = (_source(self.method.regressor), dict(self.method.parameters), self.method.towards)
        return (*own, *map(_digest, self.texts))


class _Texts:
    """The 1,000 classes put into words and encoded, each way of asking once."""

    def __init__(self, refit: Refitter, folder_words: Sequence[str]) -> None:
        self._refit = refit
        self._folder_words = folder_words
        self.encoded = functools.cache(self._encoded)

    def row(self, name: str) -> _Row:
        """Return a row of the table: its method and its texts."""
        if name in POCKET:
            return _Row(baselines.pocket, (self.encoded(name),))
        if name.endswith("_minilm"):
            texts = (unit(self._refit.parts.views.sum(axis=0)), self.encoded("pocket").semantic)
            return _Row(baselines.MINILM.get(name.removesuffix("_minilm"), baselines.conse), texts)
        vectors = glove().encode([text.names[0] for text in class_texts()])
        return _Row(baselines.GLOVE.get(name, baselines.conse), (vectors, vectors))

    def _encoded(self, name: str) -> Meanings:
        return encode_wordings(self._refit.text, _wordings(name, self._refit.lexicon, self._folder_words))


def _wordings(name: str, lexicon: Lexicon, folder_words: Sequence[str]) -> list[Wording]:
    """Return how a row of the pocket space asks for each of the 1,000 classes."""
    if name == "pocket_with_description":
        return [word_query(lexicon, t.names[0], means=t.description) for t in class_texts()]
    if name == "pocket_without_dictionary":
        return [Wording(t.names[0], (t.names[0],)) for t in class_texts()]
    words = folder_words if name == "pocket_folder_name" else [t.names[0] for t in class_texts()]
    return [word_query(lexicon, word) for word in words]


def _cells(
    rows: dict[str, _Row], splits: Sequence[Split], kept: Cells, base: tuple[object, ...]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each method's figures in each split, measured or as an earlier run kept them."""
    steps = _steps()
    with progress_bar("measuring", "methods × splits") as tell:
        for number, split in enumerate(splits):
            for place, (name, row) in enumerate(rows.items(), 1):
                parts = (*base, steps is not None, split.seed, name, *row.recipe)
                yield name, kept.get(parts, functools.partial(_measured, row, split, steps))
                tell(number * len(rows) + place, len(splits) * len(rows))


def _measured(row: _Row, split: Split, steps: NDArray[np.int64] | None) -> dict[str, Any]:
    return zero_shot.measure(split, row.method(split, *row.texts), steps)


def _told(figures: dict[str, dict[str, Any]], pictures: int, corrections: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"pictures": pictures, "candidates": HELD_OUT, "splits": len(SEEDS)}
    corrected = {name: method.pop("corrections", {}) for name, method in figures.items()}
    told |= figures
    if corrections:
        told["corrections"] = {name: {each: by[each] for each in corrections} for name, by in corrected.items() if by}
    return told


def _steps() -> NDArray[np.int64] | None:
    net = wordnet()
    try:
        if net is not None:
            return hierarchy.hops(net, [text.wnid[1:] for text in class_texts()])
        log.warning("no WordNet here: hierarchical precision is left out; `wordnet-base` brings it")
    except NotFoundError as error:
        log.warning("this WordNet is not ImageNet's (%s): hierarchical precision is left out", error)
    return None


def _named(names: Sequence[str], known: Sequence[str], what: str) -> tuple[str, ...]:
    """Return the names asked for, in the order of `known`; several may stand in one, between commas."""
    asked = {name.strip() for each in names for name in each.split(",")}
    if unknown := asked - set(known):
        raise UsageError(f"no {what} is called {sorted(unknown)[0]!r}", f"use {', '.join(known)}")
    return tuple(name for name in known if name in asked)


def _base(space: JointSpace, features: FloatArray, labels: NDArray[np.int64]) -> tuple[object, ...]:
    sources = [sha256_of_file(Path(inspect.getfile(module))) for module in _PROTOCOL]
    return (space.encoder, space.mapping, _digest(features), _digest(labels), sources)


def _source(code: object) -> str:
    return sha256_of_file(Path(inspect.getfile(code)))  # type: ignore[arg-type]


def _digest(values: NDArray[Any] | Meanings) -> str:
    if isinstance(values, Meanings):
        return values.digest
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
