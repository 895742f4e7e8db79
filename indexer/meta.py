"""Facts about a whole library: what it is called, which encoder and mapping its vectors are of."""

import logging
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from mindseye.engine.errors import NotFoundError, SpaceMismatchError
from mindseye.indexer.database import Database, open_folder
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
        if not fact(session, "id"):  # a known one may lack some: older than a fact, it is given none that may be wrong
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
        "space": space.name,
        "created": now(),
        "created_by": VERSION,
    }
    rows = [{"key": key, "value": value} for key, value in facts.items()]
    session.execute(insert(Meta).values(rows).on_conflict_do_nothing())


def space_of(root: Path) -> str | None:
    """Return the name of the space that the library in the folder `root` is in; None when there is none to ask.

    Raises LibraryError as `Database`.
    """
    try:
        database = open_folder(root, create=False)
    except NotFoundError:
        return None
    with closing(database), database.read() as session:
        return fact(session, "space") or None


def fact(session: Session, key: str) -> str:
    """Return one fact, empty when it is not there."""
    return session.scalar(select(Meta.value).where(Meta.key == key)) or ""


def set_fact(session: Session, key: str, value: str) -> None:
    """Write one fact over what was there."""
    statement = insert(Meta).values(key=key, value=value)
    session.execute(statement.on_conflict_do_update(["key"], set_={"value": value}))


def check_encoder(session: Session, space: Space) -> None:
    """Refuse a space of other encoders than the library's: raises SpaceMismatchError naming both."""
    texts = fact(session, "text_encoder") or space.text_encoder  # none is encoded yet
    theirs = {"encoder": fact(session, "encoder"), "text encoder": texts}
    for what, encoder in theirs.items():
        mine = space.encoder if what == "encoder" else space.text_encoder
        if encoder == mine:
            continue
        own = fact(session, "space") or "its own space"
        raise SpaceMismatchError(
            f"the library is in {own} ({what} {encoder}), not in {space.name} ({what} {mine})",
            f"use its own space, or move it to this one with `mindseye reembed --space {space.name}`",
        )


def claim_texts(session: Session, space: Space) -> None:
    """Make the space of the library's first texts the library's own: another text encoder is refused from now on."""
    if not fact(session, "text_encoder"):
        set_fact(session, "text_encoder", space.text_encoder)
        set_fact(session, "space", space.name)
