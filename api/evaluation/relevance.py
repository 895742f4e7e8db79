"""P(relevance) fitted to sub-libraries of words, paragraphs, documents and pictures of known content."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.api.evaluation.arrays import Arrays, Named
from mindseye.api.evaluation.articles import Article, read_articles
from mindseye.api.evaluation.folders import labelled_by_wnid
from mindseye.api.evaluation.materials import Source, Texts, dictionary_sources, drawn
from mindseye.api.evaluation.spaces import Refitter
from mindseye.api.evaluation.words import broader_words, wordnet
from mindseye.api.progress import progress_bar
from mindseye.engine.errors import NotFoundError
from mindseye.engine.evaluation.aboutness import BROAD, Kinship
from mindseye.engine.evaluation.relevance import Pool, judged_hits
from mindseye.engine.evaluation.reliability import PRIOR
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.meanings import Meanings
from mindseye.engine.query import RECIPE, encode_wordings, word_query
from mindseye.engine.space import JointSpace
from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.vectors import FloatArray
from mindseye.engine.vocabulary import word_items

_SEED = 5  # of the articles drawn; those of seeds 0 to 4 are reported on
_ARTICLES = 400
_NOUNS = 2000  # defined
_KNOWN = 70  # SCOWL band of nouns that are no rarities
_ASKED = 400  # nouns asked; what nothing in the pool is about is asked as well
_A_CLASS = 10  # pictures
_ASKING = 0.3  # of the pictures of a set; the others are there to be found
_FAMILY = 10  # classes at most whose pictures are about each other, as pictures of dogs are
_SEEDS = range(2)
_UNKNOWN = 300  # classes held out of a space
_EVERY = 3  # of the words that cover classes, of the classes' names and descriptions: so many ask
_COMMON = 0.02  # of the paragraphs that a noun is mentioned in, where it still says something


def evaluate_relevance(images: Sequence[Path], documents: Path, cache: Path) -> dict[str, Any]:
    """Fit P(relevance) of each pair and return it as `relevance.json` holds it, with figures on what was not fitted on.

    images: sets of pictures in folders named by WordNet id, of which at most 10 a class are used; documents: JSON
    lines of articles; cache: where what was encoded is kept. Raises UsageError for other folders, UnreadableFileError
    for another file, NotFoundError without WordNet.
    """
    materials = Materials(images, drawn(read_articles(documents), _SEED, _ARTICLES), cache)
    with progress_bar("sub-libraries", "spaces") as tell:
        judged = {" ".join(pair): hits for pair, hits in judged_hits(materials.pools, _SEEDS, tell).items()}
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


@dataclass(frozen=True)
class Pictures:
    """A set of pictures: features (n, p), class numbers (n,), and which of them ask (n,)."""

    features: FloatArray
    numbers: NDArray[np.int64]
    asking: NDArray[np.bool_]


class Materials:
    """Everything that can be asked and found, encoded once and kept below the cache."""

    def __init__(self, images: Sequence[Path], articles: Sequence[Article], cache: Path) -> None:
        net = wordnet()
        if net is None:
            raise NotFoundError("relevance is judged by WordNet's kinship of nouns", "install `wordnet-base`")
        self.kept = Arrays(cache / "evaluation" / "relevance")
        with progress_bar("encoding texts", "texts") as tell:
            self.refit = Refitter(cache, tell)
        with progress_bar("encoding words", "texts") as tell:
            self.vocabulary = word_items(self.refit(), cache, tell)
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
        self.paragraphs, self.documents = Texts.of(sources, self._encoded(passages), lexicon)
        mentioned = self.paragraphs.mentions.places
        telling = [n for n in shuffled[_NOUNS:] if 0 < len(mentioned.get(n, [])) < _COMMON * len(passages)]
        self.asked = [*asked, *telling[:_ASKED]]
        self.titles = [title for title, _ in headed]
        descriptions = [text.description for text in class_texts()[::_EVERY]]
        self.meanings = self._meant([*self.titles, *self.asked, *descriptions])

    def _encoded(self, passages: Sequence[str]) -> FloatArray:
        """Return the embeddings (n, ds) of passages."""

        def made() -> Named:
            with progress_bar("encoding paragraphs", "paragraphs") as tell:
                return {"embeddings": self.refit.text.encode(passages, tell)}

        return np.asarray(self.kept.get((self.refit.text.fingerprint, fingerprint(*passages)), made)["embeddings"])

    def _meant(self, asked: Sequence[str]) -> Meanings:
        """Return what is asked, encoded as queries."""
        text, lexicon = self.refit.text, self.refit.lexicon

        def made() -> Named:
            with progress_bar("encoding queries", "texts") as tell:
                return vars(encode_wordings(text, [word_query(lexicon, each) for each in asked], tell))

        told: Any = self.kept.get((RECIPE, text.fingerprint, lexicon.fingerprint, fingerprint(*asked)), made)
        return Meanings(**told)

    def _draw_pictures(self, images: Sequence[Path]) -> None:
        space, rng = self.refit(), np.random.default_rng(_SEED)
        told: list[Any] = [self._labelled(path, space) for path in images]
        self.sets = [Pictures(**each, asking=rng.random(len(each["numbers"])) < _ASKING) for each in told]
        self.families = self.kinship.families(_FAMILY)

    def _labelled(self, path: Path, space: JointSpace) -> Named:
        """Return features and class numbers of a set of pictures."""

        def made() -> Named:
            with progress_bar(f"encoding pictures of {path.name}", "pictures") as tell:
                features, numbers, _ = labelled_by_wnid(path, space, tell, _A_CLASS)
            return {"features": features, "numbers": numbers}

        files = [(str(each.relative_to(path)), each.stat().st_size) for each in sorted(path.rglob("*"))]
        return self.kept.get((space.encoder, _A_CLASS, fingerprint(*files)), made)

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
        words = self.vocabulary.words
        about = np.vstack([self.kinship.words_about(self.asked, words), self._class_words[::_EVERY]])
        items, groups = space.passage_rows(self.vocabulary.embeddings), np.arange(len(words))
        yield space, Pool("text", "word", rows[titles:], knowledge[titles:], items, groups, about)
        both = slice(titles + len(self.asked))
        for modality, texts in (("paragraph", self.paragraphs), ("document", self.documents)):
            items = space.text_rows(Meanings.plain(texts.embeddings))
            told = self.kinship.texts_about(self.asked, texts.synsets, texts.mentions)
            about = np.vstack([texts.owners == np.arange(titles)[:, None], told])
            yield space, Pool("text", modality, rows[both], knowledge[both], items, texts.owners, about)

    @cached_property
    def _class_words(self) -> NDArray[np.bool_]:
        """Which words tell of what pictures of each class show (1000, w)."""
        return self.kinship.about_classes([self.kinship.synset(word) for word in self.vocabulary.words])

    def _image_pools(self, space: JointSpace, unknown: NDArray[np.int64]) -> Iterator[tuple[JointSpace, Pool]]:
        """Yield pools of queries by picture, without the texts that the space learned from."""
        for each in self.sets:
            yield space, self._pictures(space, each)
        numbers = np.concatenate([each.numbers[each.asking] for each in self.sets])
        queries = space.image_rows(np.concatenate([each.features[each.asking] for each in self.sets]))
        known = np.ones(len(queries), dtype=np.float32)
        words = space.passage_rows(self.vocabulary.embeddings)
        yield space, Pool("image", "word", queries, known, words, np.arange(len(words)), self._class_words[numbers])
        for modality, texts in (("paragraph", self.paragraphs), ("document", self.documents)):
            new = np.flatnonzero((texts.numbers < 0) | np.isin(texts.numbers, unknown))
            items = space.text_rows(Meanings.plain(texts.embeddings[new]))
            about = self.kinship.about_classes(texts.synsets, texts.mentions)[numbers][:, new]
            yield space, Pool("image", modality, queries, known, items, texts.owners[new], about)

    def _pictures(self, space: JointSpace, shown: Pictures) -> Pool:
        """Return pictures asked by pictures of the same set: of one kind and sharpness, as in a library."""
        rows, families = space.image_rows(shown.features), self.families[shown.numbers]
        queries, asked, found = rows[shown.asking], families[shown.asking], families[~shown.asking]
        known = np.ones(len(queries), dtype=np.float32)
        return Pool("image", "image", queries, known, rows[~shown.asking], found, asked[:, None] == found)
