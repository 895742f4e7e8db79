"""One ranking across modalities, measured: pictures of a folder each word, articles, and common words."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.api.evaluation.folders import class_folders, folder_word, pictures, stored_features
from mindseye.api.evaluation.materials import Source, Texts, drawn, read_articles
from mindseye.api.evaluation.spaces import Refitter
from mindseye.api.evaluation.words import wordnet
from mindseye.api.progress import progress_bar
from mindseye.engine.decision.match import Background, against_bank, shipped
from mindseye.engine.decision.relevance import relevance
from mindseye.engine.errors import NotFoundError
from mindseye.engine.evaluation.aboutness import Kinship
from mindseye.engine.evaluation.merging import Found, merge_figures
from mindseye.engine.evaluation.metrics import auroc
from mindseye.engine.evaluation.relevance import Pool, Searched
from mindseye.engine.evaluation.reliability import brier, expected_calibration_error
from mindseye.engine.meanings import Meanings
from mindseye.engine.query import encode_wordings, word_query
from mindseye.engine.vectors import FloatArray

_SEED = 0  # of articles that P(relevance) was not fitted to, and of words
_ARTICLES = 300
_WORDS = 3000  # of those of the bank and others, to be found
_ASKED = 150  # nouns that an article mentions, and as many that nothing is about
_COMMON = 50  # SCOWL band
_A_CLASS = 12  # pictures, of which _QUERIES are asked by
_QUERIES = 2
_TOLD = ("image", "paragraph", "document")  # a word asked is itself among the words
MODALITIES = ("word", *_TOLD)


def evaluate_merge(images: Path, documents: Path, cache: Path) -> dict[str, Any]:
    """Return how good lists of all modalities are when merged by probability, by score and by turns.

    images: a folder of pictures for each word; documents: JSON lines of articles. Queries by text are the folders'
    words and nouns, by image some of the pictures; the lists counted are of queries that several modalities answer.
    Also returned: how well each pair is calibrated here, and the best probabilities of nouns that nothing is about.
    Raises UsageError, UnreadableFileError, NotFoundError as `evaluate_relevance`.
    """
    library = _Library(images, documents, cache)
    told: dict[str, Any] = {"items": {name: len(rows) for name, rows in library.rows.items()}}
    for kind in ("text", "image"):
        answers = library.answers(kind)
        several = [each for each in answers if sum(found.answerable for found in each.values()) > 1]
        nothing = [each for each in answers if not any(each[modality].answerable for modality in _TOLD)]
        told[kind] = {"queries": len(several), **merge_figures(several)}
        told[kind]["calibration"] = {modality: _calibration([e[modality] for e in answers]) for modality in MODALITIES}
        told[kind]["nothing_about_it"] = {"queries": len(nothing), **_tops(nothing)}
    return told


class _Library:
    """Items of four modalities in the pocket space, queries of both kinds, and what is about what."""

    def __init__(self, images: Path, documents: Path, cache: Path) -> None:
        net = wordnet()
        if net is None:
            raise NotFoundError("relevance is judged by WordNet's kinship of nouns", "install `wordnet-base`")
        with progress_bar("encoding texts", "texts") as tell:
            refit = Refitter(cache, tell)
        self.space, self.lexicon = refit(), refit.lexicon
        self.folders = class_folders(images)
        self.shown = [folder_word(folder) for folder in self.folders]
        self.kinship = Kinship(self.lexicon, net, [Kinship(self.lexicon, net, ()).synset(word) for word in self.shown])
        sources = [Source(tuple(each.passages)) for each in drawn(read_articles(documents), _SEED, _ARTICLES)]
        passages = [passage for source in sources for passage in source.paragraphs]
        with progress_bar("encoding paragraphs", "paragraphs") as tell:
            texts = Texts.of(sources, self.space.encode_texts(passages, tell), self.lexicon)
        self.texts = dict(zip(("paragraph", "document"), texts, strict=True))
        self._draw_words()
        with progress_bar("encoding words", "texts") as tell:
            meanings = encode_wordings(refit.text, [word_query(self.lexicon, word) for word in self.words], tell)
        self._draw_pictures()
        places = {word: place for place, word in enumerate(self.words)}
        asked = meanings[np.array([places[word] for word in self.asked])]
        self.queries = {"text": self.space.crossmodal.text_rows(asked), "image": self._asking}
        self.rows["word"] = self.space.text_rows(Meanings.plain(meanings.semantic))
        self.rows |= {name: self.space.text_rows(Meanings.plain(each.embeddings)) for name, each in self.texts.items()}

    def _draw_words(self) -> None:
        """Draw words to be found, and words to ask: the folders', nouns that paragraphs mention, and other nouns."""
        lexicon = self.lexicon
        nouns = [n for n in lexicon.nouns if n.isalpha() and n in lexicon and lexicon.grades.get(n, 99) <= _COMMON]
        shuffled = [nouns[place] for place in np.random.default_rng(_SEED).permutation(len(nouns)).tolist()]
        mentioned = self.texts["paragraph"].mentions.places
        telling = [noun for noun in shuffled if noun in mentioned][:_ASKED]
        silent = [noun for noun in shuffled if noun not in mentioned][:_ASKED]
        self.asked = list(dict.fromkeys([*self.shown, *telling, *silent]))
        self.words = list(dict.fromkeys([*shuffled[-_WORDS:], *self.asked]))

    def _draw_pictures(self) -> None:
        found = [(path, place) for place, folder in enumerate(self.folders) for path in pictures(folder)[:_A_CLASS]]
        with progress_bar("encoding pictures", "pictures") as tell:
            features = stored_features([path for path, _ in found], self.space, tell)
        labels = np.array([place for _, place in found])
        asks = np.array([path in pictures(self.folders[place])[:_QUERIES] for path, place in found])
        rows = self.space.image_rows(features)
        self.rows, self.labels, self._asked_labels = {"image": rows[~asks]}, labels[~asks], labels[asks]
        self._asking = rows[asks], np.ones(int(asks.sum()), dtype=np.float32)

    def _about(self, kind: str, modality: str) -> NDArray[np.bool_]:
        """Return which items (n) are about what each query (q) asks (q, n)."""
        if kind == "text":
            return self._about_texts(modality)
        return np.asarray(self._about_pictures(modality)[self._asked_labels], dtype=bool)

    def _about_texts(self, modality: str) -> NDArray[np.bool_]:
        if modality == "word":
            return self.kinship.words_about(self.asked, self.words)
        if modality != "image":
            texts = self.texts[modality]
            return self.kinship.texts_about(self.asked, texts.synsets, texts.mentions)
        same = np.equal(np.array(self.asked)[:, None], np.array(self.shown))
        below = self.kinship.below(self.asked, self.kinship.classes)
        return np.asarray((same | below)[:, self.labels], dtype=bool)

    def _about_pictures(self, modality: str) -> NDArray[np.bool_]:
        """Return which items (n) are about what pictures of each folder (f) show (f, n)."""
        if modality == "image":
            return np.asarray(np.arange(len(self.folders))[:, None] == self.labels, dtype=bool)
        if modality == "word":
            return self.kinship.about_classes([self.kinship.synset(word) for word in self.words])
        return self.kinship.about_classes(self.texts[modality].synsets, self.texts[modality].mentions)

    def answers(self, kind: str) -> list[Mapping[str, Found]]:
        """Return the first hits of every query of a kind, by modality."""
        listed = {modality: self._listed(kind, modality) for modality in MODALITIES}
        return [dict(zip(MODALITIES, each, strict=True)) for each in zip(*listed.values(), strict=True)]

    def _listed(self, kind: str, modality: str) -> list[Found]:
        queries, knowledge = self.queries[kind]
        items = self.rows[modality]
        every = np.arange(len(items))
        about = self._about(kind, modality)
        searched = Searched(self.space, Pool(kind, modality, queries, knowledge, items, every, about))
        background, found = searched.background(every), []
        for query in range(len(queries)):
            best, evidence = searched.hits(query, every, background)
            model = relevance(kind, modality)
            scores = searched.halves(query, best).combined[0]
            likely = model.probability(evidence) if model else _matched(searched, query, best, scores, background)
            found.append(Found(likely, scores, about[query, best], bool(about[query].any())))
        return found


def _matched(
    searched: Searched, query: int, best: NDArray[np.int64], scores: FloatArray, background: Background | None
) -> FloatArray:
    """Return P(match) of the first pictures of a query by text, as search tells it."""
    halves = searched.halves(query, best)
    bank = searched.bank.semantic[:, best], searched.bank.combined[:, best]
    against = against_bank(halves.semantic[0], scores, *bank)
    knowledge = float(searched.pool.knowledge[query])
    assert background is not None, "only words have none"
    features = background.hit_features(halves.semantic[0], halves.visual[0], knowledge, *against)
    return shipped().one_hit.probability(features)


def _calibration(found: Sequence[Found]) -> dict[str, float]:
    """Return figures of all hits of a modality; every query counts alike."""
    likely, truths = (np.concatenate([getattr(each, name) for each in found]) for name in ("probabilities", "truths"))
    weights = np.ones_like(likely)
    told = {
        "brier": brier(likely, truths, weights),
        "expected_calibration_error": expected_calibration_error(likely, truths, weights),
        "auroc": auroc(likely[truths], likely[~truths]),
        "mean_probability": likely.mean(), "right": truths.mean(),
    }  # fmt: skip
    return {name: round(float(value), 4) for name, value in told.items()}


def _tops(found: Sequence[Mapping[str, Found]]) -> dict[str, Any]:
    """Return the median and the 90th percentile of each modality's best probability."""
    if not found:
        return {}
    tops = {name: [float(each[name].probabilities.max()) for each in found] for name in _TOLD}
    return {name: [round(float(q), 4) for q in np.quantile(values, [0.5, 0.9])] for name, values in tops.items()}
