"""One file of texts after another: read, encoded and written batch by batch, each batch whole or not there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy.orm import Session

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import Document
from mindseye.engine.vectors import FloatArray
from mindseye.indexer import embeddings, labels, runs, store
from mindseye.indexer.database import Database
from mindseye.indexer.meta import check_encoder, claim_texts
from mindseye.indexer.records import Skip
from mindseye.indexer.sources import Source
from mindseye.indexer.space import Space
from mindseye.indexer.texts import rows
from mindseye.indexer.texts.encoding import BATCH, encode_passages, encode_titles, stored_vectors, whole
from mindseye.indexer.texts.reading import read_texts
from mindseye.indexer.texts.rows import Key, Row


@dataclass
class Taken:
    """What one file of texts held: its documents and paragraphs, the records that could not be read."""

    documents: int = 0
    paragraphs: int = 0
    skips: list[Skip] = field(default_factory=list)
    size: int = 0  # bytes of the documents


class Fresh(NamedTuple):
    """New embeddings (text_width,): of paragraphs, and of the titles of documents, None where there is none."""

    passages: dict[Key, FloatArray]
    titles: dict[Key, FloatArray | None]


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

        Raises UnreadableFileError when nothing of it can be read; nothing is changed then.
        """
        taken, seen = Taken(), set[str]()
        with self._database.read() as session:
            collections = sorted({self._collection_id, *rows.collections_with(session, source.uri)})
        for batch in _batches(read_texts(source), taken):
            entries = _entries(source.uri, batch)
            done = taken.size
            taken.size += sum(each.size for each in batch)
            fresh = self._encode(entries, done / max(source.size, 1), taken.size / max(source.size, 1))
            self._store(source, batch, entries, fresh, collections)
            seen.update(row.place for row in entries)
            taken.documents += len(batch)
            taken.paragraphs += len(entries) - len(batch)
        self._finish(source, seen, taken.skips, collections)
        return taken

    def _store(
        self,
        source: Source,
        batch: Sequence[Document],
        entries: Sequence[Row],
        fresh: Fresh,
        collections: Sequence[int],
    ) -> None:
        with self._database.write() as session:
            check_encoder(session, self._space)
            claim_texts(session, self._space)
            contents = rows.put_contents(session, entries)
            self._put_embeddings(session, fresh, batch, contents)
            for collection_id in collections:
                self._put_items(session, collection_id, source, entries, contents)
            embeddings.log_changes(session, contents.values())

    def _encode(self, entries: Sequence[Row], before: float, after: float) -> Fresh:
        """Encode what was never encoded; before, after: the share of the file that is done."""
        with self._database.read() as session:
            known = rows.encoded(session, [row.key for row in entries], self._space.text_encoder)
        new = [row for row in entries if row.key not in known]
        texts = {row.key: row.body for row in new if row.modality == "paragraph"}
        keys, passages = list(texts), dict[Key, FloatArray]()
        for start in range(0, len(keys), BATCH):
            piece = keys[start : start + BATCH]
            passages.update(zip(piece, encode_passages(self._space, [texts[key] for key in piece]), strict=True))
            self._passed(before + (after - before) * len(passages) / len(keys))
        titled = {row.key: row.title for row in new if row.modality == "document"}
        titles = encode_titles(self._space, titled.values())
        return Fresh(passages, {key: titles.get(title) for key, title in titled.items()})

    def _put_embeddings(
        self, session: Session, fresh: Fresh, batch: Sequence[Document], contents: dict[Key, int]
    ) -> None:
        encoder = self._space.text_encoder
        blobs = {contents[key]: embeddings.to_blob(vector) for key, vector in fresh.passages.items()}
        store.put_embeddings(session, encoder, blobs, "paragraph")
        parts = {
            key: [contents[row.key] for row in Row.of_passages("", each)]
            for each in batch
            if (key := (each.sha256, "")) in fresh.titles
        }
        vectors = stored_vectors(session, self._space, sorted({one for own in parts.values() for one in own}))
        documents = {}
        for key, own in parts.items():
            heading = fresh.titles[key]
            told = [vectors[one] for one in own] + ([] if heading is None else [heading])
            documents[contents[key]] = embeddings.to_blob(whole(told))
        store.put_embeddings(session, encoder, documents, "document")

    def _put_items(
        self,
        session: Session,
        collection_id: int,
        source: Source,
        entries: Sequence[Row],
        contents: dict[Key, int],
    ) -> None:
        before = rows.items_at(session, collection_id, [(row.uri, row.place) for row in entries])
        ids = rows.put_items(session, collection_id, self._run_id, source.modified, entries, contents)
        content_of = {ids[row.uri, row.place]: contents[row.key] for row in entries}
        new = {item_id: content_of[item_id] for place, item_id in ids.items() if place not in before}
        labels.put(session, labels.inherited(session, collection_id, new), "given")

    def _finish(self, source: Source, seen: set[str], skips: Sequence[Skip], collections: Sequence[int]) -> None:
        """Let go of what the file no longer holds, and write down that it was taken whole."""
        with self._database.write() as session:
            for collection_id in collections:
                gone = rows.vanished(session, collection_id, source.uri, seen)
                contents = store.set_state(session, gone, "missing", self._run_id)
                embeddings.log_changes(session, contents)
                rows.put_source(session, collection_id, source.uri, source.size, source.modified)
            runs.skip(session, self._run_id, skips)


def _entries(uri: str, documents: Sequence[Document]) -> list[Row]:
    wholes = [Row.of_document(uri, each) for each in documents]
    return wholes + [row for each in documents for row in Row.of_passages(uri, each)]


def _batches(read: Iterator[Document | Skip], taken: Taken) -> Iterator[list[Document]]:
    """Yield documents together until they hold a batch of paragraphs; what could not be read is noted."""
    waiting: list[Document] = []
    for each in read:
        if isinstance(each, Skip):
            taken.skips.append(each)
            continue
        waiting.append(each)
        if sum(len(document.passages) for document in waiting) >= BATCH:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def refusal(source: Source, error: UnreadableFileError) -> Skip:
    """Return why a file cannot be taken: its bytes are to blame, so it is not read again until they change."""
    reason = error.what.removeprefix(f"{source.path.name} ")
    return Skip(source.uri, reason, error.code, source.size, source.modified)
