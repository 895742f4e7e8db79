"""Words and texts as a space encodes them, on the literature's benchmarks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from mindseye.api.evaluation.arrays import Arrays
from mindseye.api.evaluation.articles import read_articles
from mindseye.api.evaluation.hidden_paragraphs import evaluate_hidden_paragraphs
from mindseye.api.progress import progress_bar
from mindseye.api.spaces import open_space
from mindseye.engine import query
from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.analogies import analogy_figures
from mindseye.engine.evaluation.clustering import clustering_figures
from mindseye.engine.evaluation.hidden_paragraphs import SEEDS
from mindseye.engine.evaluation.word_benchmarks import WordBenchmarks, read_word_benchmarks
from mindseye.engine.evaluation.word_similarity import similarity_figures
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.query import encode_wordings
from mindseye.engine.space import JointSpace
from mindseye.engine.text.lexicon import Lexicon
from mindseye.engine.text.word_vectors import WordVectors
from mindseye.engine.vectors import FloatArray, unit

_FREQUENT = 35  # SCOWL band: words and their inflected forms that are frequent in any text
_OWN = 300_000  # first words of word vectors that can be answers, gensim's own limit


@dataclass(frozen=True)
class TextData:
    """What an evaluation of texts reads; what is missing is not measured.

    benchmarks: archive or folder of the word benchmarks; documents: JSON lines of `title` and `paragraphs`.
    """

    benchmarks: Path | None = None
    documents: Path | None = None


def evaluate_text(spaces: Sequence[str], data: TextData, cache: Path, own: Path, seeds: int = SEEDS) -> dict[str, Any]:
    """Return the figures of each space, by its name; where definitions are joined to words, also without them.

    own: the library that the user's own spaces live with; seeds: draws of hidden paragraphs. Raises UsageError for
    missing or other files, NotFoundError for an unknown space.
    """
    if not data.benchmarks and not data.documents:
        raise UsageError("there is nothing to measure with", "name --benchmarks, --documents or both")
    benchmarks = data.benchmarks and read_word_benchmarks(data.benchmarks)
    articles = data.documents and read_articles(data.documents)
    figures: dict[str, Any] = {}
    for name in dict.fromkeys(spaces):
        with progress_bar(f"opening {name}", "texts") as tell:
            space = open_space(name, own, cache, tell)
        figures[name] = _figures(benchmarks, _Encoded(space, cache)) if benchmarks else {}
        if articles:
            figures[name]["paragraph_to_document"] = evaluate_hidden_paragraphs(space, articles, range(seeds))
        if benchmarks and space.traits.defined:
            figures[f"{name}_without_dictionary"] = _figures(benchmarks, _Encoded(space, cache, defined=False))
    return figures


@dataclass(frozen=True)
class _Encoded:
    """Words as a space encodes them: as a query is, or without what the dictionary says of them; kept below `cache`."""

    space: JointSpace
    cache: Path
    defined: bool = True

    def __call__(self, words: Sequence[str]) -> FloatArray:
        """Return unit embeddings (n, ds), zero for a word that the space does not know."""
        space = self.space
        parts = (query.RECIPE, space.text.fingerprint, space.lexicon.fingerprint, space.traits.defined, self.defined)
        kept = Arrays(self.cache / "evaluation" / "words")
        return np.asarray(
            kept.get((*parts, fingerprint(*words)), lambda: {"embeddings": self._made(words)})["embeddings"]
        )

    def _made(self, words: Sequence[str]) -> FloatArray:
        with progress_bar(f"encoding words in {self.space.name}", "texts") as tell:
            if not self.defined:
                return self.space.encode_texts(words, tell)
            return encode_wordings(self.space.text, [self.space.wording(word) for word in words], tell).semantic


def _figures(benchmarks: WordBenchmarks, encoded: _Encoded) -> dict[str, Any]:
    """Return the figures of every benchmark of words, by its name."""
    frequent = frequent_words(encoded.space.lexicon)
    words = tuple(dict.fromkeys([*benchmarks.words, *frequent]))
    rows, embeddings = {word: row for row, word in enumerate(words)}, encoded(words)

    def of(asked: Iterable[str]) -> FloatArray:
        return embeddings[[rows[word] for word in asked]]

    figures: dict[str, Any] = {}
    for name, pairs in benchmarks.similarity.items():
        first, second, judged = zip(*pairs, strict=True)
        figures[name] = similarity_figures(of(first), of(second), np.array(judged))
    vocabulary = tuple(dict.fromkeys([*(word for analogy in benchmarks.analogies for word in analogy[1:]), *frequent]))
    figures["google_analogies"] = _analogies(benchmarks, vocabulary, of(vocabulary))
    if isinstance(encoded.space.text, WordVectors) and not encoded.space.traits.defined:
        own = tuple(islice(encoded.space.text.words, _OWN))
        figures["google_analogies_own_vocabulary"] = _analogies(benchmarks, own, encoded.space.text.vectors[: len(own)])
    for name, members in benchmarks.categories.items():
        sorted_words, categories = zip(*members, strict=True)
        figures[name] = clustering_figures(of(sorted_words), categories)
    return figures


def _analogies(benchmarks: WordBenchmarks, words: Sequence[str], embeddings: FloatArray) -> dict[str, Any]:
    """Return the figures of analogies; of several spellings of a word the first that is known can be an answer."""
    known = np.flatnonzero(embeddings.any(axis=1)).tolist()
    first = {words[row].lower(): row for row in reversed(known)}
    chosen = sorted(first.values())
    with progress_bar("answering analogies", "questions") as tell:
        vocabulary = {words[row].lower(): number for number, row in enumerate(chosen)}
        return analogy_figures(benchmarks.analogies, vocabulary, unit(embeddings[chosen]), tell)


def frequent_words(lexicon: Lexicon) -> tuple[str, ...]:
    """Return the words that analogies may be answered with beside the benchmark's own: frequent ones, in all forms."""
    return tuple(word for word, grade in lexicon.grades.items() if grade <= _FREQUENT and word.isalpha())
