"""From OpenStreetMap's tags, and from the names of layers, to words."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from mindseye.engine.text.lexicon import Lexicon

_ALL = "all"
_NO_THINGS = {"point", "line", "polygon", "layer", "data", "feature", "shape", "area", "place", "class", "training"}
_COMMON = 60  # SCOWL's size up to which a word in a name is taken for one


@cache
def tag_words() -> dict[str, dict[str, list[str]]]:
    """Return the words of keys and their values; `data/osm_words.toml` says how it is read."""
    return tomllib.loads((files("mindseye.data") / "osm_words.toml").read_text(encoding="utf-8"))


@cache
def nouns(lexicon: Lexicon) -> frozenset[str]:
    """Return all noun lemmas of the dictionary."""
    return frozenset(lexicon.nouns)


def words_of_key(key: str) -> tuple[str, ...]:
    """Return the words of whatever has a key: "building" is one whatever its value."""
    return tuple(tag_words().get(key, {}).get(_ALL, ()))


def words_of_tag(key: str, value: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the words of a key's value: as listed, else the value itself when it is a noun; or none."""
    listed = tag_words()[key].get(value)
    if listed is not None:
        return tuple(listed)
    lemma = lexicon.lemma(value)
    return (lemma,) if lemma in nouns(lexicon) and value != _ALL else ()


def word_of_name(name: str, lexicon: Lexicon) -> str | None:
    """Return the word that a layer's name ends with, of those that are common nouns: "roads_33S" is of the road."""
    for token in reversed(re.findall(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}", name.rpartition("/")[2])):
        word = token.lower()
        single = word[:-1] if word.endswith("s") and not word.endswith("ss") else word
        lemma = single if single in nouns(lexicon) else lexicon.lemma(word)
        common = lemma is not None and lemma in nouns(lexicon) and lexicon.grades.get(lemma, 100) <= _COMMON
        if common and lemma not in _NO_THINGS:
            return lemma
    return None
