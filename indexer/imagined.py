"""Imagined pictures and how each came to be: the file first, the row after."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from mindseye.engine.errors import LibraryError
from mindseye.engine.vision.pictures import Picture, write_imagined_png
from mindseye.indexer import models, store
from mindseye.indexer.database import Database
from mindseye.indexer.files import digest, is_there, replacing
from mindseye.indexer.meta import VERSION
from mindseye.indexer.models import now
from mindseye.indexer.reading import Reading
from mindseye.indexer.records import Imagined, ImaginedRecord, Recalled
from mindseye.indexer.sources import Source
from mindseye.indexer.space import Space

COLLECTION = "imagined"
ID_LENGTH = 16  # hexadecimal digits of the key


def imagined_key(space: Space, target_hash: str, method: str, parameters: dict[str, Any], seed: int) -> str:
    """Return what makes an imagined picture the same one: a hash of it all; parameters: JSON values."""
    parts = [space.encoder, space.mapping, target_hash, method, parameters, seed]
    return digest(json.dumps(parts, sort_keys=True).encode())


def store_picture(
    database: Database, space: Space, record: ImaginedRecord, image: Image.Image, run_id: int
) -> Imagined:
    """Store an imagined picture, the file first, the row after; see `Library.record_imagined`."""
    key = imagined_key(space, record.target_hash, record.method, record.parameters, record.seed)
    root = database.path.parent
    with database.read() as session:
        if stored := by_key(session, key):
            return stored
    try:
        reading = write_picture(root / "imagined", key, image)
    except OSError as error:
        what = f"the imagined picture cannot be stored in {root} ({error.strerror})"
        raise LibraryError(what, "make room or check the folder's permissions") from error
    with database.write() as session:
        put(session, key, record, reading, space, run_id)
    with database.read() as session:
        stored = by_key(session, key)
    assert stored is not None
    return stored


def write_picture(folder: Path, key: str, image: Image.Image) -> Reading:
    """Write the picture to `folder`, marked as imagined, and return it as an indexing run would read it.

    Raises OSError when it cannot be written; no part of a file is left then.
    """
    provenance_id = key[:ID_LENGTH]
    data = write_imagined_png(image, provenance_id, VERSION)
    folder.mkdir(exist_ok=True)
    path = folder / f"{provenance_id}.png"
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    mark = {"version": VERSION, "provenance": provenance_id}
    picture = Picture(image, "image/png", image.width, image.height, mark)
    source = Source(path, len(data), path.stat().st_mtime_ns)
    return Reading(source, len(data), digest(data), picture)


def put(session: Session, key: str, record: ImaginedRecord, reading: Reading, space: Space, run_id: int) -> None:
    """Put in the rows of a picture that has been written."""
    collection_id = store.collection(session, COLLECTION)
    contents = store.put_contents(session, [reading])
    store.put_items(session, collection_id, run_id, [reading], contents)
    mine = models.Item.collection_id == collection_id, models.Item.uri == reading.source.uri
    values = asdict(record) | {
        "item_id": session.execute(select(models.Item.id).where(*mine)).scalar_one(),
        "encoder": space.encoder,
        "mapping": space.mapping,
        "recalled": [[each.item_id, each.uri, each.score] for each in record.recalled],
        "run_id": run_id,
        "created": now(),
    }
    statement = insert(models.Imagined).values(id=key[:ID_LENGTH], key=key, **values)
    session.execute(statement.on_conflict_do_update(["key"], set_=values))


def by_key(session: Session, key: str) -> Imagined | None:
    """Return the picture of that key while its file is there, otherwise None."""
    found = _stored(session, (models.Imagined.key == key) & (models.Item.state == "present"))
    return next((each for each in found if is_there(each.path)), None)


def by_content(session: Session, content_id: int) -> Imagined | None:
    """Return the imagined picture whose bytes a content is, a copy's too."""
    return next(iter(_stored(session, models.Item.content_id == content_id)), None)


def present(session: Session) -> list[Imagined]:
    """Return every imagined picture that has not been removed, newest first."""
    return _stored(session, models.Item.state == "present")


def _stored(session: Session, condition: ColumnElement[bool]) -> list[Imagined]:
    query = (
        select(models.Imagined, models.Item.uri)
        .join(models.Item, models.Item.id == models.Imagined.item_id)
        .where(condition)
        .order_by(models.Imagined.created.desc(), models.Imagined.id)
    )
    return [_imagined(row, uri) for row, uri in session.execute(query)]


def _imagined(row: models.Imagined, uri: str) -> Imagined:
    record = ImaginedRecord(
        query=row.query,
        target_hash=row.target_hash,
        method=row.method,
        parameters=row.parameters,
        seed=row.seed,
        similarity=row.similarity,
        recalled=tuple(Recalled(*each) for each in row.recalled),
        sense=row.sense,
        definition=row.definition,
    )
    return Imagined(row.id, row.item_id, uri, record, row.encoder, row.mapping, row.run_id, row.created)
