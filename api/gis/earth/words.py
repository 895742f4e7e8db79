"""The words that stand on the map beside the tiles: those of the layers, those asked for, and more of landscapes."""

from collections.abc import Iterable

from mindseye.engine.query import encode_wordings
from mindseye.engine.space import JointSpace
from mindseye.engine.vocabulary import numbered_senses
from mindseye.indexer.texts.words import Word

SEARCHED = ("ice", "desert", "ocean", "forest", "island")
_LANDSCAPES = (
    "snow", "glacier", "sand", "dune", "sea", "jungle", "rain forest", "mountain", "steppe", "savanna", "tundra",
    "grassland", "swamp", "archipelago", "peninsula", "bay", "reef", "valley", "plateau", "farmland",
)  # fmt: skip


def earth_words(space: JointSpace, labels: Iterable[str]) -> list[Word]:
    """Return the words, each once, encoded as they would be asked for."""
    words = list(dict.fromkeys([*SEARCHED, *labels, *_LANDSCAPES]))
    embeddings = encode_wordings(space.text, [space.wording(word) for word in words]).semantic
    told = [numbered_senses(space.lexicon, word) for word in words]
    return [Word(*each) for each in zip(words, told, embeddings, strict=True)]
