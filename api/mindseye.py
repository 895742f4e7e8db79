"""Mindseye itself: index, search, imagine, explain; the one object that every surface calls."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Literal, Self

from mindseye.api.answers import Answer, ImaginedPicture
from mindseye.api.clock import Clock
from mindseye.api.paging import Page
from mindseye.api.questions import Question, by_item, by_picture, by_words, wording
from mindseye.api.searching import Scope, ask
from mindseye.api.spaces import open_space
from mindseye.engine.mixture import Mixture, alone, mixture_terms
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.terms import is_mixture
from mindseye.engine.text.concreteness import concreteness
from mindseye.engine.vocabulary import word_items
from mindseye.indexer.filters import EVERYTHING, Filter, require_text
from mindseye.indexer.library import Library
from mindseye.indexer.provenance import Provenance
from mindseye.indexer.records import Collection, IngestReport, Item, Skip, Status
from mindseye.indexer.sources import require_paths
from mindseye.indexer.texts.words import Word

Imagining = Literal["auto", "never", "always"]
Progress = Callable[[float, int], None]


class Mindseye:
    """A library in a joint space, ready for questions.

    library: its folder, made at the first indexing or imagining; space: an open JointSpace; command: what to write
    into the provenance of what is done; unclip: folder of a diffusion pipeline to imagine with, if any; cache: where
    encoded words are kept. Use `Mindseye.open` for a space by name.
    """

    reads_files = True  # whether a sum may name pictures by their files: not when others than their owner ask

    def __init__(
        self,
        library: Path,
        space: JointSpace,
        command: str = "",
        unclip: Path | None = None,
        cache: Path | None = None,
    ) -> None:
        self.root = library
        self.cache = cache or library
        self.space = space
        self.command = command
        self.unclip = unclip
        self._library: Library | None = None
        self._opening = Lock()

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
        return cls(library, open_space(space, library, cache, progress), command, unclip, cache)

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
        """Index the pictures and texts below some paths. Raises UsageError for a missing path, naming all of them.

        labels: words to give to all of them, in place of those given before.
        """
        require_text(collection, *(labels or ()))
        require_paths(paths)  # before a library is made for them
        return self._open(create=True).index(paths, collection, progress, self.command, labels=labels)

    def index_words(self, collection: str = "words", progress: Progress | None = None) -> IngestReport:
        """Make a collection hold the common words that the space knows, some 20,000, with their senses."""
        require_text(collection)
        known = word_items(self.space, self.cache, progress)
        words = [Word(*each) for each in zip(known.words, known.definitions, known.embeddings, strict=True)]
        return self._open(create=True).index_words(words, collection, progress, self.command)

    def search(
        self,
        text: str,
        n: int = 10,
        *,
        means: str | None = None,
        sense: int | None = None,
        modalities: Sequence[str] | None = None,
        apart: bool = False,
        within: Filter = EVERYTHING,
        offset: int = 0,
        fold: float | None = None,
        imagine: Imagining = "never",
        seed: int = 0,
        progress: Progress | None = None,
    ) -> Answer:
        """Search by a word, a phrase, a sentence, or a sum like "king - man + woman" or "beach - people + @photo.jpg".

        n: hits wanted, from number `offset` on; means, sense: as in `imagine`; modalities: of what to look for, all
        that the library holds when None; apart: whether n hits of each are wanted, not n of all; within: what to look
        among; fold: the likeness, up to 1, from which near duplicates are one hit, None to show them all; imagine:
        what to do when no picture shows it. Raises UsageError for an empty query, UnknownWordError for a word that
        nobody knows, NotFoundError when there is no library or collection.
        """
        clock, page = Clock(), Page(n, offset, fold)
        with clock("encode"):
            question = by_words(self.space, self._open, text, means, sense, self.reads_files)
        library = self._open(create=imagine != "never")
        answer = self._answer(library, question, Scope(modalities, apart, within), page, clock)
        pictures = answer.decision.by_modality.get("image")
        if imagine == "always" or (imagine == "auto" and pictures and not pictures.matched):
            with clock("imagine"):
                mixture = self.mixtures([text])[0] if is_mixture(text) else alone(question.query)
                imagined = self.imagine_mixtures([mixture], [seed], progress=progress)[0]
            return replace(answer, imagined=imagined, timings_ms=clock.times)
        return answer

    def search_picture(
        self,
        picture: Path,
        n: int = 10,
        *,
        modalities: Sequence[str] | None = None,
        apart: bool = False,
        within: Filter = EVERYTHING,
        offset: int = 0,
        fold: float | None = None,
    ) -> Answer:
        """Search by a picture in a file, which need not be indexed. Raises UsageError when it cannot be read.

        n, modalities, apart, within, offset, fold: as in `search`.
        """
        clock, page = Clock(), Page(n, offset, fold)
        with clock("encode"):
            question = Question(by_picture(self.space, picture))
        return self._answer(self._open(), question, Scope(modalities, apart, within), page, clock)

    def similar(
        self,
        ref: str,
        n: int = 10,
        *,
        modalities: Sequence[str] | None = None,
        apart: bool = False,
        within: Filter = EVERYTHING,
        offset: int = 0,
        fold: float | None = None,
    ) -> Answer:
        """Search by an indexed item, itself left out. Raises NotFoundError for an unknown item.

        n, modalities, apart, within, offset, fold: as in `search`.
        """
        clock, page = Clock(), Page(n, offset, fold)
        library = self._open()
        with clock("encode"):
            question = by_item(self.space, library, ref)
        return self._answer(library, question, Scope(modalities, apart, within), page, clock)

    def _answer(self, library: Library, question: Question, scope: Scope, page: Page, clock: Clock) -> Answer:
        with clock("decide"):
            decision, hits = ask(library, self.space, question, scope, page, clock)
        told = hits.total, hits.offset, question.senses, scope.apart
        return Answer(question.query.wording.text, decision, hits.shown, None, clock.times, *told)

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
        on_step: Callable[[Any], None] | None = None,
    ) -> list[ImaginedPicture]:
        """Imagine pictures together, which is faster than one by one; seeds: one for each.

        `alone`, `on_the_way` and `mixtures` make what it takes; progress is told (steps done, total); on_step is shown
        each `Step` of each batch, and with it the pictures as they emerge.
        """
        from mindseye.api.imagining import Manner, imagine_mixtures  # imports torch, which a search does without

        library, manner = self._open(create=True), Manner(method, size, self.unclip)
        return imagine_mixtures(library, self.space, mixtures, seeds, manner, self.command, progress, on_step)

    def ranked(self, mixture: Mixture, pictures: Sequence[ImaginedPicture]) -> list[ImaginedPicture]:
        """Return candidates of a mixture, best first, as a network sees them that took no part in imagining."""
        from mindseye.api.ranking import ranked

        return ranked(self.space, mixture, pictures)

    def query(self, text: str, means: str | None = None, sense: int | None = None) -> Query:
        """Encode a word, phrase or sentence. Raises as `search` does."""
        return self.space.word_queries([wording(self.space, text, means, sense)])[0]

    def queries(self, words: Sequence[str]) -> list[Query]:
        """Encode several words together. Raises as `search` does."""
        return self.space.word_queries([wording(self.space, word) for word in words])

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

    def library(self, create: bool = False) -> Library:
        """Return the open library, made when it is not there if `create`. Raises NotFoundError when there is none."""
        return self._open(create)

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
        with self._opening:  # threads share one
            if self._library is None:
                self._library = Library.open(self.root, self.space, create=create)
            return self._library
