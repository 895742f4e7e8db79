"""Runs: who wrote what, with which versions, and what had to be left out."""

import os
import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, insert, select, true, tuple_, update
from sqlalchemy.orm import Session

from mindseye.indexer import models, records
from mindseye.indexer.database import Database, chunks
from mindseye.indexer.files import has_vanished, path_of
from mindseye.indexer.models import now
from mindseye.indexer.records import Skip
from mindseye.indexer.sources import Source, Sources

# What a vector or a picture may depend on; those that are installed are written down.
_PACKAGES = (
    "mindseye",
    "numpy",
    "pillow",
    "sqlalchemy",
    "faiss-cpu",
    "faiss-gpu",
    "openvino",
    "torch",
    "torchvision",
    "pypdfium2",
    "selectolax",
    "markdown-it-py",
    "rasterio",
)

_READERS = "mindseye", "pillow", "pypdfium2", "selectolax", "markdown-it-py"


@contextmanager
def recorded(
    database: Database,
    kind: str,
    command: str,
    settings: dict[str, Any],
    counts: Callable[[], dict[str, Any]],
) -> Iterator[int]:
    """Yield the id of a run that ends with the block, with what `counts` gives then, interrupted or not."""
    with database.write() as session:
        run_id = start(session, kind, command, settings)
    interrupted = {"interrupted": True}
    try:
        yield run_id
        interrupted = {}
    finally:
        with database.write() as session:
            finish(session, run_id, counts() | interrupted)


def start(session: Session, kind: str, command: str, settings: dict[str, Any]) -> int:
    """Write down that a run begins and return its id; settings: JSON values."""
    run = models.Run(
        kind=kind,
        command=command.encode("utf-8", "backslashreplace").decode(),  # file names may hold any byte
        settings=settings,
        versions=_versions(),
        machine=_machine(),
        started=now(),
        counts={},
    )
    session.add(run)
    session.flush()
    return run.id


def finish(session: Session, run_id: int, counts: dict[str, Any]) -> None:
    """Write down that a run has ended and what it counted."""
    session.execute(update(models.Run).where(models.Run.id == run_id).values(ended=now(), counts=counts))


def skip(session: Session, run_id: int, skips: Iterable[Skip]) -> None:
    """Write down what a run could not take."""
    rows = [{"run_id": run_id, **asdict(each)} for each in skips]
    if rows:
        session.execute(insert(models.Skip), rows)


def skipped_before(session: Session, run_id: int) -> bool:
    """Return whether anything is known that runs before this one could not take."""
    return bool(session.scalar(select(exists().where(models.Skip.run_id < run_id))))


def settle(session: Session, run_id: int, sources: Sources) -> None:
    """Forget what earlier runs could not take of the files and folders that this run has been to, or that are gone."""
    seen = {each.uri for each in sources.files} | sources.met
    roots = tuple(f"{root.as_uri().rstrip('/')}/" for root in sources.roots)
    unread = tuple(f"{path.as_uri()}/" for path in sources.unread)
    earlier = session.execute(select(models.Skip.id, models.Skip.uri).where(models.Skip.run_id < run_id)).all()
    settled = [
        skip_id
        for skip_id, uri in earlier
        if not uri.startswith(unread) and (uri in seen or f"{uri}/".startswith(roots) or has_vanished(path_of(uri)))
    ]
    for piece in chunks(settled):
        session.execute(delete(models.Skip).where(models.Skip.id.in_(piece)))


def skipped(session: Session) -> list[Skip]:
    """Return what could not be taken as of the last run that met it, in the order it was met."""
    return _newest(session, true())


def told(session: Session, uris: Sequence[str]) -> list[Skip]:
    """Return what the last run to read some files of texts could not read in them."""
    return _newest(session, models.Skip.uri.in_(uris))


def refused(session: Session, files: Sequence[Source]) -> dict[str, Skip]:
    """Return those of the files, as they are, whose content these very versions could not take, by URI."""
    sources = {each.uri: each for each in files}
    query = (
        select(models.Skip, models.Run)
        .join(models.Run)
        .where(models.Skip.uri.in_(sources), models.Skip.modified.is_not(None))
        .order_by(models.Skip.id)
    )
    here = _readers(_versions())
    found = ((skip, run, sources[skip.uri]) for skip, run in session.execute(query) if _readers(run.versions) == here)
    return {skip.uri: _skip(skip) for skip, run, source in found if _is_as_it_was(skip, run.started, source)}


def get(session: Session, run_id: int) -> records.Run:
    """Return one run, which must exist."""
    return _record(session.get_one(models.Run, run_id))


def last(session: Session, kind: str | None = None) -> records.Run | None:
    """Return the newest run, of one kind or of any."""
    query = select(models.Run).order_by(models.Run.id.desc()).limit(1)
    row = session.scalar(query if kind is None else query.where(models.Run.kind == kind))
    return _record(row) if row else None


def _newest(session: Session, which: ColumnElement[bool]) -> list[Skip]:
    """Return what the last run to meet each input could not take of it: several records of a file, perhaps."""
    last = select(models.Skip.uri, func.max(models.Skip.run_id)).where(which).group_by(models.Skip.uri)
    query = select(models.Skip).where(tuple_(models.Skip.uri, models.Skip.run_id).in_(last)).order_by(models.Skip.id)
    return list(dict.fromkeys(map(_skip, session.scalars(query))))


def _record(row: models.Run) -> records.Run:
    return records.Run(
        row.id,
        row.kind,
        row.command,
        row.settings,
        row.versions,
        row.machine,
        row.started,
        row.ended,
        row.counts,
    )


def _skip(row: models.Skip) -> Skip:
    return Skip(row.uri, row.reason, row.code, row.size, row.modified)


def _is_as_it_was(skip: models.Skip, started: str, source: Source) -> bool:
    """Return whether nothing about a file has changed since the run that refused it `started`."""
    try:
        about = source.path.stat()
    except OSError:
        return False
    changed = datetime.fromtimestamp(about.st_ctime, UTC).isoformat(timespec="milliseconds")
    same = (skip.size, skip.modified) == (about.st_size, about.st_mtime_ns)
    return same and changed <= started  # size and time can be put back as they were, but not this time


def _readers(versions: dict[str, str]) -> tuple[str | None, ...]:
    """Return the versions of what reads files: newer ones may read more."""
    return tuple(versions.get(name) for name in _READERS)


@cache
def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _machine() -> str:
    """Return the kind of machine; not its name, which is nobody's business."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
