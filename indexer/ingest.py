"""One indexing run: from paths to rows, batch by batch, each batch whole or not there."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from mindseye.engine.errors import ReaderEndedError, UnreadableFileError
from mindseye.engine.text.documents import SUFFIXES as TEXTS
from mindseye.engine.text.documents import suffix_of
from mindseye.indexer import embeddings, labels, runs, store
from mindseye.indexer.batches import BATCH, Progress, batches
from mindseye.indexer.database import Database, chunks
from mindseye.indexer.encoding import encode_new
from mindseye.indexer.files import is_gone, path_of
from mindseye.indexer.meta import check_encoder
from mindseye.indexer.reading import Reading, read_ahead
from mindseye.indexer.records import IngestReport, Skip
from mindseye.indexer.sources import Source, Sources, find_sources
from mindseye.indexer.space import Space
from mindseye.indexer.texts.ingest import TextIngest, refusal

if TYPE_CHECKING:
    from mindseye.indexer.gis.sets import OpenSet


@dataclass
class Counts:
    """What a run has done so far, in files and in tiles of tile sets."""

    seen: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    moved: int = 0
    missing: int = 0
    imagined: int = 0
    documents: int = 0
    paragraphs: int = 0
    tiles: int = 0
    dropped: int = 0
    skipped: list[Skip] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Return the counts as JSON values, of the skips their number."""
        return vars(self) | {"skipped": len(self.skipped)}


class Ingest:
    """A run that brings one collection up to date with what lies below some paths."""

    def __init__(
        self,
        database: Database,
        space: Space,
        collection: str,
        labels: Sequence[str] | None = None,
        progress: Progress | None = None,
        inside: Sequence[Path] | None = None,
    ) -> None:
        self._labels = labels
        self._inside = inside
        self._database = database
        self._space = space
        self._collection = collection
        self._progress = progress or (lambda done, total: None)
        self._counts = Counts()

    def run(self, paths: Sequence[Path], command: str, settings: dict[str, Any]) -> IngestReport:
        """Index the files that `paths` lead to; see Library.index."""
        started = time.monotonic()
        sources = find_sources(paths, leave_out=self._database.path.parent, inside=self._inside)
        with runs.recorded(self._database, "index", command, settings, self._counts.plain) as self._run_id:
            self._collection_id = self._collection_row()
            self._take(sources)
        counts = vars(self._counts) | {"skipped": tuple(self._counts.skipped)}
        return IngestReport(run_id=self._run_id, seconds=time.monotonic() - started, **counts)

    def _collection_row(self) -> int:
        with self._database.read() as session:
            known = store.known_collection(session, self._collection)
        if known is not None:
            return known
        with self._database.write() as session:
            return store.collection(session, self._collection)

    def _take(self, sources: Sources) -> None:
        sets = self._open_sets(sources)
        self._counts.tiles = sum(each.windows for each in sets)
        self._counts.seen = len(sources.files) + self._counts.tiles
        self._unread = {path.as_uri() for path in sources.unread}
        self._leave_out(sources.skips)
        pictures, texts = [each for each in sources.files if not _is_text(each)], [*filter(_is_text, sources.files)]
        with closing(read_ahead(self._changed(pictures, sources.named))) as outcomes:
            for batch in batches(outcomes, BATCH):
                self._store(batch)
        self._take_texts(texts, sources.named)
        if self._labels is not None:
            self._label(sources.files, self._labels)
        for each in sets:
            self._take_tiles(each)
        self._sweep(sources)
        self._settle(sources)

    def _take_texts(self, texts: Sequence[Source], named: Collection[Path]) -> None:
        ingest = TextIngest(self._database, self._space, self._collection_id, self._run_id, self._tell)
        for source in self._changed(texts, named):
            with self._database.read() as session:
                before = store.is_present(session, source.uri)
            try:
                taken = ingest.take(source)
            except UnreadableFileError as error:
                if isinstance(error, ReaderEndedError):  # its items stand until it can be read
                    self._unread.add(source.uri)
                self._leave_out([refusal(source, error)])
                continue
            self._counts.documents += taken.documents
            self._counts.paragraphs += taken.paragraphs
            self._counts.skipped += taken.skips
            if taken.documents:
                self._counts.updated += before
                self._counts.added += not before
            else:  # no record of it can be read
                self._counts.missing += before
            self._tell()

    def _open_sets(self, sources: Sources) -> list["OpenSet"]:
        if not sources.tilesets:
            return []
        from mindseye.indexer.gis.sets import open_sets  # loads what reads maps, which folders of photos do not need

        return open_sets(sources, self._inside)

    def _take_tiles(self, opened: "OpenSet") -> None:
        from mindseye.indexer.gis.ingest import TileIngest

        ingest = TileIngest(self._database, self._space, self._collection_id, self._run_id, self._labels or ())
        for taken in ingest.take(*opened):
            self._counts.added += taken.added
            self._counts.updated += taken.updated
            self._counts.unchanged += taken.unchanged
            self._counts.missing += taken.missing
            self._counts.dropped += taken.dropped
            self._counts.skipped += [taken.skip] if taken.skip else []
            self._tell()
        if self._counts.missing:
            with self._database.read() as session:
                self._counts.moved = store.moved(session, self._run_id)

    def _changed(self, files: Sequence[Source], named: Collection[Path]) -> Iterator[Source]:
        """Yield the files that must be read: new, changed, not there the last time, or refused and named now."""
        for piece in chunks(files):
            with self._database.read() as session:
                known = store.unchanged(session, self._collection_id, [each.uri for each in piece])
                new = [each for each in piece if known.get(each.uri) != (each.size, each.modified)]
                refused = runs.refused(session, [each for each in new if each.path not in named])
                told = runs.told(session, [each.uri for each in piece if _is_text(each) and each not in new])
            self._leave_out(list(refused.values()))
            self._tell_again(told)
            self._counts.unchanged += len(piece) - len(new)
            yield from (each for each in new if each.uri not in refused)
            self._tell()

    def _store(self, batch: Sequence[Reading | Skip]) -> None:
        """Encode what is new in a batch and write all of it in one transaction."""
        readings = [each for each in batch if isinstance(each, Reading)]
        skips = [each for each in batch if isinstance(each, Skip)]
        blobs = encode_new(self._database, self._space, readings)
        with self._database.write() as session:
            check_encoder(session, self._space)
            before = store.before(session, self._collection_id, [_uri(each) for each in batch])
            contents = store.put_contents(session, readings)
            vectors = {contents[sha256]: blob for sha256, blob in blobs.items()}
            store.put_embeddings(session, self._space.encoder, vectors)
            store.put_items(session, self._collection_id, self._run_id, readings, contents)
            others = store.follow(session, self._run_id, readings, contents)
            self._put_words(session, readings, contents, before)
            lost = self._lose(session, skips)
            touched = {*contents.values(), *(each.content_id for each in before.values())}
            embeddings.log_changes(session, touched | others | lost)
        self._count(readings, contents, before)
        self._counts.skipped += skips
        self._tell()

    def _put_words(
        self,
        session: Session,
        readings: Sequence[Reading],
        contents: Mapping[str, int],
        before: Mapping[str, store.Before],
    ) -> None:
        """Write the keywords of files for their items in every collection, and the labels that new names inherit."""
        read = {each.source.uri: each for each in readings}
        present = store.present(session, list(read), store.WHOLE)
        labels.put(session, {item_id: read[uri].picture.keywords for item_id, uri in present.items()}, "file")
        if self._labels is None:
            ids = store.ids(session, self._collection_id, [uri for uri in read if uri not in before])
            new = {item_id: contents[read[uri].sha256] for uri, item_id in ids}
            labels.put(session, labels.inherited(session, self._collection_id, new), "given")

    def _leave_out(self, skips: Sequence[Skip]) -> None:
        if not skips:
            return
        self._counts.skipped += skips
        with self._database.write() as session:
            embeddings.log_changes(session, self._lose(session, skips))

    def _tell_again(self, skips: Sequence[Skip]) -> None:
        """Write down once more which records of unchanged files could not be read."""
        if skips:
            self._counts.skipped += skips
            with self._database.write() as session:
                runs.skip(session, self._run_id, skips)

    def _lose(self, session: Session, skips: Sequence[Skip]) -> set[int]:
        """Write down skips; what could be read before and certainly cannot now is missing. Returns its contents."""
        runs.skip(session, self._run_id, skips)
        return self._miss(session, [each.uri for each in skips if each.uri not in self._unread], store.WHOLE)

    def _miss(self, session: Session, uris: Sequence[str], which: ColumnElement[bool]) -> set[int]:
        """Mark the items of files for which `which` holds as missing, in every collection. Returns their contents."""
        present = store.present(session, uris, which)
        self._counts.missing += len(set(present.values()))
        return set(store.set_state(session, present, "missing", self._run_id))

    def _label(self, files: Sequence[Source], words: Sequence[str]) -> None:
        for piece in chunks(files):
            with self._database.write() as session:
                ids = store.ids(session, self._collection_id, [each.uri for each in piece])
                labels.put(session, {item_id: words for _, item_id in ids}, "given")

    def _sweep(self, sources: Sources) -> None:
        """Mark as missing, in every collection, what was below the walked folders, or where links led, and is gone.

        One `lstat` and `realpath` for each known file there that the walk has not met.
        """
        seen = {each.uri for each in sources.files}
        unread = tuple(f"{uri}/" for uri in self._unread)
        for root in sources.roots:
            with self._database.read() as session:
                known = store.present_below(session, root.as_uri()) - seen
            gone = [uri for uri in known if not uri.startswith(unread) and is_gone(path_of(uri))]
            if gone:
                self._mark_missing(gone)

    def _settle(self, sources: Sources) -> None:
        with self._database.read() as session:
            unsettled = runs.skipped_before(session, self._run_id)
        if unsettled:
            with self._database.write() as session:
                runs.settle(session, self._run_id, sources)

    def _mark_missing(self, uris: Sequence[str]) -> None:
        with self._database.write() as session:
            embeddings.log_changes(session, self._miss(session, uris, true()))
            self._counts.moved = store.moved(session, self._run_id)

    def _count(
        self, readings: Sequence[Reading], contents: Mapping[str, int], before: Mapping[str, store.Before]
    ) -> None:
        for reading in readings:
            was = before.get(reading.source.uri)
            if was is None or was.state != "present":
                self._counts.added += 1
            elif was.content_id != contents[reading.sha256]:
                self._counts.updated += 1
            else:
                self._counts.unchanged += 1
            self._counts.imagined += reading.picture.synthetic is not None

    def _tell(self, share: float = 0) -> None:
        """Tell how many files are done, and what share of the next one."""
        counts = self._counts
        done = counts.added + counts.updated + counts.unchanged + len(counts.skipped) + min(share, 1)
        self._progress(min(done, counts.seen), counts.seen)


def _is_text(source: Source) -> bool:
    return suffix_of(source.path.name) in TEXTS


def _uri(outcome: Reading | Skip) -> str:
    return outcome.source.uri if isinstance(outcome, Reading) else outcome.uri
