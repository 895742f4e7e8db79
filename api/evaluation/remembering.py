"""Folders of real pictures as memory and as a measure of what pictures are like; what is encoded is kept."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from mindseye.api.evaluation.arrays import Arrays, Named
from mindseye.api.evaluation.recipes import files_digest
from mindseye.api.progress import progress_bar
from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.engine.evaluation.frechet import FEWEST
from mindseye.engine.evaluation.judge import Pictures
from mindseye.engine.evaluation.judges import BackboneJudge
from mindseye.engine.evaluation.remembered import Memory, class_pictures, encoded, open_picture
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.vectors import FloatArray
from mindseye.engine.vision.backbone import BACKBONES, FEATURE_WIDTH
from mindseye.engine.vision.encoder import PictureEncoder

REAL = 1000  # pictures that stand for real ones: half are what is measured against, half show the floor
_AT_A_TIME = 64  # pictures decoded together


@dataclass(frozen=True)
class KnownMemory:
    """A memory and the fingerprint of all that it holds."""

    memory: Memory
    fingerprint: str

    def without(self, wnids: Collection[str]) -> "KnownMemory":
        """Return it without some classes. Raises UsageError when nothing is left."""
        return KnownMemory(self.memory.without(wnids), fingerprint(self.fingerprint, sorted(wnids)))


def known_memory(folder: Path, encoder: PictureEncoder, arrays: Arrays) -> KnownMemory:
    """Return a folder's pictures as memory; their features are kept, class by class.

    Files that are no pictures are passed over. Raises UsageError as `class_pictures`.
    """
    classes = class_pictures(folder)
    paths: list[Path] = []
    wnids: list[str] = []
    features, digests = [], []
    with progress_bar("encoding the memory", "classes") as tell:
        for number, (wnid, files) in enumerate(classes.items(), 1):
            digests.append(files_digest(files, folder))
            kept = arrays.get(("memory", digests[-1], encoder.fingerprint), partial(_encoded, files, encoder))
            paths += [files[place] for place in kept["places"].tolist()]
            wnids += [wnid] * len(kept["places"])
            features.append(kept["features"].astype(np.float32))
            tell(number, len(classes))
    return KnownMemory(Memory(paths, wnids, np.concatenate(features)), fingerprint(digests, encoder.fingerprint))


def _encoded(files: Sequence[Path], encoder: PictureEncoder) -> Named:
    places, features = encoded(files, encoder)
    # As a library keeps them: rounded to float16.
    return {"places": np.array(places, dtype=np.int64), "features": features.astype(np.float16)}


def real_features(folder: Path, network: BackboneJudge, arrays: Arrays) -> FloatArray:
    """Return a network's features (n, 1280) of at most REAL pictures of a folder, in seeded order; they are kept.

    Raises UsageError when there are fewer than four.
    """
    paths = [path for files in class_pictures(folder).values() for path in files]
    drawn = [paths[place] for place in np.random.default_rng(0).permutation(len(paths))[:REAL]]
    parts = ("real", files_digest(drawn, folder), network.fingerprint)
    features = np.asarray(arrays.get(parts, lambda: {"features": _seen(drawn, network)})["features"], dtype=np.float32)
    if len(features) < 2 * FEWEST:
        raise UsageError(f"{len(features)} pictures in {folder} are too few to compare with", "give some hundreds")
    return features


def _seen(paths: Sequence[Path], network: BackboneJudge) -> FloatArray:
    features = [np.zeros((0, FEATURE_WIDTH), dtype=np.float32)]
    shown, done = squares(paths, BACKBONES[network.name]), 0
    with progress_bar("looking at real pictures", "pictures") as tell:
        while batch := list(islice(shown, _AT_A_TIME)):
            features.append(network.features(np.stack(batch)))
            done += len(batch)
            tell(done, len(paths))
    return np.concatenate(features)


def squares(paths: Iterable[Path], side: int) -> Iterator[Pictures]:
    """Yield the middle (side, side, 3) of each picture that can be read, as square as imagined ones are."""
    for path in paths:
        try:
            yield np.asarray(ImageOps.fit(open_picture(path), (side, side), Image.Resampling.BICUBIC))
        except UnreadableFileError:
            continue
