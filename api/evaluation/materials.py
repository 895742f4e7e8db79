"""What P(relevance) is fitted on: articles, the dictionary, texts of ImageNet's classes and pictures of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from mindseye.api.evaluation.articles import Article
from mindseye.engine.evaluation.aboutness import Kinship, Mentions
from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.text.lexicon import Lexicon
from mindseye.engine.vectors import FloatArray, unit

REPORTED = range(5)  # seeds whose articles are left to be reported on, this many of each
REPORTED_ARTICLES = 2000
_CHILDREN = 5  # definitions in a document about a broader word


def drawn(articles: Sequence[Article], seed: int, count: int) -> list[Article]:
    """Return seeded articles; those drawn with other seeds than REPORTED are none of what is reported on."""
    order = np.random.default_rng(seed).permutation(len(articles))
    if seed not in REPORTED:
        orders = (np.random.default_rng(each).permutation(len(articles)) for each in REPORTED)
        order = order[~np.isin(order, np.concatenate([each[:REPORTED_ARTICLES] for each in orders]))]
    chosen = (articles[place] for place in order.tolist())
    return list(islice((article for article in chosen if len(article.passages) > 1), count))


@dataclass(frozen=True)
class Source:
    """Paragraphs that belong together.

    synset: what they tell of, None when that is unknown; number: the ImageNet class that they tell of, from which a
    space that knows it has learned, or -1.
    """

    paragraphs: tuple[str, ...]
    synset: str | None = None
    number: int = -1


@dataclass(frozen=True)
class Texts:
    """Paragraphs or documents to find, n of them.

    embeddings (n, ds): unit; owners (n,): their places among sources; synsets (n), numbers (n,): the sources';
    mentions: what each mentions at its beginning.
    """

    embeddings: FloatArray
    owners: NDArray[np.int64]
    synsets: tuple[str | None, ...]
    numbers: NDArray[np.int64]
    mentions: Mentions

    @classmethod
    def of(cls, sources: Sequence[Source], embeddings: FloatArray, lexicon: Lexicon) -> tuple["Texts", "Texts"]:
        """Return all paragraphs, and the documents of those sources that have several; embeddings of all paragraphs."""
        owners = np.repeat(np.arange(len(sources)), [len(source.paragraphs) for source in sources])
        paragraphs = [paragraph for source in sources for paragraph in source.paragraphs]
        several = np.flatnonzero(np.bincount(owners) > 1)
        starts = np.searchsorted(owners, np.arange(len(sources)))
        means = unit(np.add.reduceat(embeddings, starts, axis=0)[several])
        firsts = [sources[owner].paragraphs[0] for owner in several.tolist()]
        told = (embeddings, owners, paragraphs), (means, several, firsts)
        each = [cls._told(sources, vectors, places, Mentions(lexicon, texts)) for vectors, places, texts in told]
        return each[0], each[1]

    @classmethod
    def _told(
        cls, sources: Sequence[Source], embeddings: FloatArray, owners: NDArray[np.int64], mentions: Mentions
    ) -> "Texts":
        synsets = tuple(sources[owner].synset for owner in owners.tolist())
        return cls(
            embeddings, owners, synsets, np.array([sources[owner].number for owner in owners.tolist()]), mentions
        )


def dictionary_sources(
    lexicon: Lexicon, kinship: Kinship, broader: Iterable[str], nouns: Iterable[str], asked: Iterable[str]
) -> list[Source]:
    """Return descriptions of ImageNet's classes, and definitions of what is below broader words and of some nouns.

    asked: words whose own definitions are left out, since a query is asked with them.
    """
    classes = [(text.wnid.removeprefix("n"), text.description) for text in class_texts()]
    own, known = {synset for synset, _ in classes}, {d for word in asked for d in _definitions(lexicon, word)}
    below: dict[str, list[str]] = {}
    for noun in (noun for noun in lexicon.nouns if kinship.synset(noun) not in own):
        for parent in kinship.parents(noun):
            below.setdefault(parent, []).extend(_definitions(lexicon, noun)[:1])
    told = [(kinship.synset(word), below.get(kinship.synset(word) or "", [])[:_CHILDREN]) for word in broader]
    told += [(kinship.synset(noun), _definitions(lexicon, noun)[:1]) for noun in nouns]
    defined = [(synset, tuple(dict.fromkeys(d for d in definitions if d not in known))) for synset, definitions in told]
    described = [Source((description,), synset, number) for number, (synset, description) in enumerate(classes)]
    return described + [Source(paragraphs, synset) for synset, paragraphs in defined if paragraphs]


def _definitions(lexicon: Lexicon, word: str) -> list[str]:
    return [sense.definition for sense in lexicon.senses(word)]
