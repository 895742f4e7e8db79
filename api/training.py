"""`space fit --decoder` and `--dictionary`: ways of imagining that are learned from the library's own pictures."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mindseye.api.imagining import TRAINED
from mindseye.api.progress import Progress, progress_bar
from mindseye.api.settings import Settings
from mindseye.api.spaces import open_space
from mindseye.engine.synthesis.decoder import SIDE
from mindseye.engine.synthesis.decoder_fit import fit_decoder
from mindseye.engine.synthesis.dictionary_fit import Atoms, fit_dictionary
from mindseye.engine.synthesis.training_pictures import training_picture
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.library import Library
from mindseye.indexer.records import Skip
from mindseye.indexer.stored import read

Learned = Literal["decoder", "dictionary"]
_METHODS: dict[Learned, str] = {"decoder": "decoder", "dictionary": "paired_dictionary"}  # as `imagine` names them
_MOST = 20_000  # pictures, drawn at random: more would not be seen twice in the time


@dataclass(frozen=True)
class TrainingReport:
    """What a training came to: what was learned, where it is, and the pictures that it could not use."""

    method: Learned
    file: Path
    pictures: int
    facts: dict[str, Any]
    skipped: tuple[Skip, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"file": str(self.file)}


def train(settings: Settings, method: Learned, minutes: float, atoms: Atoms = "pairs", seed: int = 0) -> TrainingReport:
    """Train a way of imagining on the library's pictures and write it below the library.

    minutes: for the decoder; atoms: of the dictionary. Raises NotFoundError without a library, UsageError when it
    holds too few pictures that can still be read.
    """
    space = open_space(settings.space, settings.library, settings.cache)
    with (
        Library.open(settings.library, space, create=False) as library,
        progress_bar("reading pictures", "pictures") as tell,
    ):
        pictures, features, skipped = _read(library, seed, tell)
    file = settings.library / TRAINED / f"{method}.safetensors"
    facts = _fit(method, pictures, features, file, minutes, atoms, seed)
    return TrainingReport(method, file, len(pictures), facts, tuple(skipped))


def report_lines(report: TrainingReport) -> list[str]:
    facts = "".join(f", {name.replace('_', ' ')} {value:.4g}" for name, value in report.facts.items())
    return [
        f"{report.method}: {report.file}",
        f"  of {report.pictures} pictures{facts}; use it with `mindseye imagine --method {_METHODS[report.method]}`",
    ]


def _read(library: Library, seed: int, tell: Progress) -> tuple[NDArray[np.uint8], FloatArray, list[Skip]]:
    """Return pictures (n, 64, 64, 3), their raw features (n, raw width), and what cannot be read any more."""
    wanted = library.stored()
    if len(wanted) > _MOST:
        drawn = np.random.default_rng(seed).permutation(len(wanted))[:_MOST]
        wanted = [wanted[place] for place in np.sort(drawn)]
    pictures, ids, skipped = [np.zeros((0, SIDE, SIDE, 3), np.uint8)], [], []
    for done, (each, outcome) in enumerate(zip(wanted, read(wanted), strict=True), start=1):
        if isinstance(outcome, Skip):
            skipped.append(outcome)
        else:
            pictures.append(training_picture(outcome)[None])
            ids.append(each.id)
        tell(done, len(wanted))
    return np.concatenate(pictures), library.features_of(ids), skipped


def _fit(
    method: Learned, pictures: NDArray[np.uint8], features: FloatArray, file: Path, minutes: float, atoms: Atoms,
    seed: int,
) -> dict[str, Any]:  # fmt: skip
    unit = "s" if method == "decoder" else "batches"
    with progress_bar(f"training the {method}", unit) as tell:
        if method == "decoder":
            return asdict(fit_decoder(pictures, features, file, minutes=minutes, seed=seed, progress=tell))
        file.parent.mkdir(parents=True, exist_ok=True)
        fit_dictionary(pictures, features, file, atoms, seed, tell)
    return {}
