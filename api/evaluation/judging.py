"""Judges before imagined pictures: their logits, kept, and what follows from them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mindseye.api.evaluation.arrays import Arrays
from mindseye.api.evaluation.kept_pictures import Kept
from mindseye.api.evaluation.remembering import real_features
from mindseye.api.progress import progress_bar
from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.concepts import Concept
from mindseye.engine.evaluation.frechet import DIRECTIONS, frechet_distance
from mindseye.engine.evaluation.judge import Judge, Pictures
from mindseye.engine.evaluation.judges import BackboneJudge
from mindseye.engine.evaluation.synthesis import figures, lowpass
from mindseye.engine.vectors import FloatArray
from mindseye.engine.vision.backbone import load_backbone

_NETWORK = "lite2"  # whose features tell how far pictures are from real ones


class Panel:
    """The judges of an evaluation. Raises UsageError when two have one name."""

    def __init__(self, judges: Sequence[Judge], arrays: Arrays) -> None:
        self.judges, self.arrays = judges, arrays
        names = [judge.name for judge in judges]
        if len(set(names)) < len(names):
            raise UsageError(f"two judges have one name among {', '.join(names)}", "rename one's file")

    def figures(
        self, runs: Sequence[Sequence[Kept]], shown: Sequence[Concept], table: Sequence[Concept]
    ) -> dict[str, Any]:
        """Return {judge: figures}; runs: for each seed, pictures of the `shown` concepts of the table."""
        told = {}
        for judge in self.judges:
            with progress_bar(f"{judge.name} looks", "sets") as tell:
                sets = []
                for number, (run, form) in enumerate([(run, form) for form in _FORMS for run in runs], 1):
                    sets.append(self._logits(judge, run, form))
                    tell(number, len(_FORMS) * len(runs))
            told[judge.name] = figures(sets[: len(runs)], sets[len(runs) :], shown, table)
        return told

    def _logits(self, judge: Judge, run: Sequence[Kept], form: str) -> FloatArray:
        parts = ("logits", judge.name, judge.fingerprint, form, [kept.key for kept in run])
        kept = self.arrays.get(parts, lambda: {"logits": judge.logits(_FORMS[form](_stacked(run)))})
        return np.asarray(kept["logits"], dtype=np.float32)


class Reality:
    """Real pictures, and how far sets of imagined ones are from them; real: a folder of folders of pictures."""

    def __init__(self, real: Path, arrays: Arrays) -> None:
        self._arrays = arrays
        self._network = BackboneJudge(load_backbone(_NETWORK))
        features = real_features(real, self._network, arrays)
        self._reference, self._others = np.array_split(features, 2)

    def distance(self, pictures: Sequence[Kept]) -> dict[str, Any]:
        """Return the Fréchet distance of pictures to real ones, and that of as many other real ones: the floor."""
        parts = ("features", self._network.fingerprint, [kept.key for kept in pictures])
        made = self._arrays.get(parts, lambda: {"features": self._network.features(_stacked(pictures))})["features"]
        count = min(len(made), len(self._others))
        drawn = np.random.default_rng(0).permutation(len(made))[:count]
        return {
            "imagined": frechet_distance(np.asarray(made[drawn], dtype=np.float32), self._reference),
            "real": frechet_distance(self._others[:count], self._reference),
            "pictures": count,
            "reference_pictures": len(self._reference),
            "directions": DIRECTIONS,
            "network": _NETWORK,
        }


_FORMS: dict[str, Callable[[Pictures], Pictures]] = {"full": lambda pictures: pictures, "lowpass": lowpass}


def _stacked(run: Sequence[Kept]) -> Pictures:
    return np.stack([kept.picture for kept in run])
