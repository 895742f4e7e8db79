"""One ranking across modalities, measured through the product: pictures, articles and words are indexed and asked."""

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindseye.api.answers import Answer, RankedHit
from mindseye.api.evaluation.articles import Article, read_articles
from mindseye.api.evaluation.folders import class_folders, folder_word, pictures
from mindseye.api.evaluation.materials import drawn
from mindseye.api.evaluation.product import bar, library
from mindseye.api.evaluation.words import wordnet
from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.engine import pocket
from mindseye.engine.errors import NotFoundError
from mindseye.engine.evaluation.aboutness import Kinship, Mentions
from mindseye.engine.evaluation.merging import SHARES_AT, Judged, merge_figures
from mindseye.engine.evaluation.metrics import auroc
from mindseye.engine.evaluation.reliability import brier, expected_calibration_error
from mindseye.engine.space import MODALITIES
from mindseye.engine.text.lexicon import Lexicon
from mindseye.engine.vocabulary import word_items

_ARTICLES = 300
_ASKED = 150  # nouns that an article mentions, and as many that nothing is about
_COMMON = 50  # SCOWL band
_A_CLASS = 12  # pictures, of which _QUERIES are asked by
_QUERIES = 2

Truth = Callable[[RankedHit], bool]
Truths = NDArray[np.bool_]


def evaluate_merge(
    images: Path, documents: Path, cache: Path, seed: int = 0, space: str = pocket.NAME, own: Path = Path()
) -> dict[str, Any]:
    """Return how good lists of all modalities are as search merges them, and merged by score and by turns.

    images: a folder of pictures for each word; documents: JSON lines of articles; both, and the common words, are
    indexed into a library that is gone afterwards. seed: of the articles and nouns drawn, 0 to 4 of articles that
    P(relevance) was not fitted to; own: the library that own
    spaces live with. Queries by text are the folders' words and nouns, by image some of the pictures; the lists
    counted are of queries that several modalities answer in their first 20 hits. Where the space has probabilities,
    also how well each pair is calibrated here, and the best ones of nouns that nothing is about. Raises UsageError,
    UnreadableFileError, NotFoundError as `evaluate_relevance`.
    """
    with library(cache, space, own) as eye:
        content = _Content(eye, images, drawn(read_articles(documents), seed, _ARTICLES), cache)
        content.index()
        asked = content.nouns(seed)
        told: dict[str, Any] = {"items": eye.status().contents}
        truths = content.truths_of_words(asked)
        by_text = [
            _ask(eye.search, word, truth)
            for word, truth in bar(list(zip(asked, truths, strict=True)), "words", "queries")
        ]
        by_image = [
            _ask(eye.search_picture, path, content.truth_of_picture(folder))
            for path, folder in bar(content.asking, "pictures", "queries")
        ]
    told |= {"text": _told(by_text), "image": _told(by_image)}
    if space == pocket.NAME:
        silent = ~content.showing(asked).any(axis=1) & ~content.mentioning(asked).any(axis=1)
        nothing = [by_text[place] for place in np.flatnonzero(silent)]
        told["text"]["nothing_about_it"] = {"queries": len(nothing), **_tops(nothing)}
    return told


class _Content:
    """What is indexed, and what of it is about what."""

    def __init__(self, eye: Mindseye, images: Path, articles: Sequence[Article], cache: Path) -> None:
        net = wordnet()
        if net is None:
            raise NotFoundError("relevance is judged by WordNet's kinship of nouns", "install `wordnet-base`")
        self.eye, self.articles, self.lexicon = eye, articles, eye.space.lexicon
        self.folders = class_folders(images)
        self.shown = [folder_word(folder) for folder in self.folders]
        self.kinship = Kinship(self.lexicon, net, [Kinship(self.lexicon, net, ()).synset(word) for word in self.shown])
        with progress_bar("encoding words", "texts") as tell:
            self.words = word_items(eye.space, cache, tell).words
        self.passages = [article.passages for article in articles]
        self.starts = np.cumsum([0, *map(len, self.passages)])
        self.mentions = Mentions(self.lexicon, [passage for each in self.passages for passage in each])
        first = [(path, folder) for folder in self.folders for path in pictures(folder)[:_A_CLASS]]
        self.asking = [pair for pair in first if pair[0] in pictures(pair[1])[:_QUERIES]]
        self.found = [path for path, folder in first if (path, folder) not in self.asking]

    def index(self) -> None:
        """Index pictures, articles and words."""
        with progress_bar("indexing pictures", "files") as tell:
            self.eye.index(self.found, progress=tell)
        with TemporaryDirectory(prefix="mindseye-") as folder, progress_bar("indexing articles", "files") as tell:
            file = Path(folder) / "articles.jsonl"
            told = zip(self.articles, self.passages, strict=True)
            lines = [json.dumps({"title": article.title, "paragraphs": texts}) for article, texts in told]
            file.write_text("\n".join(lines), encoding="utf-8")
            self.eye.index([file], progress=tell)
        with progress_bar("indexing words", "words") as tell:
            self.eye.index_words(progress=tell)

    def nouns(self, seed: int) -> list[str]:
        """Return words to ask, of those that the space knows: the folders', nouns that passages mention, and others."""
        nouns = [noun for noun in self.lexicon.nouns if _is_common(noun, self.lexicon)]
        shuffled = [nouns[place] for place in np.random.default_rng(seed).permutation(len(nouns)).tolist()]
        telling = [noun for noun in shuffled if noun in self.mentions.places][:_ASKED]
        silent = [noun for noun in shuffled if noun not in self.mentions.places][:_ASKED]
        asked = list(dict.fromkeys([*self.shown, *telling, *silent]))
        known = np.flatnonzero(self.eye.space.encode_words(asked).any(axis=1))
        return [asked[place] for place in known]

    def truths_of_words(self, words: Sequence[str]) -> list[Truth]:
        """Return what tells of a hit whether it is about a word, for each of some words."""
        about = self.showing(words), self.kinship.words_about(words, self.words), self.mentioning(words)
        return [self._truth(*each) for each in zip(*about, strict=True)]

    def truth_of_picture(self, folder: Path) -> Truth:
        """Return what tells of a hit whether it is about what pictures of a folder show."""
        place = self.folders.index(folder)
        itself = np.arange(len(self.folders)) == place
        return self._truth(itself, self._words_shown[place], self._passages_shown[place])

    def showing(self, words: Sequence[str]) -> Truths:
        """Return which folders (f,) show each word (w,): (w, f)."""
        named = np.array(words)[:, None] == np.array(self.shown)
        return np.asarray(self.kinship.below(words, self.kinship.classes) | named, dtype=bool)

    def mentioning(self, words: Sequence[str]) -> Truths:
        """Return which passages (p,) are about each word (w,): (w, p)."""
        return self.kinship.texts_about(words, [None] * int(self.starts[-1]), self.mentions)

    @cached_property
    def _words_shown(self) -> Truths:
        return self.kinship.about_classes([self.kinship.synset(word) for word in self.words])

    @cached_property
    def _passages_shown(self) -> Truths:
        return self.kinship.about_classes([None] * int(self.starts[-1]), self.mentions)

    def _truth(self, showing: Truths, meaning: Truths, mentioning: Truths) -> Truth:
        """Return the truth about hits, from which folders (f,), words (w,) and passages (p,) are about it."""
        folders = {self.folders[place].resolve() for place in np.flatnonzero(showing)}
        meant = {self.words[place] for place in np.flatnonzero(meaning)}

        def right(hit: RankedHit) -> bool:
            if hit.modality == "image":
                return hit.path.parent in folders
            if hit.modality == "word":
                return hit.title in meant
            numbers = dict(part.split("=") for part in hit.place.split("&"))  # a document is judged by its beginning
            return bool(mentioning[self.starts[int(numbers["line"]) - 1] + int(numbers.get("paragraph", 1)) - 1])

        return right


def _is_common(noun: str, lexicon: Lexicon) -> bool:
    return noun.isalpha() and noun in lexicon and lexicon.grades.get(noun, 99) <= _COMMON


Asked = tuple[dict[str, list[Judged]], list[Judged]]  # hits by modality, and merged


def _ask(search: Callable[..., Answer], what: str | Path, right: Truth) -> Asked:
    parts: dict[str, list[Judged]] = {modality: [] for modality in MODALITIES}
    for hit in _judged(search(what, SHARES_AT, modalities=MODALITIES, apart=True), right):
        parts[hit.modality].append(hit)
    return parts, _judged(search(what, SHARES_AT, modalities=MODALITIES), right)


def _judged(answer: Answer, right: Truth) -> list[Judged]:
    return [Judged(hit.modality, hit.score, hit.probability, right(hit)) for hit in answer.hits]


def _told(asked: Sequence[Asked]) -> dict[str, Any]:
    """Return figures of the merged lists of queries that several modalities answer, and of all hits' probabilities."""
    several = [(parts, merged) for parts, merged in asked if sum(map(_answered, parts.values())) > 1]
    lists = merge_figures([parts for parts, _ in several], [merged for _, merged in several])
    hits = {modality: [hit for parts, _ in asked for hit in parts[modality]] for modality in MODALITIES}
    calibration = {modality: _calibration(each) for modality, each in hits.items() if each[0].probability is not None}
    return {"queries": len(several), **lists, **({"calibration": calibration} if calibration else {})}


def _answered(hits: Sequence[Judged]) -> bool:
    return any(hit.right for hit in hits)


def _calibration(hits: Sequence[Judged]) -> dict[str, float]:
    """Return figures of all hits of a modality; every query counts alike."""
    likely = np.array([hit.probability for hit in hits], dtype=np.float32)
    truths = np.array([hit.right for hit in hits])
    weights = np.ones_like(likely)
    told = {
        "brier": brier(likely, truths, weights),
        "expected_calibration_error": expected_calibration_error(likely, truths, weights),
        "auroc": auroc(likely[truths].tolist(), likely[~truths].tolist()),
        "mean_probability": likely.mean(), "right": truths.mean(),
    }  # fmt: skip
    return {name: round(float(value), 4) for name, value in told.items()}


def _tops(asked: Sequence[Asked]) -> dict[str, Any]:
    """Return the median and the 90th percentile of each modality's best probability; a word is itself a word."""
    told = {}
    for modality in (each for each in MODALITIES if each != "word"):
        tops = [max(hit.probability or 0.0 for hit in parts[modality]) for parts, _ in asked]
        told[modality] = [round(float(q), 4) for q in np.quantile(tops, [0.5, 0.9])] if tops else []
    return told
