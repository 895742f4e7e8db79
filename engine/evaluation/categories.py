"""Categories of ImageNet's classes by WordNet hypernym, and the classes whose imagined pictures are judged.

`categories.json` ships what `categorise` finds in WordNet 3.0; `mindseye evaluate concepts` writes it again.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from mindseye.engine.errors import UsageError
from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.text.wordnet import WordNet

Classes = dict[str, list[int]]
"""Name → class numbers (0–999), ascending."""

# Synsets of WordNet 3.0. A class is of the first category that it is a kind of: a dog is no other carnivore.
CATEGORIES: Mapping[str, Sequence[str]] = {
    "dog": ["02084071"],
    "carnivore": ["02075296"],
    "primate": ["02469914"],
    "mammal": ["01861778"],
    "aquatic bird": ["01844917"],
    "bird": ["01503061"],
    "snake": ["01726692"],
    "reptile": ["01661091"],
    "fish": ["02512053"],
    "insect": ["02159955"],
    "invertebrate": ["01905661"],
    "fruit or vegetable": ["07705711", "13134947"],  # edible fruit; fruit
    "musical instrument": ["03800933"],
    "motor vehicle": ["03791235"],
    "craft": ["03125870"],
    "furniture": ["03405725"],
    "clothing": ["03051540"],
    "building": ["02913152", "04341686"],  # building; structure
    "container": ["03094503"],
    "tool": ["04451818"],
}
# Cooked food, signs and the three kinds of persons are none of them.
MACRO_CATEGORIES: Mapping[str, Sequence[str]] = {
    "animal": ["00015388"],
    "man-made": ["00021939"],  # artifact
    "other natural": [
        "00017222", "13086908", "13134947",  # plant, plant part, fruit
        "12992868",  # fungus
        "07705931", "07707451",  # edible fruit, vegetable
        "00019128", "09287968",  # natural object, geological formation
    ],
}  # fmt: skip
OF_EACH = 10
_SEED = 0


@dataclass(frozen=True)
class Categories:
    """Which classes are of a category, of a macro-category, and among the 200 whose pictures are judged."""

    categories: Classes
    macro_categories: Classes
    evaluated: Classes


def categorise(net: WordNet, apart: Collection[str]) -> Categories:
    """Return the table of ImageNet's classes.

    Of each category ten classes are evaluated, drawn from those that are not `apart`: WordNet ids of classes that
    memory, dictionary or decoder may have seen. Raises UsageError when a category has too few others.
    """
    categories = _first_that_fits(net, CATEGORIES)
    wnids, rng = [text.wnid for text in class_texts()], np.random.default_rng(_SEED)
    evaluated = {}
    for name, classes in categories.items():
        free = [number for number in classes if wnids[number] not in apart]
        if len(free) < OF_EACH:
            raise UsageError(f"{len(free)} classes of {name!r} are not apart", f"each category needs {OF_EACH}")
        evaluated[name] = sorted(rng.choice(free, OF_EACH, replace=False).tolist())
    return Categories(categories, _first_that_fits(net, MACRO_CATEGORIES), evaluated)


@cache
def shipped() -> Categories:
    """Return the table that ships; `apart` were the 200 classes of tiny ImageNet."""
    return Categories(**json.loads((files(__package__) / "categories.json").read_text(encoding="utf-8")))


def _first_that_fits(net: WordNet, kinds: Mapping[str, Sequence[str]]) -> Classes:
    members: Classes = {name: [] for name in kinds}
    for number, text in enumerate(class_texts()):
        ancestors = net.ancestors(text.wnid.removeprefix("n"))
        fitting = (name for name, synsets in kinds.items() if not ancestors.isdisjoint(synsets))
        if (name := next(fitting, None)) is not None:
            members[name].append(number)
    return members
