"""The ways of imagining that are measured; those that learn from pictures learn from the memory first."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mindseye.api.evaluation.imagined_table import Way
from mindseye.api.evaluation.recipes import code_behind, code_of
from mindseye.api.evaluation.remembering import KnownMemory
from mindseye.api.progress import progress_bar
from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.remembered import open_picture
from mindseye.engine.fingerprints import fingerprint, sha256_of_file
from mindseye.engine.synthesis import METHODS, load_method
from mindseye.engine.synthesis.decoder_fit import fit_decoder
from mindseye.engine.synthesis.dictionary_fit import fit_dictionary
from mindseye.engine.synthesis.methods import DEFAULT
from mindseye.engine.synthesis.training_pictures import training_picture

log = logging.getLogger(__name__)

ALL = "all"


@dataclass(frozen=True)
class _Training:
    """The file that a way is read from, and what fits it."""

    file: str
    fit: Callable[..., object]

    def __call__(self, folder: Path, memory: KnownMemory) -> Path:
        """Return the file of what was learned from a memory, learning it when it is not there yet."""
        code = code_behind(self.fit.__module__), code_of(training_picture.__module__)
        path = folder / f"trained-{fingerprint(memory.fingerprint, code)}" / self.file
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            pictures = np.stack([training_picture(open_picture(each)) for each in memory.memory.paths])
            with progress_bar(f"training: {path.stem}", "steps") as tell:
                self.fit(pictures, memory.memory.features, path, seed=0, progress=tell)
        return path


_TRAININGS: Mapping[str, _Training] = {
    "paired_dictionary": _Training("dictionary.safetensors", fit_dictionary),
    "decoder": _Training("decoder.safetensors", fit_decoder),
}


def load_ways(names: Sequence[str], folder: Path, memory: KnownMemory | None, pipeline: Path | None) -> list[Way]:
    """Return ways by name, trained where they need it; what is trained is kept below `folder`.

    names: of METHODS, several in one between commas; `all` is every one that can be had, the others are told in the
    log; without any, the default way and, where there is a memory, the recollection. memory: without any concept's
    class; pipeline: folder of a diffusion pipeline. Raises UsageError for an unknown name, and for a way that lacks
    what it needs.
    """
    asked = [name.strip() for each in names for name in each.split(",")] or [
        DEFAULT,
        *(["recollection"] * bool(memory)),
    ]
    if ALL not in asked:
        return [_way(name, folder, memory, pipeline) for name in dict.fromkeys(asked)]
    found = []
    for name in METHODS:
        try:
            found.append(_way(name, folder, memory, pipeline))
        except UsageError as error:
            log.warning("%s is left out: %s", name, error)
    return found


def _way(name: str, folder: Path, memory: KnownMemory | None, pipeline: Path | None) -> Way:
    training = _TRAININGS.get(name)
    if (training or name == "recollection") and memory is None:
        raise UsageError(f"{name} is made of real pictures", "give some with --memory")
    if training is None or memory is None:
        return Way(load_method(name, pipeline=pipeline))
    path = training(folder, memory)
    return Way(load_method(name, trained=path.parent), sha256_of_file(path))
