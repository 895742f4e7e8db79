"""Word and paragraph vectors of the user's own corpus, by gensim.

word2vec: Mikolov et al. 2013. Paragraph vectors: Le & Mikolov 2014; here each paragraph has two tags, its own and its
document's, so that paragraph and document join the words of a context together.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import asdict, dataclass
from tempfile import TemporaryFile
from typing import IO, Any, Literal

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.errors import UsageError
from mindseye.engine.text.encoder import Progress
from mindseye.engine.text.tokens import tokens
from mindseye.engine.vectors import FloatArray

Method = Literal["pv-dbow", "pv-dm", "skip-gram", "cbow"]
METHODS: tuple[Method, ...] = ("pv-dbow", "pv-dm", "skip-gram", "cbow")
OF_PARAGRAPHS = METHODS[:2]
_LEAST = 50  # words; with fewer nothing can be learned
_LONGEST = 10_000  # words that gensim takes in one piece
_TOLD = 100  # paragraphs between two words of progress


@dataclass(frozen=True)
class Parameters:
    """How to train, in gensim's words; width: of the vectors; sample: frequency above which words are left out.

    max_words: the most that the vocabulary may hold, the rarest left out; workers: threads; with more than one, two
    trainings of one seed differ.
    """

    method: Method = "pv-dbow"
    width: int = 100
    window: int = 5
    epochs: int = 5
    min_count: int = 5
    negative: int = 5
    sample: float = 1e-4
    max_words: int | None = None
    workers: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Trained:
    """What was learned: words, most frequent first, with their counts (n,); vectors and output weights (n, d).

    documents, paragraphs, read: how much was read, the last in words.
    """

    parameters: Parameters
    words: tuple[str, ...]
    counts: NDArray[np.int64]
    vectors: FloatArray
    output: FloatArray
    documents: int
    paragraphs: int
    read: int

    def about(self) -> dict[str, Any]:
        """Return how it was made and how much was read, as JSON values."""
        told = {"documents": self.documents, "paragraphs": self.paragraphs, "words_read": self.read}
        return asdict(self.parameters) | told


class _Pieces:
    """A corpus in words, written to a file once and read from it in each pass, as gensim wants it.

    Tags are numbers in the order of reading: one for a document, and one for each of its paragraphs. A line of the
    file is a piece of a paragraph: its document's tag, its own, its words.
    """

    def __init__(self, file: IO[str], tagged: bool, epochs: int) -> None:
        self.file, self.tagged = file, tagged
        self.documents = self.paragraphs = self.read = 0
        self.tell: Progress | None = None  # of the passes of training: paragraphs (done, all of them in all epochs)
        self.epochs, self._passes = epochs, 0

    def write(self, corpus: Iterable[Iterable[str]], tell: Progress | None) -> None:
        """Write all paragraphs; tell (paragraphs, 0) as they come."""
        for document in corpus:
            of_document = self.documents + self.paragraphs
            self.documents += 1
            for text in document:
                words, tag = tokens(text), self.documents + self.paragraphs
                for start in range(0, len(words), _LONGEST):
                    self.file.write(" ".join([f"{of_document} {tag}", *words[start : start + _LONGEST]]) + "\n")
                self.paragraphs, self.read = self.paragraphs + 1, self.read + len(words)
                if tell and self.paragraphs % _TOLD == 0:
                    tell(self.paragraphs, 0)

    def __iter__(self) -> Iterator[Any]:
        from gensim.models.doc2vec import TaggedDocument

        self.file.seek(0)
        before = (self._passes - 1) * self.paragraphs
        for number, line in enumerate(self.file, start=1):
            of_document, tag, *words = line.split()
            yield TaggedDocument(words, [int(of_document), int(tag)]) if self.tagged else words
            if self.tell and number % _TOLD == 0:
                self.tell(before + min(number, self.paragraphs), self.paragraphs * self.epochs)
        self._passes += 1  # the first one counts words


def train(
    corpus: Iterable[Iterable[str]],
    parameters: Parameters,
    reading: Progress | None = None,
    training: Progress | None = None,
    accept: Callable[[Container[str]], object] | None = None,
) -> Trained:
    """Learn from a corpus: documents of paragraphs, iterated once, whose words wait in a temporary file.

    reading is told paragraphs (done, 0), training paragraphs (done, all of them in all epochs); accept is given the
    vocabulary before anything is learned, and may raise. With one worker the same corpus, parameters and library
    versions give the same numbers. Raises UsageError for too few words.
    """
    model = gensim_model(parameters)
    with TemporaryFile("w+", encoding="utf-8") as file:
        pieces = _Pieces(file, parameters.method in OF_PARAGRAPHS, parameters.epochs)
        pieces.write(corpus, reading)
        model.build_vocab(pieces)
        if len(model.wv) < _LEAST:
            what = f"the corpus has {len(model.wv)} words that come {parameters.min_count} times or more"
            raise UsageError(what, f"give more text, of {_LEAST} such words at the least, or a lower --min-count")
        if accept:
            accept(model.wv.key_to_index)
        pieces.tell = training
        model.train(pieces, total_examples=model.corpus_count, epochs=parameters.epochs)
    words = tuple(model.wv.index_to_key)
    counts = np.array([model.wv.get_vecattr(word, "count") for word in words], dtype=np.int64)
    return Trained(
        parameters, words, counts, model.wv.vectors, model.syn1neg, pieces.documents, pieces.paragraphs, pieces.read
    )


def gensim_model(parameters: Parameters, **others: Any) -> Any:
    """Return gensim's untrained Doc2Vec or Word2Vec of these parameters, `others` in place of some."""
    from gensim.models import Doc2Vec, Word2Vec

    told: dict[str, Any] = {
        "vector_size": parameters.width, "window": parameters.window, "epochs": parameters.epochs,
        "min_count": parameters.min_count, "negative": parameters.negative, "sample": parameters.sample,
        "max_final_vocab": parameters.max_words, "workers": parameters.workers, "seed": parameters.seed,
    }  # fmt: skip
    if parameters.method in OF_PARAGRAPHS:
        kind = {"dm": 1, "dm_mean": 1} if parameters.method == "pv-dm" else {"dm": 0, "dbow_words": 1}
        return Doc2Vec(**told | kind | others)
    return Word2Vec(**told | {"sg": int(parameters.method == "skip-gram")} | others)
