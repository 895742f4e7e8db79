"""The library: collections of pictures to index, search and explain; all that the surface calls."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from PIL import Image

from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.engine.vectors import FloatArray, rows
from mindseye.indexer import embeddings, imagined, items, meta, provenance, runs, store
from mindseye.indexer.background import top_scores
from mindseye.indexer.batches import Progress
from mindseye.indexer.database import Database, open_folder
from mindseye.indexer.files import size_of
from mindseye.indexer.filters import EVERYTHING, Filter, Origin, condition, require_text
from mindseye.indexer.imagined_index import ImaginedIndex
from mindseye.indexer.ingest import Ingest
from mindseye.indexer.memories import Memories
from mindseye.indexer.provenance import Provenance
from mindseye.indexer.reading import Reading
from mindseye.indexer.records import (
    Collection,
    Hit,
    Imagined,
    ImaginedRecord,
    IngestReport,
    Item,
    ReembedReport,
    Skip,
    Status,
)
from mindseye.indexer.reembed import reembed
from mindseye.indexer.selection import Selection, Watch, unwatched
from mindseye.indexer.space import Space, known
from mindseye.indexer.stored import Stored, read_item, stored
from mindseye.indexer.texts.words import Word, index_words
from mindseye.indexer.thumbnails import thumbnail


class Library:
    """A folder that remembers pictures and texts: rows in `database`, vectors derived from them, imagined pictures."""

    def __init__(self, database: Database, space: Space) -> None:
        """Take the open database of a library in that space; `Library.open` makes both."""
        self.root = database.path.parent
        self.space = space
        self.database = database
        self.memories = Memories(database, space)
        self.imagined_index = ImaginedIndex(database, space)

    @classmethod
    def open(cls, root: Path, space: Space, *, create: bool = True) -> Self:
        """Open the library in the folder `root`, made when it is not there.

        Another mapping than before is taken over: the index is derived again from the stored features. Raises
        NotFoundError when there is none and `create` is false, LibraryError when it cannot be written or
        understood, SpaceMismatchError when its vectors are another encoder's.
        """
        database = open_folder(root, create=create)
        try:
            meta.introduce(database, space)
            return cls(database, space)
        except BaseException:
            database.close()
            raise

    @classmethod
    def reembed(
        cls,
        root: Path,
        space: Space,
        progress: Progress | None = None,
        command: str = "",
        settings: dict[str, Any] | None = None,
    ) -> ReembedReport:
        """Move the library at `root` to the encoder of `space`; see `mindseye.indexer.reembed`.

        Raises NotFoundError and LibraryError as `open` does.
        """
        with closing(open_folder(root, create=False)) as database:
            report = reembed(database, space, progress, command, settings or {})
        with cls.open(root, space) as library:
            library.memories.publish()  # the indexes of the new rows
        return report

    def close(self) -> None:
        """Close the database; nothing is lost when this is left out."""
        self.database.close()

    def __enter__(self) -> Self:
        """Return the library itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the library."""
        self.close()

    def index(
        self,
        paths: Sequence[Path],
        collection: str = "default",
        progress: Progress | None = None,
        command: str = "",
        settings: dict[str, Any] | None = None,
        labels: Sequence[str] | None = None,
        inside: Sequence[Path] | None = None,
    ) -> IngestReport:
        """Bring a collection up to date with the files of pictures and texts below `paths`.

        labels: words to give to all of them in place of those given before, None to leave these as they are; inside:
        folders, by their real paths, that no link leads out of. What cannot be read is left out with its reason.
        Unchanged files are not read again; what is gone from a folder in `paths` becomes missing, in every collection;
        removed items that are met come back, and files of a new name keep the labels given to their old one. The
        library's own folder is left out. progress(done, total) counts files. An interrupted run keeps all but its last
        batch. Raises UsageError, before anything is written, for paths that do not exist and names that are no UTF-8.
        """
        if not paths:
            raise UsageError("no path was given to index", "name a folder or a picture")
        require_text(collection, *(labels or ()))
        ingest = Ingest(self.database, self.space, collection, labels, progress, inside)
        report = ingest.run(paths, command, settings or {})
        self.memories.compact()
        return report

    def index_words(
        self,
        words: Sequence[Word],
        collection: str = "words",
        progress: Progress | None = None,
        command: str = "",
        settings: dict[str, Any] | None = None,
    ) -> IngestReport:
        """Make a collection hold these words and no others; see `mindseye.indexer.texts.words`."""
        require_text(collection)
        report = index_words(self.database, self.space, words, collection, progress, command, settings or {})
        self.memories.compact()
        return report

    def modalities(self) -> list[str]:
        """Return the modalities of what can be found, pictures first."""
        return list(self.memories.modalities())

    def select(self, within: Filter, modality: str = "image", watch: Watch = unwatched) -> Selection:
        """Return what a filter lets through of a modality, now. Raises NotFoundError for an unknown collection."""
        found = within.origin == "found"
        index = self.memories.index(modality) if found else self.imagined_index.fresh()
        if within == EVERYTHING:
            return Selection(within, None, index, self.database, watch)
        with self.database.read() as session:
            encoder = known(self.space, modality).encoder
            ids = embeddings.ids_where(session, encoder, modality, condition(session, within))
        return Selection(within, ids, index, self.database, watch)

    def background(
        self, bank: FloatArray, bank_id: str, origin: Origin = "found", modality: str = "image"
    ) -> FloatArray:
        """Return each bank row's (b, width) top score (b,) among a modality's items of an origin, −inf if it has none.

        bank_id names the bank: the scores among found items are kept and only brought up to date. Raises VectorError.
        """
        if origin == "imagined":
            return top_scores(self.imagined_index.fresh(), rows(bank, self.space.width))
        return self.memories.background(modality).top_scores(bank, bank_id)

    def search(self, rows: FloatArray, n: int) -> list[list[Hit]]:
        """Return, for each query row (m, width), its n best hits among the found pictures; see `Selection.search`."""
        return self.select(EVERYTHING).search(rows, n)

    def features(self, item_id: int) -> FloatArray:
        """Return what is stored of an item (1, width as `known` tells for its modality).

        Raises NotFoundError when there is no such item, or nothing is stored, it being imagined.
        """
        with self.database.read() as session:
            item = items.get(session, item_id)
            own = known(self.space, item.modality)
            ids = embeddings.ids_of(session, item.content_id, own.encoder)
            if not len(ids):
                raise NotFoundError(f"item {item_id}, {item.origin}, has no features", "choose a found one")
            return embeddings.features(session, ids, own.width)

    def features_of(self, embedding_ids: Sequence[int], modality: str = "image") -> FloatArray:
        """Return what is stored (n, width) of hits of one modality, by their embedding ids."""
        with self.database.read() as session:
            width = known(self.space, modality).width
            return embeddings.features(session, np.array(embedding_ids, np.int64), width)

    def stored(self) -> list[Stored]:
        """Return every content that can be found, with a file that holds it, for `mindseye.indexer.stored.read`."""
        with self.database.read() as session:
            return stored(session, self.space.encoder)

    def item(self, ref: str) -> Item:
        """Return the item named by its id, its path or URI, or the end of its path; raises as `items.one` does."""
        with self.database.read() as session:
            return items.one(session, ref)

    def thumbnail(self, item_id: int) -> Path:
        """Return the small picture of an item, made when it is first asked for; see `mindseye.indexer.thumbnails`."""
        with self.database.read() as session:
            return thumbnail(session, self.root, items.get(session, item_id))

    def picture(self, item_id: int) -> Reading | Skip:
        """Return what an item shows, as it was indexed, or why that is not to be had any more."""
        with self.database.read() as session:
            return read_item(session, items.get(session, item_id))

    def explain(self, ref: str) -> Provenance:
        """Return where the item that `ref` names came from; raises as `item` does."""
        with self.database.read() as session:
            return provenance.explain(session, ref)

    def collections(self) -> list[Collection]:
        """Return the collections by name."""
        with self.database.read() as session:
            return items.collections(session)

    def remove(
        self,
        refs: Sequence[str] = (),
        collection: str | None = None,
        command: str = "",
        settings: dict[str, Any] | None = None,
    ) -> int:
        """Take the items that `refs` name, and all of a collection, out of every answer; return how many.

        Files stay as they are: indexing one again, or a folder it lies in, brings its item back. A path
        removes its file from every collection. Raises as `item` does, before anything is removed.
        """
        with self.database.write() as session:
            meta.check_encoder(session, self.space)
            named = {each.id for ref in refs for each in items.find(session, ref)}
            named.update(items.parts(session, named))
            if collection is not None:
                named.update(items.present_ids(session, items.collection_id(session, collection)))
            run_id = runs.start(session, "remove", command, settings or {})
            contents = store.set_state(session, named, "removed", run_id)
            embeddings.log_changes(session, contents)
            runs.finish(session, run_id, {"removed": len(contents)})
        self.memories.compact()
        return len(contents)

    def status(self) -> Status:
        """Return what the library holds."""
        index = self.memories.index("image")
        with self.database.read() as session:
            return Status(
                root=self.root,
                space=self.space.name,
                encoder=self.space.encoder,
                mapping=self.space.mapping,
                vectors=len(index),
                generation=index.generation,
                modalities=items.modalities(session),
                bytes_on_disk=size_of(self.root),
                last_run=runs.last(session),
                **items.counts(session),
            )

    def skipped(self) -> list[Skip]:
        """Return what could not be taken, as of the last run that met it, in the order it was met."""
        with self.database.read() as session:
            return runs.skipped(session)

    def start_run(self, kind: str, command: str, settings: dict[str, Any]) -> int:
        """Write down that a run of a kind like "imagine" begins and return its id; settings: JSON values."""
        with self.database.write() as session:
            return runs.start(session, kind, command, settings)

    def finish_run(self, run_id: int, counts: dict[str, Any]) -> None:
        """Write down that a run has ended and what it counted."""
        with self.database.write() as session:
            runs.finish(session, run_id, counts)

    def imagined_key(self, target_hash: str, method: str, parameters: dict[str, Any], seed: int) -> str:
        """Return the key under which a picture imagined so, in this space, is stored once."""
        return imagined.imagined_key(self.space, target_hash, method, parameters, seed)

    def imagined_by_key(self, key: str) -> Imagined | None:
        """Return the stored picture of that key, None when it was never imagined, was removed or is lost."""
        with self.database.read() as session:
            return imagined.by_key(session, key)

    def record_imagined(self, record: ImaginedRecord, image: Image.Image, run_id: int) -> Imagined:
        """Store an imagined picture, marked as such, with how it came to be; one of the same key stays.

        The file is written first, the row after. Raises LibraryError when it cannot be written.
        """
        return imagined.store_picture(self.database, self.space, record, image, run_id)

    def imagined(self) -> list[Imagined]:
        """Return every imagined picture that has not been removed, newest first."""
        with self.database.read() as session:
            return imagined.present(session)
