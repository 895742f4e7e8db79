"""What a fit to real pictures does for its words, and to the others. Minutes each."""

import json
from pathlib import Path

import numpy as np
import pytest

from mindseye.api.evaluation.adaptation import evaluate_adaptation
from mindseye.api.evaluation.folders import pictures
from mindseye.api.mindseye import Mindseye
from mindseye.api.pairs import Named, encode_pairs
from mindseye.engine.adaptation import adapt
from mindseye.engine.evaluation.metrics import average_precision

pytestmark = pytest.mark.slow

NEW, LABELLED, OTHERS, EACH = "menorah", 30, 10, 10


def test_fitting_half_of_the_words_of_aerial_pictures(unpacked, cache):
    figures = evaluate_adaptation(unpacked.folder("ucmerced_16x50"), cache)
    precision = {
        (words, when): figures[words][when]["mean_average_precision"]
        for words in ("fitted", "other")
        for when in ("before", "after")
    }
    assert precision["fitted", "after"] >= 0.85 > precision["fitted", "before"]
    assert precision["other", "after"] >= precision["other", "before"]
    assert figures["kept_back"] == 0


@pytest.fixture
def folders(unpacked) -> dict[str, list[Path]]:
    """The new class and ten others that ImageNet lacks too, and their pictures."""
    home = unpacked.folder("caltech101_78") / "caltech101"
    unseen = json.loads(unpacked.file("caltech101_unseen.json").read_text())["unseen_by_imagenet"]
    names = [NEW, *[name for name in unseen if name != NEW and (home / name).is_dir()][:OTHERS]]
    assert len(names) == OTHERS + 1
    return {name: pictures(home / name) for name in names}


def test_thirty_pictures_of_a_new_class_help_it_and_harm_no_other(folders, pocket, tmp_path):
    """Asked through the library, whose pictures are encoded once."""
    held_out = [*folders[NEW][LABELLED:], *(path for name in folders if name != NEW for path in folders[name][:EACH])]
    encoded = encode_pairs(Named(((NEW,),), (tuple(folders[NEW][:LABELLED]),), False), pocket)
    fit = adapt(pocket, encoded.pairs, encoded.words, 0, lambda done, total: None)
    assert fit.space is not None, fit.reason
    with Mindseye(tmp_path, pocket) as eye:
        eye.index(held_out)
        before = _precision(eye, folders)
    with Mindseye(tmp_path, fit.space) as eye:
        after = _precision(eye, folders)
    assert after[NEW] >= max(0.9, before[NEW])
    others = [name for name in folders if name != NEW]
    gains = [after[name] - before[name] for name in others]
    assert np.mean(gains) >= -0.01 and min(gains) >= -0.05


def _precision(eye: Mindseye, folders: dict[str, list[Path]]) -> dict[str, float]:
    answers = {name: eye.search(name.replace("_", " "), 1000).hits for name in folders}
    found = {name: [hit.path.parent.name == name for hit in hits] for name, hits in answers.items()}
    return {name: average_precision(relevant, sum(relevant)) for name, relevant in found.items()}
