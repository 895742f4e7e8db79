"""Facts about a whole library: what it is called, which encoder and mapping its vectors are of."""

import logging
from importlib.metadata import version
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from mindseye.engine.errors import SpaceMismatchError
from mindseye.indexer.database import Database
from mindseye.indexer.models import Meta, now
from mindseye.indexer.space import Space

VERSION = version("mindseye")

log = logging.getLogger(__name__)


def introduce(database: Database, space: Space) -> None:
    """Write the facts of a new library; check those of a known one and take over another mapping.

    Raises SpaceMismatchError when the library's vectors are another encoder's.
    """
    with database.read() as session:
        known = fact(session, "id")
        if known:
            check_encoder(session, space)
        mapping = fact(session, "mapping")
        if known and mapping == space.mapping:
            return
    with database.write() as session:
        _write_new(session, space)
        check_encoder(session, space)
        if known:
            log.info("mapping %s takes the place of %s", space.mapping, mapping)
        set_fact(session, "mapping", space.mapping)


def _write_new(session: Session, space: Space) -> None:
    facts = {
        "id": uuid4().hex,
        "encoder": space.encoder,
        "mapping": space.mapping,
        "created": now(),
        "created_by": VERSION,
    }
    rows = [{"key": key, "value": value} for key, value in facts.items()]
    session.execute(insert(Meta).values(rows).on_conflict_do_nothing())


def fact(session: Session, key: str) -> str:
    """Return one fact, empty when it is not there."""
    return session.scalar(select(Meta.value).where(Meta.key == key)) or ""


def set_fact(session: Session, key: str, value: str) -> None:
    """Write one fact over what was there."""
    statement = insert(Meta).values(key=key, value=value)
    session.execute(statement.on_conflict_do_update(["key"], set_={"value": value}))


def check_encoder(session: Session, space: Space) -> None:
    """Refuse a space of another encoder than the library's: raises SpaceMismatchError naming both."""
    encoder = fact(session, "encoder")
    if encoder != space.encoder:
        raise SpaceMismatchError(
            f"the library's vectors are of encoder {encoder}, this space has encoder {space.encoder}",
            "use the library's own space, or move it to this one with `mindseye reembed`",
        )
