"""The concepts whose imagined pictures are judged: classes that no memory shows, and McRae's norms.

Source of the norms: McRae, Cree, Seidenberg & McNorgan, Semantic feature production norms (2005).
"""

import csv
import io
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import numpy as np
from torchvision.models import MobileNet_V2_Weights

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.categories import shipped
from mindseye.engine.text.class_texts import class_texts

# The superordinate categories of concrete things that the norms' speakers use most.
CATEGORIES = (
    "bird", "mammal", "insect", "fish", "fruit", "vegetable", "vehicle", "musical instrument", "weapon", "tool",
    "clothing", "furniture",
)  # fmt: skip
# All that at least three concepts share, but for those that cut across kinds: predator, pet, animal.
MORE_CATEGORIES = (*CATEGORIES, "appliance", "utensil")
LEAST_OF_A_CATEGORY = 3
MOST_OF_A_CATEGORY = 6
_NORMS = "CONCS_FEATS_concstats_brm.txt"


class Concept(NamedTuple):
    """A word, the ImageNet class of that name (0–999), and the category that people put it into, if any."""

    word: str
    class_index: int
    category: str | None


def evaluation_concepts() -> list[Concept]:
    """Return the 200 concepts: ten ImageNet classes of each of twenty categories, none of them in tiny ImageNet.

    Each is asked by the first of its class's names, or by its label where another class is called the same: a cradle is
    no other bassinet.
    """
    names = [text.names[0] for text in class_texts()]
    words = [name if names.count(name) == 1 else label for name, label in zip(names, _labels(), strict=True)]
    evaluated = shipped().evaluated
    return [Concept(words[each], each, name) for name, classes in evaluated.items() for each in classes]


def norm_concepts(path: Path) -> list[Concept]:
    """Return all concepts that the norms and ImageNet share, by one rule: 117.

    A concept takes part when its word is the label of an ImageNet class; what the norms say in brackets is left off,
    so `bow_(weapon)` and `bow_(ribbon)` are one word. Its category is the first of MORE_CATEGORIES that the norms
    list for it; one that fewer than three concepts share is none.

    path: `concept_norms.tar.gz`, or a folder that holds it unpacked. Raises UsageError when the norms are not there.
    """
    found = _named(path, MORE_CATEGORIES)
    counts = Counter(concept.category for concept in found)
    return [each if counts[each.category] >= LEAST_OF_A_CATEGORY else each._replace(category=None) for each in found]


def norm_sample(path: Path) -> list[Concept]:
    """Return the 45 of the norms' concepts that the first figures were of, by the same rule over CATEGORIES.

    Of each category with three such concepts or more, the first six stay, in the norms' order. Raises as
    `norm_concepts`.
    """
    large = [each for each in _members(_named(path, CATEGORIES)).values() if len(each) >= LEAST_OF_A_CATEGORY]
    return [concept for each in large for concept in each[:MOST_OF_A_CATEGORY]]


def balanced(concepts: Sequence[Concept], seed: int = 0) -> list[Concept]:
    """Return the concepts in seeded order, one of each category in turn, so that any first part is balanced."""
    rng = np.random.default_rng(seed)
    groups: dict[str | None, list[Concept]] = defaultdict(list)
    for concept in concepts:
        groups[concept.category].append(concept)
    shuffled = [[group[place] for place in rng.permutation(len(group))] for group in groups.values()]
    return [concept for turn in zip_longest(*shuffled) for concept in turn if concept is not None]


def wordnet_ids() -> list[str]:
    """Return the WordNet id of each of ImageNet's 1,000 classes, in the classes' order."""
    return [text.wnid for text in class_texts()]


def _labels() -> list[str]:
    """Return what torchvision calls the 1,000 classes."""
    return [name.lower() for name in MobileNet_V2_Weights.IMAGENET1K_V1.meta["categories"]]


def norm_categories(path: Path) -> dict[str, str | None]:
    """Return the first of MORE_CATEGORIES that the norms list for each of their 532 words, in their order.

    None: of none of them. Raises as `norm_concepts`.
    """
    return _listed(path, MORE_CATEGORIES)


def category_of_feature(feature: str) -> str | None:
    """Return the one of MORE_CATEGORIES that a feature of the norms, like `a_musical_instrument`, names, if any."""
    category = _plain(feature)
    return category if category in MORE_CATEGORIES else None


def _named(path: Path, categories: Sequence[str]) -> list[Concept]:
    """Return the norms' concepts that are labels of classes, in the norms' order, with the category listed first."""
    labels, listed = _labels(), _listed(path, categories)
    return [Concept(word, labels.index(word), category) for word, category in listed.items() if word in labels]


def _listed(path: Path, categories: Sequence[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for row in csv.DictReader(_lines(path), delimiter="\t"):
        word, category = row["Concept"].replace("_", " ").split(" (")[0], _plain(row["Feature"])
        if found.get(word) is None:
            found[word] = category if category in categories else None
    return found


def _members(concepts: Iterable[Concept]) -> dict[str, list[Concept]]:
    """Return the concepts of each category, in the order of their first."""
    members: dict[str, list[Concept]] = defaultdict(list)
    for concept in concepts:
        if concept.category is not None:
            members[concept.category].append(concept)
    return dict(members)


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
