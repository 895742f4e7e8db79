"""One file of texts after another: read, encoded and written batch by batch, each batch whole or not there."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from mindseye.engine.errors import ReaderEndedError, UnreadableFileError
from mindseye.engine.text.documents import Document
from mindseye.engine.vectors import FloatArray
from mindseye.indexer import embeddings, labels, runs, store
from mindseye.indexer.database import Database
from mindseye.indexer.meta import check_encoder, claim_texts
from mindseye.indexer.records import Skip
from mindseye.indexer.sources import Source
from mindseye.indexer.space import Space
from mindseye.indexer.texts import places, rows
from mindseye.indexer.texts.encoding import BATCH, encode_passages, encode_titles, stored_vectors, whole
from mindseye.indexer.texts.reading import UnopenedFileError, read_texts, reason_of
from mindseye.indexer.texts.rows import Key, Row


@dataclass
class Taken:
    """What one file of texts held: its documents and paragraphs, the records that could not be read."""

    documents: int = 0
    paragraphs: int = 0
    skips: list[Skip] = field(default_factory=list)
    size: int = 0  # bytes of the documents
    contents: dict[str, int] = field(default_factory=dict)  # what stands at each place


class TextIngest:
    """The part of a run that takes files of texts into one collection."""

    def __init__(
        self, database: Database, space: Space, collection_id: int, run_id: int, passed: Callable[[float], None]
    ) -> None:
        """`passed` is told, now and then, what share of a file is done."""
        self._database = database
        self._space = space
        self._collection_id = collection_id
        self._run_id = run_id
        self._passed = passed

    def take(self, source: Source) -> Taken:
        """Bring the items of one file up to date with it; items of its copies in other collections follow.

        Paragraphs are written as they are encoded, items a batch of documents at a time, and what the file no longer
        holds is let go of at the end: killed, the next run encodes only what was not written. Raises
        UnreadableFileError when nothing of the file can be read; nothing is changed then.
        """
        taken, copies = Taken(), dict[int, set[str]]()
        for batch in _batches(read_texts(source), taken):
            entries = _entries(source.uri, batch)
            if not taken.documents:
                copies = self._begin(source.uri)
            done = taken.size
            taken.size += sum(each.size for each in batch)
            contents = self._encode(entries, done / max(source.size, 1), taken.size / max(source.size, 1))
            contents = self._store(source, batch, entries, contents, copies, taken.contents)
            taken.contents.update((row.place, contents[row.key]) for row in entries)
            taken.documents += len(batch)
            taken.paragraphs += len(entries) - len(batch)
        self._finish(source, taken, copies)
        return taken

    def _begin(self, uri: str) -> dict[int, set[str]]:
        """Return the collections that hold the file, with the words given to all of it; it is not whole now."""
        with self._database.write() as session:
            collections = sorted({self._collection_id, *rows.collections_with(session, uri)})
            rows.forget_source(session, uri)
            return {each: labels.shared(session, each, uri) for each in collections}

    def _encode(self, entries: Sequence[Row], before: float, after: float) -> dict[Key, int]:
        """Encode the paragraphs that never were, and return the contents of what is encoded.

        before, after: the share of the file that is done.
        """
        with self._database.read() as session:
            contents = rows.encoded(session, [row.key for row in entries], self._space.text_encoder)
        new = {row.key: row for row in entries if row.modality == "paragraph" and row.key not in contents}
        waiting = list(new.values())
        for start in range(0, len(waiting), BATCH):
            piece = waiting[start : start + BATCH]
            vectors = encode_passages(self._space, [row.body for row in piece])
            with self._database.write() as session:
                contents |= self._put_encoded(session, piece, vectors, "paragraph")
            self._passed(before + (after - before) * (start + len(piece)) / len(waiting))
        return contents

    def _put_encoded(
        self, session: Session, entries: Sequence[Row], vectors: Iterable[FloatArray], modality: str
    ) -> dict[Key, int]:
        check_encoder(session, self._space)
        claim_texts(session, self._space)
        contents = rows.put_contents(session, entries)
        blobs = {contents[row.key]: embeddings.to_blob(each) for row, each in zip(entries, vectors, strict=True)}
        store.put_embeddings(session, self._space.text_encoder, blobs, modality)
        return contents

    def _store(
        self,
        source: Source,
        batch: Sequence[Document],
        entries: Sequence[Row],
        contents: dict[Key, int],
        copies: Mapping[int, set[str]],
        settled: Collection[str],
    ) -> dict[Key, int]:
        """Write documents and where their paragraphs, whose contents are there, stand; return the contents of all."""
        new = {row.key: row for row in entries if row.key not in contents}
        titles = encode_titles(self._space, [row.title for row in new.values()])
        with self._database.write() as session:
            fresh = [each for each in batch if (each.sha256, "") in new]
            contents |= self._put_encoded(
                session, list(new.values()), self._wholes(session, fresh, titles, contents), "document"
            )
            changed = set(contents.values())
            for collection_id, words in copies.items():
                changed |= self._put_items(session, collection_id, source, entries, contents, words, settled)
            embeddings.log_changes(session, changed)
        return contents

    def _wholes(
        self,
        session: Session,
        documents: Sequence[Document],
        titles: Mapping[str, FloatArray],
        contents: Mapping[Key, int],
    ) -> Iterator[FloatArray]:
        """Yield the embeddings of documents, each once, those of their paragraphs being there."""
        for each in {each.sha256: each for each in documents}.values():
            parts = [contents[row.key] for row in Row.of_passages("", each)]
            vectors = stored_vectors(session, self._space, sorted(set(parts)))
            heading = [titles[each.title]] if each.title in titles else []
            yield whole([*(vectors[part] for part in parts), *heading])

    def _put_items(
        self,
        session: Session,
        collection_id: int,
        source: Source,
        entries: Sequence[Row],
        contents: Mapping[Key, int],
        words: set[str],
        settled: Collection[str],
    ) -> set[int]:
        """Write items and return the contents that they had before; in other collections, removed ones stay so.

        New ones have the words given to all of their file, or to their content where it was before.
        """
        wanted = {row.place: contents[row.key] for row in entries}
        before, changed = places.settle(session, collection_id, self._run_id, source.uri, wanted, settled)
        if collection_id != self._collection_id:
            removed = {place for place, each in before.items() if each.state == "removed"}
            entries = [row for row in entries if not removed & {row.place, row.parent}]
        ids = rows.put_items(session, collection_id, self._run_id, source.modified, entries, contents)
        new = {item_id: wanted[place] for (_, place), item_id in ids.items() if place not in before}
        inherited = labels.inherited(session, collection_id, new)
        labels.put(session, {each: words | inherited.get(each, set()) for each in new}, "given")
        return changed

    def _finish(self, source: Source, taken: Taken, collections: Iterable[int]) -> None:
        """Drop what the file no longer holds, and write down that it was taken whole.

        Not so where another process has meanwhile changed or removed an item of it: then it is read again.
        """
        state = places.DROPPED if taken.documents else "missing"
        with self._database.write() as session:
            for collection_id in collections or [self._collection_id]:
                there = rows.present_at(session, collection_id, source.uri)
                gone = [item_id for place, (item_id, _) in there.items() if place not in taken.contents]
                embeddings.log_changes(session, store.set_state(session, gone, state, self._run_id))
                held = {place: content_id for place, (_, content_id) in there.items() if place in taken.contents}
                if held == taken.contents:
                    rows.put_source(session, collection_id, source.uri, source.size, source.modified)
            runs.skip(session, self._run_id, taken.skips)


def _entries(uri: str, documents: Sequence[Document]) -> list[Row]:
    wholes = [Row.of_document(uri, each) for each in documents]
    return wholes + [row for each in documents for row in Row.of_passages(uri, each)]


def _batches(read: Iterator[Document | Skip], taken: Taken) -> Iterator[list[Document]]:
    """Yield documents together until they hold a batch of paragraphs; what could not be read is noted."""
    waiting, held = list[Document](), 0
    for each in read:
        if isinstance(each, Skip):
            taken.skips.append(each)
            continue
        waiting.append(each)
        held += len(each.passages)
        if held >= BATCH:
            yield waiting
            waiting, held = [], 0
    if waiting:
        yield waiting


def refusal(source: Source, error: UnreadableFileError) -> Skip:
    """Return why a file cannot be taken; where its bytes are to blame, it is not read again until they change."""
    reason = reason_of(source, error)
    if isinstance(error, (UnopenedFileError, ReaderEndedError)):
        return Skip(source.uri, reason, error.code)
    return Skip(source.uri, reason, error.code, source.size, source.modified)
