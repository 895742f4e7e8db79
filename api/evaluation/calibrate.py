"""Calibration: P(match) fitted to sub-libraries, in spaces that do not know half of the words asked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mindseye.api.evaluation.folders import labelled_by_wnid
from mindseye.api.evaluation.reliability_diagram import plot_reliability
from mindseye.api.evaluation.spaces import Refitter
from mindseye.api.evaluation.words import absent_words, broader_words, wordnet
from mindseye.api.progress import progress_bar
from mindseye.engine.errors import NotFoundError
from mindseye.engine.evaluation.calibration import Decisions, sub_library_decisions
from mindseye.engine.evaluation.reliability import PRIOR
from mindseye.engine.evaluation.sub_libraries import PictureSet, Vocabulary
from mindseye.engine.query import encode_wordings, word_query
from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.text.wordnet import WordNet

_RANDOM_WORDS = 1200
_RANDOM_SEED = 1  # no-match draws its words with another
_PICTURES_A_CLASS = 20


def evaluate_calibrate(images: Sequence[Path], cache: Path, plot: Path | None = None) -> dict[str, Any]:
    """Fit P(match) and return it as `calibration.json` holds it, with figures on what was not fitted on.

    images: sets of pictures in folders named by WordNet id, of which at most 20 a class are used; plot: PNG to draw the
    reliability diagram to. Raises UsageError for other folders, NotFoundError without WordNet.
    """
    lists, hits = _decisions(images, cache)
    models = {"any_hit": lists, "one_hit": hits}
    if plot:
        plot_reliability({name: model.held_out(model.libraries) for name, model in models.items()}, plot)
    fitted = {
        "command": " ".join(["mindseye evaluate calibrate", *(f"--images {path.name}" for path in images), "--json"]),
        "decisions": len(lists.truths), "hits": len(hits.truths), "words": len(set(lists.words.tolist())),
        "sub_libraries": len(set(lists.libraries.tolist())), "prior": PRIOR,
    }  # fmt: skip
    return {
        "fitted": fitted,
        "models": {name: model.logistic() for name, model in models.items()},
        "held_out": {name: model.held_out_figures() for name, model in models.items()},
    }


def _decisions(images: Sequence[Path], cache: Path) -> tuple[Decisions, Decisions]:
    net = wordnet()
    if net is None:
        raise NotFoundError("calibration needs WordNet, to know which words no picture shows", "install `wordnet-base`")
    with progress_bar("encoding texts", "texts") as tell:
        refit = Refitter(cache, tell)
    space, sets = refit(), []
    for path in images:
        with progress_bar(f"encoding pictures of {path.name}", "pictures") as tell:
            sets.append(PictureSet(*labelled_by_wnid(path, space, tell, _PICTURES_A_CLASS)[:2]))
    words = _vocabulary(refit, net)
    with progress_bar("sub-libraries", "splits") as tell:
        return sub_library_decisions(refit, sets, words, progress=tell)


def _vocabulary(refit: Refitter, net: WordNet) -> Vocabulary:
    """Return the classes' names, broader words that cover several, and random words that no class is near."""
    classes, bank = class_texts(), set(refit.parts.bank.words)
    broader = broader_words(refit.lexicon, [text.wnid for text in classes], net)
    present = [name for text in classes for name in text.names]
    random = absent_words(refit.lexicon, present, bank, _RANDOM_WORDS, _RANDOM_SEED, net)
    wordings = [word_query(refit.lexicon, word) for word in (*(t.names[0] for t in classes), *broader, *random)]
    covers = np.zeros((len(wordings), len(classes)), dtype=bool)
    np.fill_diagonal(covers, val=True)
    for row, places in enumerate(broader.values(), len(classes)):
        covers[row, places] = True
    return Vocabulary(encode_wordings(refit.text, wordings), covers)
