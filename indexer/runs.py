"""Runs: who wrote what, with which versions, and what had to be left out."""

import os
import platform
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from mindseye.indexer import models, records
from mindseye.indexer.database import Database
from mindseye.indexer.models import now
from mindseye.indexer.records import Skip

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
)


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
    rows = [{"run_id": run_id, "uri": each.uri, "reason": each.reason, "code": each.code} for each in skips]
    if rows:
        session.execute(insert(models.Skip), rows)


def skipped(session: Session, run_id: int, limit: int) -> list[Skip]:
    """Return the first skips of a run, in the order they were met."""
    query = select(models.Skip).where(models.Skip.run_id == run_id).order_by(models.Skip.id).limit(limit)
    return [Skip(row.uri, row.reason, row.code) for row in session.scalars(query)]


def get(session: Session, run_id: int) -> records.Run:
    """Return one run, which must exist."""
    return _record(session.get_one(models.Run, run_id))


def last(session: Session, kind: str | None = None) -> records.Run | None:
    """Return the newest run, of one kind or of any."""
    query = select(models.Run).order_by(models.Run.id.desc()).limit(1)
    row = session.scalar(query if kind is None else query.where(models.Run.kind == kind))
    return _record(row) if row else None


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
