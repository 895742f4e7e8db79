"""P(relevance) fitted to sub-libraries of words, paragraphs, documents and pictures of known content."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.api.evaluation.folders import labelled_by_wnid
from mindseye.api.evaluation.materials import Article, Source, Texts, dictionary_sources, drawn, read_articles
from mindseye.api.evaluation.spaces import Refitter
from mindseye.api.evaluation.words import broader_words, wordnet
from mindseye.api.progress import progress_bar
from mindseye.engine.errors import NotFoundError
from mindseye.engine.evaluation.aboutness import BROAD, Kinship
from mindseye.engine.evaluation.relevance import Pool, judged_hits
from mindseye.engine.evaluation.reliability import PRIOR
from mindseye.engine.meanings import Meanings
from mindseye.engine.query import encode_wordings, word_query
from mindseye.engine.space import JointSpace
from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.vectors import FloatArray

_SEED = 5  # of the articles drawn; those of seeds 0 to 4 are reported on
_ARTICLES = 600
_NOUNS = 2500  # defined, and to be found as words
_KNOWN = 70  # SCOWL band of nouns that are no rarities
_ASKED = 600  # nouns asked; what nothing in the pool is about is asked as well
_A_CLASS = 10  # pictures, of which _QUERIES are asked by
_QUERIES = 3
_UNKNOWN = 300  # classes held out of a space
_EVERY = 2  # of the words that cover classes, of the classes' names and descriptions: so many ask
_COMMON = 0.02  # of the paragraphs that a noun is mentioned in, where it still says something


def evaluate_relevance(images: Sequence[Path], documents: Path, cache: Path) -> dict[str, Any]:
    """Fit P(relevance) of each pair and return it as `relevance.json` holds it, with figures on what was not fitted on.

    images: sets of pictures in folders named by WordNet id, of which at most 10 a class are used; documents: JSON
    lines of articles. Raises UsageError for other folders, UnreadableFileError for another file, NotFoundError without
    WordNet.
    """
    materials = Materials(images, drawn(read_articles(documents), _SEED, _ARTICLES), cache)
    with progress_bar("sub-libraries", "spaces") as tell:
        judged = {" ".join(pair): hits for pair, hits in judged_hits(materials.pools, progress=tell).items()}
    pictures = (f"--images {path.name}" for path in images)
    command = " ".join(["mindseye evaluate relevance", *pictures, f"--documents {documents.name} --json"])
    return {
        "fitted": {
            "command": command,
            "hits": {pair: len(hits.truths) for pair, hits in judged.items()},
            "prior": PRIOR,
        },
        "models": {pair: hits.logistic() for pair, hits in judged.items()},
        "held_out": {pair: hits.held_out_figures() for pair, hits in judged.items()},
    }


class Materials:
    """Everything that can be asked and found, encoded once."""

    def __init__(self, images: Sequence[Path], articles: Sequence[Article], cache: Path) -> None:
        net = wordnet()
        if net is None:
            raise NotFoundError("relevance is judged by WordNet's kinship of nouns", "install `wordnet-base`")
        with progress_bar("encoding texts", "texts") as tell:
            self.refit = Refitter(cache, tell)
        broader = broader_words(self.refit.lexicon, [text.wnid for text in class_texts()], net, BROAD)
        self.kinship = Kinship(self.refit.lexicon, net, [text.wnid.removeprefix("n") for text in class_texts()])
        self._draw_texts(articles, list(broader))
        self._draw_pictures(images)

    def _draw_texts(self, articles: Sequence[Article], broader: list[str]) -> None:
        """Ask for half of the articles by title, for half by their first sentence, which is left out of them."""
        rng, lexicon = np.random.default_rng(_SEED), self.refit.lexicon
        nouns = [n for n in lexicon.nouns if n.isalpha() and n in lexicon and lexicon.grades.get(n, 99) <= _KNOWN]
        shuffled = [nouns[place] for place in rng.permutation(len(nouns)).tolist()]
        headed = [each.beheaded() if place % 2 else (each.title, each) for place, each in enumerate(articles)]
        sources = [Source(tuple(article.passages)) for _, article in headed]
        names = [text.names[0] for text in class_texts()]
        asked = [*shuffled[_NOUNS:][:_ASKED], *broader[::_EVERY], *names[::_EVERY]]
        sources += dictionary_sources(lexicon, self.kinship, broader, shuffled[:_NOUNS], asked)
        passages = [passage for source in sources for passage in source.paragraphs]
        with progress_bar("encoding paragraphs", "paragraphs") as tell:
            embeddings = self.refit.text.encode(passages, tell)
        self.paragraphs, self.documents = Texts.of(sources, embeddings, lexicon)
        mentioned = self.paragraphs.mentions.places
        telling = [n for n in shuffled[_NOUNS:] if 0 < len(mentioned.get(n, [])) < _COMMON * len(passages)]
        self.asked = [*asked, *telling[:_ASKED]]
        self.titles = [title for title, _ in headed]
        self.words = list(dict.fromkeys([*shuffled[:_NOUNS], *broader, *names, *self.asked]))
        descriptions = [text.description for text in class_texts()]
        wordings = [word_query(lexicon, text) for text in (*self.titles, *self.words, *descriptions)]
        with progress_bar("encoding words", "texts") as tell:
            self.meanings = encode_wordings(self.refit.text, wordings, tell)

    def _draw_pictures(self, images: Sequence[Path]) -> None:
        space, drawn_pictures = self.refit(), []
        for path in images:
            with progress_bar(f"encoding pictures of {path.name}", "pictures") as tell:
                drawn_pictures.append(labelled_by_wnid(path, space, tell, _A_CLASS)[:2])
        self.features = np.concatenate([features for features, _ in drawn_pictures])
        self.numbers = np.concatenate([numbers for _, numbers in drawn_pictures])
        # The first few pictures of each class of each set ask, the others are there to be found.
        places = np.concatenate([_place_in_class(numbers) for _, numbers in drawn_pictures])
        self.asking = places < _QUERIES

    def pools(self, seed: int) -> Iterator[tuple[JointSpace, Pool]]:
        """Yield a pool of each pair in a space that some classes, drawn by the seed, are unknown to."""
        count = len(class_texts())
        unknown = np.random.default_rng(seed).permutation(count)[:_UNKNOWN]
        space = self.refit(np.setdiff1d(np.arange(count), unknown))
        yield from self._text_pools(space)
        yield from self._image_pools(space, unknown)

    def _text_pools(self, space: JointSpace) -> Iterator[tuple[JointSpace, Pool]]:
        rows, knowledge = space.crossmodal.text_rows(self.meanings)
        titles = len(self.titles)
        places = {word: titles + place for place, word in enumerate(self.words)}
        asked = np.array([places[word] for word in self.asked])
        described = titles + len(self.words) + np.arange(0, len(class_texts()), _EVERY)
        words = np.vstack([self.kinship.words_about(self.asked, self.words), self._class_words[::_EVERY]])
        asking, groups = np.concatenate([asked, described]), np.arange(len(self.words))
        items = self._word_rows(space)
        yield space, Pool("text", "word", rows[asking], knowledge[asking], items, groups, words)
        both = np.concatenate([np.arange(titles), asked])
        for modality, texts in (("paragraph", self.paragraphs), ("document", self.documents)):
            items = space.text_rows(Meanings.plain(texts.embeddings))
            told = self.kinship.texts_about(self.asked, texts.synsets, texts.mentions)
            about = np.vstack([texts.owners == np.arange(titles)[:, None], told])
            yield space, Pool("text", modality, rows[both], knowledge[both], items, texts.owners, about)

    def _word_rows(self, space: JointSpace) -> FloatArray:
        """Return the words as a library keeps them: by what each means, in one embedding."""
        words = slice(len(self.titles), len(self.titles) + len(self.words))
        return space.text_rows(Meanings.plain(self.meanings.semantic[words]))

    @cached_property
    def _class_words(self) -> NDArray[np.bool_]:
        """Which words tell of what pictures of each class show (1000, w)."""
        return self.kinship.about_classes([self.kinship.synset(word) for word in self.words])

    def _image_pools(self, space: JointSpace, unknown: NDArray[np.int64]) -> Iterator[tuple[JointSpace, Pool]]:
        """Yield pools of queries by picture, without the texts that the space learned from."""
        rows = space.image_rows(self.features)
        queries, numbers = rows[self.asking], self.numbers[self.asking]
        known = np.ones(len(queries), dtype=np.float32)
        found, labels = rows[~self.asking], self.numbers[~self.asking]
        yield space, Pool("image", "image", queries, known, found, labels, numbers[:, None] == labels)
        words = self._word_rows(space)
        yield space, Pool("image", "word", queries, known, words, np.arange(len(words)), self._class_words[numbers])
        for modality, texts in (("paragraph", self.paragraphs), ("document", self.documents)):
            new = np.flatnonzero((texts.numbers < 0) | np.isin(texts.numbers, unknown))
            items = space.text_rows(Meanings.plain(texts.embeddings[new]))
            about = self.kinship.about_classes(texts.synsets, texts.mentions)[numbers][:, new]
            yield space, Pool("image", modality, queries, known, items, texts.owners[new], about)


def _place_in_class(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place (n,) of each picture among those of its class."""
    order = np.argsort(numbers, kind="stable")
    _, starts, counts = np.unique(numbers[order], return_index=True, return_counts=True)
    places = np.empty(len(numbers), dtype=np.int64)
    places[order] = np.arange(len(numbers)) - np.repeat(starts, counts)
    return places
