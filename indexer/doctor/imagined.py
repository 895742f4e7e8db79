"""Imagined pictures: every row its file, every file its row, and the bytes those that were written."""

import hashlib
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.vision.pictures import read_picture
from mindseye.indexer.doctor.case import IMAGINED, Case
from mindseye.indexer.doctor.finding import Finding
from mindseye.indexer.doctor.leftovers import ASIDE, is_old, set_aside
from mindseye.indexer.files import path_of
from mindseye.indexer.imagined import ID_LENGTH
from mindseye.indexer.models import Content, Imagined, Item, Run

_ID = re.compile(f"[0-9a-f]{{{ID_LENGTH}}}")
_AGAIN = "it is imagined anew when it is asked for"


@dataclass(frozen=True)
class _Row:
    """An imagined picture as the database knows it."""

    id: str
    item_id: int
    path: Path
    state: str
    sha256: str


def examine(case: Case) -> list[Finding]:
    """Return which imagined pictures and files do not go together.

    A file is written first, its row after, so the folder is listed before the rows are read; while a command
    imagines, young files are left to it.
    """
    folder = case.root / IMAGINED
    files = sorted(folder.glob("*.png"))
    with case.database.read() as session:
        rows = _rows(session)
        imagining = session.scalar(select(Run.id).where(Run.kind == "imagine", Run.ended.is_(None)).limit(1))
    known = {row.id for row in rows}
    found = [_row_finding(case, row) for row in rows if row.state == "present"]
    found += [_orphan(case, path) for path in files if path.stem not in known and _is_ours(path)]
    case.tell(len(files))
    return [each for each, path in filter(None, found) if imagining is None or is_old(path) or not path.exists()]


def _rows(session: Session) -> list[_Row]:
    query = (
        select(Imagined.id, Item.id, Item.uri, Item.state, Content.sha256)
        .join(Item, Item.id == Imagined.item_id)
        .join(Content, Content.id == Item.content_id)
        .order_by(Item.id)
    )
    return [_Row(id_, item, path_of(uri), state, sha256) for id_, item, uri, state, sha256 in session.execute(query)]


def _row_finding(case: Case, row: _Row) -> tuple[Finding, Path] | None:
    sha256 = _sha256(row.path)
    if sha256 == row.sha256:
        return None
    subject, here = (str(row.path),), _place(case, row)
    if here != row.path and _sha256(here) == row.sha256:
        what, hint = "an imagined picture has moved with its library", f"`--repair` writes down that it is {here}"
        return Finding("imagined_moved", what, hint, subject, partial(_move, case, row, here)), here
    if sha256 is None:
        what, hint = "an imagined picture's file is not there", f"`--repair` marks it as missing: {_AGAIN}"
        return Finding("imagined_missing", what, hint, subject, partial(_lose, case, row)), row.path
    moves = f"moves the file to {case.root / ASIDE} and " if here == row.path else ""  # else it is not this library's
    hint = f"`--repair` {moves}marks the picture as missing: {_AGAIN}"
    what = "an imagined picture's file is not the one that was written"
    return Finding("imagined_changed", what, hint, subject, partial(_lose, case, row)), row.path


def _orphan(case: Case, path: Path) -> tuple[Finding, Path]:
    hint = f"`--repair` moves it to {case.root / ASIDE}; how it came to be is not known any more"
    what = "an imagined picture is in no row of the database"
    return Finding("imagined_orphan", what, hint, (str(path),), partial(set_aside, case.root, path)), path


def _is_ours(path: Path) -> bool:
    """Return whether a file is named and marked as one that imagining has written, so nobody's own."""
    if not _ID.fullmatch(path.stem):
        return False
    try:
        mark = read_picture(path.read_bytes(), path.name).synthetic
    except (OSError, UnreadableFileError):
        return False
    return mark is not None and mark["provenance"] == path.stem


def _place(case: Case, row: _Row) -> Path:
    """Return where a picture is written in this library; its row may name the place that it had in another."""
    return case.root / IMAGINED / f"{Path(row.id).name}.png"


def _sha256(path: Path) -> str | None:
    """Return the hash of a file, None when it is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
    except OSError:
        return ""  # what cannot be read has changed


def _move(case: Case, row: _Row, here: Path) -> None:
    """Write down where a picture is; if its collection has been indexed anew there, that item is the picture's now."""
    run_id = case.run_id
    with case.database.write() as session:
        own = select(Item.collection_id).where(Item.id == row.item_id).scalar_subquery()
        found = session.scalar(select(Item.id).where(Item.uri == here.as_uri(), Item.collection_id == own))
        if found is None:
            session.execute(update(Item).where(Item.id == row.item_id).values(uri=here.as_uri()))
        else:
            session.execute(update(Imagined).where(Imagined.item_id == row.item_id).values(item_id=found))
            case.lose(session, [row.item_id], run_id)


def _lose(case: Case, row: _Row) -> None:
    """Mark a picture as missing; a file in its place goes out of the way first, so that nothing overwrites it."""
    run_id = case.run_id
    set_aside(case.root, _place(case, row))
    with case.database.write() as session:
        case.lose(session, [row.item_id], run_id)
