"""Text encoders that are vectors of words: read from files or trained; how they are kept."""

from pathlib import Path

from mindseye.engine.text.paragraph_vectors import ParagraphVectors
from mindseye.engine.text.training import OF_PARAGRAPHS, Trained
from mindseye.engine.text.word_vectors import WordVectors, smooth_inverse_frequency
from mindseye.engine.vectors import unit

VectorEncoder = WordVectors | ParagraphVectors


def encoder_of(trained: Trained) -> VectorEncoder:
    """Return what encodes texts by what was learned.

    Words of word2vec count in a text by their smooth inverse frequency, each at unit length.
    """
    words = {word: row for row, word in enumerate(trained.words)}
    if trained.parameters.method in OF_PARAGRAPHS:
        return ParagraphVectors(words, trained.vectors, trained.output, trained.counts, trained.parameters)
    return WordVectors(words, unit(trained.vectors), smooth_inverse_frequency(trained.counts))


def load_vectors(folder: Path) -> VectorEncoder:
    """Read what either kind's `save` wrote. Raises OSError, ValueError and such when it is not there or damaged."""
    return ParagraphVectors.load(folder) if ParagraphVectors.is_in(folder) else WordVectors.load(folder)
