"""One tile set after another: windows read and encoded batch by batch, with all that is told of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from mindseye.indexer import embeddings, labels, runs, store
from mindseye.indexer.batches import BATCH, batches
from mindseye.indexer.database import Database, chunks
from mindseye.indexer.encoding import encode_new
from mindseye.indexer.files import is_gone, path_of
from mindseye.indexer.gis import rows
from mindseye.indexer.gis.folders import MANIFEST
from mindseye.indexer.gis.records import Tile
from mindseye.indexer.gis.rows import Place, Standing, place_of
from mindseye.indexer.gis.tileset import TileSet
from mindseye.indexer.meta import check_encoder
from mindseye.indexer.reading import Reading, read_ahead
from mindseye.indexer.records import Skip
from mindseye.indexer.sources import TileSource
from mindseye.indexer.space import Space
from mindseye.indexer.texts.places import DROPPED


@dataclass(frozen=True)
class Taken:
    """What came of some tiles that are windows; dropped: those that their set no longer has.

    skip: why some of a raster's could not be read.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    missing: int = 0
    dropped: int = 0
    skip: Skip | None = None


@dataclass(frozen=True)
class _Raster:
    """The tiles that are windows of one raster, by their places; size, modified: of its file; before: as they stood."""

    path: Path
    tiles: Mapping[str, Tile]
    size: int
    modified: int
    before: Mapping[Place, Standing]

    @property
    def uri(self) -> str:
        return self.path.as_uri()

    def source(self, place: str) -> TileSource:
        tile = self.tiles[place]
        return TileSource(self.path, self.size, self.modified, tile.window, tile.rendering)

    def was(self, place: str) -> Standing | None:
        return self.before.get((self.uri, place))

    def is_as_it_was(self, place: str) -> bool:
        """Whether a tile's pixels need not be read again."""
        was = self.was(place)
        if was is None or was.state != "present" or was.row is None:
            return False
        told = was.row["rendering"] == rows.written(self.tiles[place].rendering)
        return told and (was.modified, was.row["raster_size"]) == (self.modified, self.size)


class TileIngest:
    """The part of a run that takes tile sets into one collection."""

    def __init__(
        self, database: Database, space: Space, collection_id: int, run_id: int, words: Sequence[str] = ()
    ) -> None:
        """`words` are given to every tile, beside those that its set gives it."""
        self._database = database
        self._space = space
        self._collection_id = collection_id
        self._run_id = run_id
        self._words = words

    def take(self, tileset: TileSet, tiles: Sequence[Tile]) -> Iterator[Taken]:
        """Bring the collection up to date with the tiles of a set, step by step, and tell of each once it is written.

        A tile has its item, with all that is told of it, in one transaction: killed, the next run reads what was not
        written. Copied pictures are in the collection as files; what is told of them is written here. Tiles that the
        set no longer has are dropped at the end.
        """
        self._tileset, self._version = (tileset.folder / MANIFEST).as_uri(), tileset.version
        for path, some in groupby(tiles, lambda each: each.raster):
            several = list(some)
            if copied := [each for each in several if each.image]:
                self._tell(copied, self._standing(copied))
            if windows := [each for each in several if not each.image]:
                yield from self._raster(path, windows)
        yield self._drop(tiles)

    def _standing(self, tiles: Sequence[Tile]) -> dict[Place, Standing]:
        with self._database.read() as session:
            return rows.standing(session, self._collection_id, {place_of(each)[0] for each in tiles})

    def _raster(self, path: Path, tiles: Sequence[Tile]) -> Iterator[Taken]:
        try:
            about = path.stat()
        except OSError as error:
            what = f"is not to be had, and with it {len(tiles)} tiles ({error.strerror})"
            yield self._lose(Skip(path.as_uri(), what, "unreadable_file"), None if is_gone(path) else ())
            return
        by_place = {each.window.place: each for each in tiles}
        raster = _Raster(path, by_place, about.st_size, about.st_mtime_ns, self._standing(tiles))
        same = [each for place, each in by_place.items() if raster.is_as_it_was(place)]
        updated = self._tell(same, raster.before, raster.size)
        yield Taken(updated=updated, unchanged=len(same) - updated)
        yield from self._read(raster, [place for place in by_place if not raster.is_as_it_was(place)])

    def _read(self, raster: _Raster, places: Sequence[str]) -> Iterator[Taken]:
        left, skips = dict.fromkeys(places), list[Skip]()
        with closing(read_ahead(map(raster.source, places))) as outcomes:
            for batch in batches(outcomes, BATCH):
                readings = [each for each in batch if isinstance(each, Reading)]
                skips += [each for each in batch if isinstance(each, Skip)]
                yield self._store(raster, readings)
                for each in readings:
                    del left[each.source.place]
        if skips:
            more = f"; so it is with {len(skips) - 1} more of its tiles" if len(skips) > 1 else ""
            yield self._lose(replace(skips[0], reason=skips[0].reason + more), list(left))

    def _tell(self, tiles: Sequence[Tile], before: Mapping[Place, Standing], raster_size: int = 0) -> int:
        """Write what is told of tiles whose pictures are there, where it is new, and return of how many it is."""
        told = {
            was.item_id: each
            for each in tiles
            if (was := before.get(place_of(each))) and was.told != self._told(each, raster_size)
        }
        for piece in chunks(list(told)):
            with self._database.write() as session:
                self._put_told(session, {item_id: told[item_id] for item_id in piece}, raster_size)
        return len(told)

    def _told(self, tile: Tile, raster_size: int) -> tuple[dict[str, Any], frozenset[str]]:
        """Return the row of a tile and its words, as they are stored."""
        row = rows.row_of(tile, self._tileset, self._version, raster_size)
        return row, frozenset(map(labels.normalised, (*tile.labels, *self._words))) - {""}

    def _put_told(self, session: Session, tiles: Mapping[int, Tile], raster_size: int) -> None:
        told = {item_id: self._told(each, raster_size) for item_id, each in tiles.items()}
        rows.put_rows(session, {item_id: row for item_id, (row, _) in told.items()})
        labels.put(session, {item_id: words for item_id, (_, words) in told.items()}, "given")

    def _store(self, raster: _Raster, readings: Sequence[Reading]) -> Taken:
        """Encode what is new in a batch and write all of it in one transaction."""
        if not readings:
            return Taken()
        blobs = encode_new(self._database, self._space, readings)
        with self._database.write() as session:
            check_encoder(session, self._space)
            contents = store.put_contents(session, readings)
            vectors = {contents[sha256]: blob for sha256, blob in blobs.items()}
            store.put_embeddings(session, self._space.encoder, vectors)
            self._put_items(session, raster, readings, contents)
        before = [was for each in readings if (was := raster.was(each.source.place)) and was.state == "present"]
        return Taken(added=len(readings) - len(before), updated=len(before))

    def _put_items(
        self, session: Session, raster: _Raster, readings: Sequence[Reading], contents: Mapping[str, int]
    ) -> None:
        store.put_items(session, self._collection_id, self._run_id, readings, contents)
        places = [each.source.place for each in readings]
        ids = rows.ids_at(session, self._collection_id, raster.uri, places)
        self._put_told(session, {ids[place]: raster.tiles[place] for place in places}, raster.size)
        others = rows.follow(session, self._run_id, readings, contents)
        had = {was.content_id for place in places if (was := raster.was(place))}
        embeddings.log_changes(session, {*contents.values(), *had} | others)

    def _lose(self, skip: Skip, places: Sequence[str] | None) -> Taken:
        """Write down a skip; the raster's tiles at some places, or all of them, are missing now in every collection."""
        with self._database.write() as session:
            runs.skip(session, self._run_id, [skip])
            ids = rows.present_at(session, skip.uri, places)
            lost = store.set_state(session, ids, "missing", self._run_id)
            embeddings.log_changes(session, lost)
        return Taken(missing=len(lost), skip=skip)

    def _drop(self, tiles: Sequence[Tile]) -> Taken:
        """Let go of the items that the set had before and has no longer; those of files that are gone are missing."""
        wanted = set(map(place_of, tiles))
        with self._database.write() as session:
            there = rows.present_of(session, self._collection_id, self._tileset)
            old = [(uri, item_id) for (uri, place), item_id in there.items() if (uri, place) not in wanted]
            vanished = {uri for uri in {uri for uri, _ in old} if is_gone(path_of(uri))}
            gone = [item_id for uri, item_id in old if uri in vanished]
            kept = [item_id for uri, item_id in old if uri not in vanished]
            lost = store.set_state(session, gone, "missing", self._run_id)
            dropped = store.set_state(session, kept, DROPPED, self._run_id)
            embeddings.log_changes(session, [*lost, *dropped])
        return Taken(missing=len(lost), dropped=len(dropped))
