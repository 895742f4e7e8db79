"""Calibration: measured in spaces refitted with classes held out."""

from pathlib import Path
from typing import Any

from mindseye.api.evaluation.folders import labelled_by_wnid
from mindseye.api.evaluation.spaces import Refitter
from mindseye.api.evaluation.words import absent_words, wordnet
from mindseye.api.progress import progress_bar
from mindseye.engine.errors import NotFoundError
from mindseye.engine.evaluation.calibration import sub_library_decisions
from mindseye.engine.query import encode_wordings, word_query
from mindseye.engine.text.class_texts import class_texts

_RANDOM_WORDS = 1200


def evaluate_calibrate(images: Path, cache: Path) -> dict[str, Any]:
    """Fit P(match) and return it as `calibration.json` holds it. Raises UsageError, NotFoundError without WordNet."""
    net = wordnet()
    if net is None:
        raise NotFoundError("calibration needs WordNet, to know which words no picture shows", "install `wordnet-base`")
    with progress_bar("encoding texts", "texts") as tell:
        refit = Refitter(cache, tell)
    with progress_bar("encoding pictures", "pictures") as tell:
        features, labels, _ = labelled_by_wnid(images, refit(), tell)
    present = [name for text in class_texts() for name in text.names]
    random_words = absent_words(refit.lexicon, present, set(refit.parts.bank.words), _RANDOM_WORDS, net=net)
    semantic = encode_wordings(refit.text, [word_query(refit.lexicon, word) for word in random_words])
    with progress_bar("sub-libraries", "splits") as tell:
        lists, hits = sub_library_decisions(refit, features, labels, refit.parts.views[4], semantic, progress=tell)
    fitted = {
        "command": "mindseye evaluate calibrate --images imagenet_sample_1k --json",
        "decisions": len(lists.truths), "hits": len(hits.truths), "random_words": len(random_words),
    }  # fmt: skip
    return {"fitted": fitted, "models": {"any_hit": lists.logistic(), "one_hit": hits.logistic()}}
