"""Mindseye itself: index, search, imagine, explain; the one object that every surface calls."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from mindseye.api import deciding
from mindseye.api.answers import Answer, Decision, ImaginedPicture
from mindseye.api.clock import Clock
from mindseye.api.paging import Page
from mindseye.api.spaces import open_space
from mindseye.engine.errors import UnknownWordError, UnreadableFileError, UsageError
from mindseye.engine.mixture import Mixture, alone, mixture_terms
from mindseye.engine.query import Wording
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.text.concreteness import concreteness
from mindseye.engine.text.glove import glove
from mindseye.engine.text.lexicon import normalised
from mindseye.engine.vision.pictures import read_picture
from mindseye.indexer.filters import EVERYTHING, Filter, require_text
from mindseye.indexer.library import Library
from mindseye.indexer.provenance import Provenance
from mindseye.indexer.records import Collection, IngestReport, Item, Skip, Status
from mindseye.indexer.sources import require_paths

Imagining = Literal["auto", "never", "always"]
Progress = Callable[[int, int], None]


class Mindseye:
    """A library in a joint space, ready for questions.

    library: its folder, made at the first indexing or imagining; space: an open JointSpace; command: what to write
    into the provenance of what is done; unclip: folder of a diffusion pipeline to imagine with, if any. Use
    `Mindseye.open` for a space by name.
    """

    def __init__(self, library: Path, space: JointSpace, command: str = "", unclip: Path | None = None) -> None:
        self.root = library
        self.space = space
        self.command = command
        self.unclip = unclip
        self._library: Library | None = None

    @classmethod
    def open(
        cls,
        library: Path,
        cache: Path,
        progress: Progress | None = None,
        command: str = "",
        space: str = "pocket",
        unclip: Path | None = None,
    ) -> Self:
        """Open a library in a space; the pocket space is fitted below `cache` when it is not there yet.

        Raises NotFoundError when there is no space of that name.
        """
        return cls(library, open_space(space, library, cache, progress), command, unclip)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the library's database; nothing is lost when this is left out."""
        if self._library:
            self._library.close()
            self._library = None

    def index(
        self,
        paths: Sequence[Path],
        collection: str = "default",
        progress: Progress | None = None,
        labels: Sequence[str] | None = None,
    ) -> IngestReport:
        """Index the pictures below some paths. Raises UsageError for a missing path, naming all of them.

        labels: words to give to all of them, in place of those given before.
        """
        require_text(collection, *(labels or ()))
        require_paths(paths)  # before a library is made for them
        return self._open(create=True).index(paths, collection, progress, self.command, labels=labels)

    def search(
        self,
        text: str,
        n: int = 10,
        *,
        means: str | None = None,
        sense: int | None = None,
        within: Filter = EVERYTHING,
        offset: int = 0,
        fold: float | None = None,
        imagine: Imagining = "never",
        seed: int = 0,
        progress: Progress | None = None,
    ) -> Answer:
        """Search pictures by a word, a phrase or a sentence.

        n: hits wanted, from number `offset` on; means, sense: as in `imagine`; within: what to look among; fold: the
        likeness, up to 1, from which near duplicates are one hit, None to show them all; imagine: what to do when no
        picture shows it. Raises UsageError for an empty query, UnknownWordError for a word that nobody knows,
        NotFoundError when there is no library or collection.
        """
        clock, page = Clock(), Page(n, offset, fold)
        with clock("encode"):
            query = self.query(text, means, sense)
        with clock("search"):
            decision, hits = deciding.decide(self._open(create=imagine != "never"), self.space, query, page, within)
            if not self.space.traits.calibrated:
                decision, hits = deciding.without_probabilities(decision, hits, self.space.traits.name)
        imagined = None
        if imagine == "always" or (imagine == "auto" and not decision.matched):
            with clock("imagine"):
                imagined = self.imagine_mixtures([alone(query)], [seed], progress=progress)[0]
        return Answer(query.wording.text, decision, hits.shown, imagined, clock.times, hits.total, hits.offset)

    def search_picture(
        self, picture: Path, n: int = 10, *, within: Filter = EVERYTHING, offset: int = 0, fold: float | None = None
    ) -> Answer:
        """Search pictures like one in a file, which need not be indexed. Raises UsageError when it cannot be read.

        n, within, offset, fold: as in `search`.
        """
        clock, page = Clock(), Page(n, offset, fold)
        with clock("encode"):
            query = self.space.picture_query(self._features(picture), picture.name)
        return self._nearest(query, page, within, clock)

    def similar(
        self, ref: str, n: int = 10, *, within: Filter = EVERYTHING, offset: int = 0, fold: float | None = None
    ) -> Answer:
        """Search pictures like an indexed item, itself left out. Raises NotFoundError for an unknown item.

        n, within, offset, fold: as in `search`.
        """
        clock, page = Clock(), Page(n, offset, fold)
        library = self._open()
        with clock("encode"):
            item = library.item(ref)
            query = self.space.picture_query(library.features(item.id)[0], str(item.path))
        return self._nearest(query, page, within, clock, item.uri)

    def imagine(
        self,
        word: str,
        *,
        means: str | None = None,
        sense: int | None = None,
        seed: int = 0,
        size: int | None = None,
        method: str | None = None,
        progress: Progress | None = None,
    ) -> ImaginedPicture:
        """Imagine a picture of a word, phrase or sentence; the library may be empty.

        means: a definition that replaces the dictionary's; sense: number of the dictionary sense meant; seed: another
        one gives another picture; size: its side in pixels; method: a way of imagining, by name. The same request
        returns the stored picture. Raises UsageError and UnknownWordError as `search` does.
        """
        query = alone(self.query(word, means, sense))
        return self.imagine_mixtures([query], [seed], size=size, method=method, progress=progress)[0]

    def imagine_mixtures(
        self,
        mixtures: Sequence[Mixture],
        seeds: Sequence[int],
        *,
        size: int | None = None,
        method: str | None = None,
        progress: Progress | None = None,
    ) -> list[ImaginedPicture]:
        """Imagine pictures together, which is faster than one by one; seeds: one for each.

        `alone`, `on_the_way` and `mixtures` make what it takes; progress is told (steps done, total).
        """
        from mindseye.api.imagining import Manner, imagine_mixtures  # imports torch, which a search does without

        library, manner = self._open(create=True), Manner(method, size, self.unclip)
        return imagine_mixtures(library, self.space, mixtures, seeds, manner, self.command, progress)

    def ranked(self, mixture: Mixture, pictures: Sequence[ImaginedPicture]) -> list[ImaginedPicture]:
        """Return candidates of a mixture, best first, as a network sees them that took no part in imagining."""
        from mindseye.api.ranking import ranked

        return ranked(self.space, mixture, pictures)

    def query(self, text: str, means: str | None = None, sense: int | None = None) -> Query:
        """Encode a word, phrase or sentence. Raises as `search` does."""
        return self.space.word_queries([self._wording(text, means, sense)])[0]

    def queries(self, words: Sequence[str]) -> list[Query]:
        """Encode several words together. Raises as `search` does."""
        return self.space.word_queries([self._wording(word) for word in words])

    def mixtures(self, texts: Sequence[str]) -> list[Mixture]:
        """Encode mixtures like "2*zebra + car". Raises as `mixture_terms` and `search` do."""
        return [
            Mixture(text, tuple(self.queries([word for _, word in terms])), tuple(weight for weight, _ in terms))
            for text, terms in zip(texts, map(mixture_terms, texts), strict=True)
        ]

    def explain(self, ref: str) -> Provenance:
        """Return where an item came from. Raises NotFoundError for an unknown one."""
        told = self._open().explain(ref)
        if told.imagined is None:
            return told
        return replace(told, concreteness=concreteness(told.imagined.record.query, self.space.lexicon))

    def item(self, ref: str) -> Item:
        """Return an item by id, path or end of path. Raises NotFoundError for an unknown one."""
        return self._open().item(ref)

    def thumbnail(self, item_id: int) -> Path:
        """Return the file of an item's small picture. Raises NotFoundError when its file is gone or has changed."""
        return self._open().thumbnail(item_id)

    def library(self) -> Library:
        """Return the open library. Raises NotFoundError when there is none."""
        return self._open()

    def collections(self) -> list[Collection]:
        """Return the library's collections."""
        return self._open().collections()

    def status(self) -> Status:
        """Return what the library holds."""
        return self._open().status()

    def skipped(self) -> list[Skip]:
        """Return what could not be taken, as of the last run that met it, with reasons."""
        return self._open().skipped()

    def remove(self, refs: Sequence[str] = (), collection: str | None = None) -> int:
        """Take items, or a whole collection, out of the library and return how many; files stay."""
        return self._open().remove(refs, collection, self.command)

    def reembed(self, progress: Progress | None = None) -> Any:
        """Move a library of another encoder to this space's."""
        self.close()
        return Library.reembed(self.root, self.space, progress, self.command)

    def _open(self, create: bool = False) -> Library:
        if self._library is None:
            self._library = Library.open(self.root, self.space, create=create)
        return self._library

    def _wording(self, text: str, means: str | None = None, sense: int | None = None) -> Wording:
        wording = self.space.wording(text, means, sense)
        if means is None and not self._known(normalised(text)):
            raise UnknownWordError(
                f"neither dictionary nor word vectors know {text!r}",
                "check the spelling, or say what it means with --means",
            )
        return wording

    def _known(self, text: str) -> bool:
        traits = self.space.traits
        if not traits.defined or text in {normalised(word) for word in traits.words}:
            return True  # word vectors know their words themselves
        words = [text, *(word.strip(".,;:!?'\"()") for word in text.split())]
        if any(word in self.space.lexicon for word in words):
            return True
        learned = {normalised(name) for each in class_texts() for name in each.names}
        return text in learned or any(word in glove() for word in words)  # read last: 400,000 words

    def _features(self, picture: Path) -> Any:
        try:
            decoded = read_picture(picture.read_bytes(), str(picture))
        except OSError as error:
            raise UsageError(f"cannot read {picture} ({error.strerror})", "name a picture file") from error
        except UnreadableFileError as error:
            raise UsageError(error.what, "name a picture file") from error
        return self.space.encode_images([decoded.image])[0]

    def _nearest(self, query: Query, page: Page, within: Filter, clock: Clock, itself: str | None = None) -> Answer:
        with clock("search"):
            hits = deciding.nearest(self._open(), self.space, query, page, within, itself)
        found = bool(hits.shown)
        reason = (
            "the nearest pictures to a picture; no match is decided" if found else "there are no pictures to search"
        )
        decision = Decision(found, None, reason)
        return Answer(query.wording.text, decision, hits.shown, None, clock.times, hits.total, hits.offset)
