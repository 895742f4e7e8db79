"""The files of a library that an export takes along: those that cannot be made again from its rows."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mindseye.indexer.backup.manifest import FOLDERS
from mindseye.indexer.database import below
from mindseye.indexer.files import path_of
from mindseye.indexer.models import Content, Imagined, Item

_UNFINISHED = re.compile(r"\..*|tmp[0-9a-f]{32}.*")  # names that files have while they are written


@dataclass(frozen=True)
class Files:
    """What is taken along.

    paths: of the files, each once; moved: the URI of an imagined picture by item id, where its row still names the
    place that the library's folder had before; lost: why a picture that a row names is not among them, by its path.
    """

    paths: list[Path]
    moved: dict[int, str] = field(default_factory=dict)
    lost: dict[Path, str] = field(default_factory=dict)


def files(session: Session, root: Path) -> Files:
    """Return the imagined pictures that rows name, then the user's own spaces and trained ways of imagining."""
    imagined, *others = (root / name for name in FOLDERS)
    found, taken = Files([]), set()
    for row in _pictures(session, imagined):
        path, own = path_of(row.uri), imagined / f"{row.name}.png"
        if row.here and os.path.isfile(path):  # noqa: PTH113 - never raises
            taken.add(path)
        elif row.name and _holds(own, row.sha256):
            taken.add(own)
            if not _is_named(session, own):
                found.moved[row.id] = own.as_uri()
        elif row.state == "present":
            trouble = "is gone" if row.here else f"lies outside {imagined}"
            found.lost[path] = f"{trouble}; its rows are exported without it"
    found.paths.extend([*sorted(taken), *(path for folder in others for path in _finished(folder))])
    return found


def _pictures(session: Session, folder: Path) -> Sequence[Any]:
    """Return the items that lie in the folder or were imagined: `id`, `uri`, `state`, `here`, `name` if imagined …"""
    here = below(Item.uri, folder.as_uri()).label("here")
    query = (
        select(Item.id, Item.uri, Item.state, here, Imagined.id.label("name"), Content.sha256)
        .join(Content, Content.id == Item.content_id)
        .outerjoin(Imagined, Imagined.item_id == Item.id)
        .where(here | Imagined.id.is_not(None))
        .order_by(Item.uri, Item.id)
    )
    return session.execute(query).all()


def _holds(path: Path, sha256: str) -> bool:
    """Return whether a file is there and has that hash."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _is_named(session: Session, path: Path) -> bool:
    return session.scalar(select(Item.id).where(Item.uri == path.as_uri()).limit(1)) is not None


def _finished(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(map(_UNFINISHED.fullmatch, path.relative_to(folder).parts))
        if not hidden and os.path.isfile(path):  # noqa: PTH113 - never raises
            yield path
