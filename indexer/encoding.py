"""Contents that an encoder has not seen yet, read again from their files and encoded batch by batch."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from PIL import Image

from mindseye.indexer import embeddings, store
from mindseye.indexer.batches import BATCH, batches
from mindseye.indexer.database import Database
from mindseye.indexer.reading import Reading
from mindseye.indexer.records import Skip
from mindseye.indexer.space import Space
from mindseye.indexer.stored import Stored, read


class Encoded(NamedTuple):
    """How many contents of a batch were encoded, and which could not be."""

    contents: int
    skips: list[Skip]


def encode(database: Database, space: Space, contents: Sequence[Stored]) -> Iterator[Encoded]:
    """Encode contents, by their own ids, and store their features; tell of each batch once it is written."""
    for batch in batches(zip(contents, read(contents), strict=True), BATCH):
        pictures = {each.id: outcome for each, outcome in batch if isinstance(outcome, Image.Image)}
        if pictures:
            _store(database, space, pictures)
        yield Encoded(len(pictures), [outcome for _, outcome in batch if isinstance(outcome, Skip)])


def encode_new(database: Database, space: Space, readings: Sequence[Reading]) -> dict[str, bytes]:
    """Return the stored features, by content hash, of found pictures, or of tiles, that were never encoded."""
    found = {each.sha256: each.picture.image for each in readings if not each.picture.synthetic}
    with database.read() as session:
        known = {
            sha256
            for window in {store.window_of(each) for each in readings}
            for sha256 in store.embedded(session, found, space.encoder, window)
        }
    new = {sha256: image for sha256, image in found.items() if sha256 not in known}
    if not new:
        return {}
    features = embeddings.rounded(space.encode_images(list(new.values())), space.raw_width)
    return dict(zip(new, map(embeddings.to_blob, features), strict=True))


def _store(database: Database, space: Space, pictures: dict[int, Image.Image]) -> None:
    features = embeddings.rounded(space.encode_images(list(pictures.values())), space.raw_width)
    blobs = dict(zip(pictures, map(embeddings.to_blob, features), strict=True))
    with database.write() as session:
        store.put_embeddings(session, space.encoder, blobs)
