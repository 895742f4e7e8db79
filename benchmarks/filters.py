"""Whether a decision holds under a filter: `python benchmarks/filters.py DIR`, a folder of pictures a word, as JSON."""

import argparse
import json
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.metrics import brier_score_loss, roc_auc_score

from mindseye.api.evaluation.folders import class_folders, folder_word
from mindseye.api.mindseye import Mindseye
from mindseye.api.settings import Settings
from mindseye.engine.decision.match import MATCHED
from mindseye.engine.pocket import load_pocket
from mindseye.indexer.filters import Filter

OTHERS = 2  # words asked in each folder that shows something else


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, metavar="DIR")
    folders = class_folders(parser.parse_args().pictures)
    with (
        TemporaryDirectory(prefix="mindseye-bench-") as root,
        Mindseye(Path(root), load_pocket(Settings().cache)) as eye,
    ):
        for folder in folders:
            eye.index([folder], folder.name)
        json.dump(figures(eye, folders), sys.stdout, indent=2)
    sys.stdout.write("\n")


def figures(eye: Mindseye, folders: list[Path]) -> dict[str, Any]:
    """Ask each folder's word within that folder, and words of others within it."""
    draw, shown, told = random.Random(0), [], []
    for folder in folders:
        others = draw.sample([each for each in folders if each != folder], OTHERS)
        for asked in (folder, *others):
            decision = eye.search(folder_word(asked), within=Filter(folder.name)).decision
            shown.append(asked == folder)
            told.append(decision.probability or 0.0)
    is_shown, probability = np.array(shown), np.array(told)
    return {
        "auroc": round(float(roc_auc_score(is_shown, probability)), 4),
        "brier_score": round(float(brier_score_loss(is_shown, probability)), 4),
        "true_matches": round(float((probability[is_shown] >= MATCHED).mean()), 4),
        "false_matches": round(float((probability[~is_shown] >= MATCHED).mean()), 4),
    }


if __name__ == "__main__":
    main()
