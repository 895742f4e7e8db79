"""Inverting features with a paired dictionary: the sparse code that explains the features explains the pixels too.

Source: Vondrick, Khosla, Malisiewicz & Torralba, HOGgles (ICCV 2013), which inverts HOG; on features of a network:
Lazaridou, Nguyen, Bernardi & Baroni, Unveiling the dreams of word embeddings (2015). The atoms come from the user's own
pictures (`mindseye.engine.synthesis.dictionary_fit`); none are shipped.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from sklearn.linear_model import Lasso

from mindseye.engine.errors import MindseyeError, SpaceMismatchError, UsageError
from mindseye.engine.files import replace_file
from mindseye.engine.fingerprints import sha256_of_file
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.synthesis.at_once import imagined_at_once
from mindseye.engine.synthesis.decoder import SIDE
from mindseye.engine.synthesis.method import Imagined, OnStep, Recalled, check_lengths
from mindseye.engine.synthesis.settings import check_size
from mindseye.engine.synthesis.target import Target, ensemble_fingerprint, feature_target, side_by_side
from mindseye.engine.vectors import FloatArray, rows, unit

_FORM = 1  # of the file
_LEARN = "learn one with `mindseye space fit --dictionary`"


@dataclass(frozen=True)
class PairedDictionary:
    """Atoms that say the same twice: pixels (k, d), each free of its mean, and features (k, p).

    penalty: of the code's sum, a share of the penalty at which no atom would be left; 0 < penalty < 1. What
    windows and features mean is the caller's: HOG of grey windows serves as well as a network's features of pictures.
    """

    pixels: FloatArray
    features: FloatArray
    penalty: float

    def codes(self, features: FloatArray) -> FloatArray:
        """Return non-negative sparse codes (n, k) of features (n, p).

        Raises VectorError for another width and for numbers that are not finite.
        """
        asked, atoms = rows(features, self.features.shape[1]).astype(np.float64), self.features.T.astype(np.float64)
        # The penalty is a share of the strongest correlation: a fixed one leaves faint targets without a code.
        penalties = self.penalty * (asked @ atoms).max(axis=1).clip(min=np.finfo(np.float32).tiny)
        # Coordinate descent: unlike least angles, it takes a picture that is there twice.
        lassos = [
            Lasso(penalty / len(atoms), positive=True, fit_intercept=False, max_iter=20_000) for penalty in penalties
        ]
        codes = [lasso.fit(atoms, row).coef_ for lasso, row in zip(lassos, asked, strict=True)]
        return np.asarray(codes, dtype=np.float32).reshape(len(asked), atoms.shape[1])

    def invert(self, features: FloatArray) -> FloatArray:
        """Return pixels (n, d) of features (n, p): of mean 0, their contrast undefined. Raises as `codes`."""
        return np.asarray(self.codes(features) @ self.pixels, dtype=np.float32)


@dataclass(frozen=True)
class DictionaryInversion:
    """Imagining by a paired dictionary of pictures and of both networks' features; a seed changes nothing in it.

    told: how it was made, with the brightness and contrast (mean and deviation, in 0..1) of its pictures, which what it
    makes is given; size: side of the pictures, pixels, enlarged from SIDE.
    """

    dictionary: PairedDictionary = field(repr=False)
    told: Mapping[str, Any] = field(repr=False)
    size: int = 160
    name = "paired_dictionary"

    def __post_init__(self) -> None:
        check_size(self.size)

    @property
    def parameters(self) -> dict[str, Any]:
        return {"size": self.size, "penalty": self.dictionary.penalty, "trained": self.told["trained"]}

    def target(self, space: JointSpace, query: Query) -> Target:
        return feature_target(space, query)

    def __call__(
        self,
        targets: Sequence[Target],
        memory: Sequence[Sequence[Recalled]],
        seeds: Sequence[int],
        on_step: OnStep | None = None,
    ) -> list[Imagined]:
        check_lengths(targets, memory, seeds)
        if not targets:
            return []
        windows = self.dictionary.invert(unit(side_by_side(targets).numpy()))
        pictures = [self._picture(window) for window in windows]
        return imagined_at_once(pictures, targets, seeds, on_step)

    def _picture(self, window: FloatArray) -> NDArray[np.uint8]:
        """Return a window of mean 0 as a picture (size, size, 3) as bright and as rich in contrast as the others."""
        deviation = max(float(window.std()), np.finfo(np.float32).tiny)
        shown = self.told["brightness"] + self.told["contrast"] / deviation * window
        pixels = (shown.clip(0, 1) * 255).round().astype(np.uint8).reshape(SIDE, SIDE, 3)
        enlarged = Image.fromarray(pixels).resize((self.size, self.size), Image.Resampling.BICUBIC)
        return np.asarray(enlarged)


def save_dictionary(dictionary: PairedDictionary, told: Mapping[str, Any], path: Path) -> None:
    """Write a dictionary of pictures, whole or not at all; told: JSON values, brightness and contrast among them."""
    tensors = {"pixels": dictionary.pixels.astype(np.float16), "features": dictionary.features.astype(np.float16)}
    facts = {**told, "form": _FORM, "networks": ensemble_fingerprint(), "penalty": dictionary.penalty}
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda temporary: save_file(tensors, temporary, {"told": json.dumps(facts)}))


def load_dictionary(path: Path, size: int | None = None) -> DictionaryInversion:
    """Return the way of imagining that a saved dictionary makes; size: of its pictures, the default when None.

    Raises UsageError when there is none and for a size out of range, SpaceMismatchError when it is of other networks,
    MindseyeError when it is damaged.
    """
    if not path.is_file():
        raise UsageError(f"no dictionary has been learned ({path} is not there)", _LEARN)
    try:
        with safe_open(path, "numpy") as file:
            told = json.loads(file.metadata()["told"])
            pixels, features = (file.get_tensor(name).astype(np.float32) for name in ("pixels", "features"))
        dictionary = PairedDictionary(pixels, features, told["penalty"])
        form, of = told["form"], told["networks"]
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise MindseyeError(f"no usable dictionary in {path} ({error})", _LEARN) from error
    if (form, of) != (_FORM, ensemble_fingerprint()):
        raise SpaceMismatchError(f"the dictionary in {path} is of other networks or an older form", _LEARN)
    told["trained"] = sha256_of_file(path)
    return DictionaryInversion(dictionary, told) if size is None else DictionaryInversion(dictionary, told, size)
