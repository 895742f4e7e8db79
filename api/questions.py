"""Questions as queries: by words, by a picture's file, by an item, or by sums and differences of these."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mindseye.engine.arithmetic import added, own_words
from mindseye.engine.errors import NotFoundError, UnknownWordError, UnreadableFileError, UsageError
from mindseye.engine.mixture import Mixture
from mindseye.engine.query import Wording
from mindseye.engine.senses import KnownSense, with_senses
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.terms import Term, is_mixture, read_terms
from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.text.glove import glove
from mindseye.engine.text.lexicon import normalised
from mindseye.engine.vision.pictures import read_picture
from mindseye.indexer.items import named
from mindseye.indexer.library import Library


@dataclass(frozen=True)
class Question:
    """A query, and what goes with it.

    itself: names of the items that ask, and words: those it is made of, which no answer repeats; senses: that it may
    have; is_sum: whether it is made of several queries, for which no probability is calibrated.
    """

    query: Query
    itself: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    senses: tuple[KnownSense, ...] = ()
    is_sum: bool = False

    @property
    def is_undecided(self) -> bool:
        """Whether it asks for what is nearest, and not whether anything is: by a picture, an item or a sum."""
        return self.query.kind == "image" or bool(self.itself) or self.is_sum


def by_words(
    space: JointSpace,
    library: Callable[[], Library],
    text: str,
    means: str | None = None,
    sense: int | None = None,
    files: bool = True,
) -> Question:
    """Return the question that a text is.

    library: opens the one that items in it are of, when there are any; files: whether an "@" may name a file, or items
    by their ids alone. Raises UsageError for an empty text and for sums that cannot be, UnknownWordError for a word
    that nobody knows.
    """
    if is_mixture(text):
        if means is not None or sense is not None:
            raise UsageError(
                f"the sum {text!r} has no senses", "put a text with signs into double quotes, or leave them out"
            )
        return _sum(space, library, text, files)
    words = wording(space, text, means, sense)
    if means is None and sense is None and space.traits.defined:
        query, senses = with_senses(space, words)
        return Question(query, senses=senses)
    return Question(space.word_queries([words])[0])


def by_picture(space: JointSpace, picture: Path) -> Query:
    """Return the query by a picture's file. Raises UsageError when it cannot be read."""
    try:
        decoded = read_picture(picture.read_bytes(), str(picture))
    except OSError as error:
        raise UsageError(f"cannot read {picture} ({error.strerror})", "name a picture file") from error
    except UnreadableFileError as error:
        raise UsageError(error.what, "name a picture file") from error
    return space.picture_query(space.encode_images([decoded.image])[0], picture.name)


def by_item(space: JointSpace, library: Library, ref: str) -> Question:
    """Return the query by an indexed item. Raises NotFoundError and UsageError as `Library.item`."""
    item = library.item(ref)
    stored, itself = library.features(item.id)[0], frozenset({named(item.uri, item.place)})
    if item.modality == "image":
        return Question(space.picture_query(stored, str(item.path)), itself)
    return Question(space.passage_query(stored, item.title or item.text), itself)


def wording(space: JointSpace, text: str, means: str | None = None, sense: int | None = None) -> Wording:
    """Put a text into a space's words. Raises UnknownWordError for one that nobody knows, where nothing explains it."""
    words = space.wording(text, means, sense)
    if means is None and not _known(space, normalised(text)):
        raise UnknownWordError(
            f"neither dictionary nor word vectors know {text!r}",
            "check the spelling, or say what it means with --means",
        )
    return words


def _known(space: JointSpace, text: str) -> bool:
    traits = space.traits
    if not traits.defined or text in {normalised(word) for word in traits.words}:
        return True  # word vectors know their words themselves
    words = [text, *(word.strip(".,;:!?'\"()") for word in text.split())]
    if any(word in space.lexicon for word in words):
        return True
    return text in _class_names() or any(word in glove() for word in words)  # read last: 400,000 words


@cache
def _class_names() -> frozenset[str]:
    return frozenset(normalised(name) for each in class_texts() for name in each.names)


def _sum(space: JointSpace, library: Callable[[], Library], text: str, files: bool) -> Question:
    terms = read_terms(text)
    parts = [_term(space, library, term, files) for term in terms]
    mixture = Mixture(text, tuple(part.query for part in parts), tuple(term.weight for term in terms))
    itself = frozenset().union(*(part.itself for part in parts))
    return Question(added(space, mixture), itself, own_words(space.lexicon, terms), is_sum=len(terms) > 1)


def _term(space: JointSpace, library: Callable[[], Library], term: Term, files: bool) -> Question:
    """Return the question that a term is: its words, its picture's file, or the item that it names."""
    if not term.picture:
        return Question(space.word_queries([wording(space, term.text)])[0])
    if not files and not term.text.isdecimal():
        raise UsageError(f"{term.text!r} is no item's id", 'write "@" and the id of an item')
    if files and Path(term.text).is_file():
        return Question(by_picture(space, Path(term.text)), frozenset({Path(term.text).resolve().as_uri()}))
    try:
        return by_item(space, library(), term.text)
    except NotFoundError as error:
        raise UsageError(f"there is no file and no item {term.text!r}", "name a picture, or an item's id") from error
