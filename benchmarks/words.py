"""How well words tag photographs, and photographs are found by sums: `python benchmarks/words.py DIR`, as JSON.

DIR holds a folder for each class, named by WordNet id (`n02084071_dog`) or by its word (`sea_horse`). With
`--held-out SEED`, 300 of ImageNet's classes are held out of the space, and only their photographs are asked about.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindseye.api.settings import Settings
from mindseye.engine.arithmetic import added
from mindseye.engine.decision.hubness import background_z
from mindseye.engine.meanings import Meanings
from mindseye.engine.mixture import Mixture
from mindseye.engine.pocket import encoders, fit_pocket, load_parts, load_pocket
from mindseye.engine.space import JointSpace
from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.text.lexicon import normalised
from mindseye.engine.vectors import FloatArray, unit
from mindseye.engine.vision.pictures import SUFFIXES, read_picture
from mindseye.engine.vocabulary import word_items

SHARES = (0.0, 1 / 11, 1 / 4, 1 / 2, 3 / 4, 1.0)  # of the semantic half in the squared weights
SWAPS, SEED = 300, 5
BATCH, HELD_OUT = 32, 300


def names_of(name: str) -> list[str]:
    """Return what the class of a folder is called."""
    known = {text.wnid: text.names for text in class_texts()}
    return [normalised(each) for each in known.get(name.split("_")[0], (name,))]


def encoded(space: JointSpace, paths: list[Path]) -> FloatArray:
    """Return the features (n, p) of pictures."""
    features = []
    for start in range(0, len(paths), BATCH):
        pictures = [read_picture(path.read_bytes(), str(path)).image for path in paths[start : start + BATCH]]
        features.append(space.encode_images(pictures))
    return np.vstack(features)


def parted(space: JointSpace, rows: FloatArray, share: float) -> FloatArray:
    """Return query rows with a share of the semantic half."""
    split = space.text.width
    return np.hstack([share**0.5 * rows[:, :split], (1 - share) ** 0.5 * rows[:, split:]])


def hits(scores: FloatArray, right: NDArray[np.bool_]) -> dict[str, float]:
    """Return for which share of pictures a right word (n, w) is among the nearest 1, 5 and 10."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    found = np.take_along_axis(right, order, axis=1)
    return {f"hit_at_{k}": round(float(found[:, :k].any(axis=1).mean()), 3) for k in (1, 5, 10)}


def tags(space: JointSpace, pictures: FloatArray, classes: list[str]) -> dict[str, object]:
    """Measure tagging, by the share of the semantic half, as it is and with hubs taken down."""
    items = word_items(space, Settings().cache)
    rows = space.text_rows(Meanings.plain(items.embeddings))
    places = {word: number for number, word in enumerate(items.words)}
    right = np.zeros((len(classes), len(rows)), dtype=bool)
    for number, name in enumerate(classes):
        words = {form for each in names_of(name) for form in (each, each.split()[-1])}
        right[number, [places[word] for word in words & places.keys()]] = True
    named = right.any(axis=1)
    prototypes = np.hstack([space.crossmodal.class_embeddings, unit(class_looks(space))])
    told: dict[str, object] = {"words": len(rows), "pictures": int(named.sum())}
    for share in SHARES:
        scores = parted(space, pictures[named], share) @ rows.T
        corrected = background_z(scores, parted(space, prototypes, share) @ rows.T)
        told[f"{share:.2f}"] = hits(scores, right[named]) | {"against_prototypes": hits(corrected, right[named])}
    return told


def class_looks(space: JointSpace) -> FloatArray:
    """Return the classes' prototypes as pictures are reduced (c, dv)."""
    return space.crossmodal.visual(np.eye(len(space.crossmodal.class_embeddings), dtype=np.float32)) @ (
        space.crossmodal.directions
    )


def swaps(space: JointSpace, features: FloatArray, classes: list[str]) -> dict[str, float]:
    """Measure "@photograph - its class + another": which share of the first ten is of the other, and still its own."""
    pictures = space.image_rows(features)
    names = sorted(set(classes))
    asked = dict(zip(names, space.word_queries([space.wording(names_of(name)[0]) for name in names]), strict=True))
    own, rng = np.array(classes), np.random.default_rng(SEED)
    shares = []
    for number in rng.choice(len(pictures), min(SWAPS, len(pictures)), replace=False):
        other = rng.choice([name for name in names if name != own[number]])
        photograph = space.picture_query(features[number], "photograph")
        mixture = Mixture("swap", (photograph, asked[own[number]], asked[other]), (1.0, -1.0, 1.0))
        scores = pictures @ added(space, mixture).row
        scores[number] = -np.inf
        first = own[np.argsort(-scores)[:10]]
        shares.append((np.mean(first == other), np.mean(first == own[number])))
    mean = np.mean(shares, axis=0)
    return {"of_the_other": round(float(mean[0]), 3), "of_its_own": round(float(mean[1]), 3)}


def held_out(cache: Path, seed: int) -> tuple[JointSpace, set[str]]:
    """Return a space that knows nothing of some classes, and their WordNet ids."""
    chosen = np.random.default_rng(seed).permutation(len(class_texts()))[:HELD_OUT]
    kept = np.setdiff1d(np.arange(len(class_texts())), chosen)
    return fit_pocket(*encoders(cache), load_parts(cache), kept), {class_texts()[number].wnid for number in chosen}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=12, help="pictures of a class, at most")
    parser.add_argument("--held-out", type=int, metavar="SEED")
    asked = parser.parse_args()
    space, only = load_pocket(Settings().cache), None
    if asked.held_out is not None:
        space, only = held_out(Settings().cache, asked.held_out)
    folders = [path for path in sorted(asked.folder.iterdir()) if only is None or path.name.split("_")[0] in only]
    pictures = [sorted(p for p in each.rglob("*") if p.suffix.lower() in SUFFIXES)[: asked.each] for each in folders]
    classes = [each.name for each, own in zip(folders, pictures, strict=True) for _ in own]
    features = encoded(space, [path for own in pictures for path in own])
    told = {"tags": tags(space, space.image_rows(features), classes), "swaps": swaps(space, features, classes)}
    sys.stdout.write(f"{json.dumps(told, indent=2)}\n")


if __name__ == "__main__":
    main()
