"""Thumbnails: small pictures named by the content that they show, made when they are first asked for."""

import re
from functools import partial
from pathlib import Path

from sqlalchemy import select

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.vision.pictures import read_picture
from mindseye.indexer.doctor.case import Case
from mindseye.indexer.doctor.finding import Finding
from mindseye.indexer.doctor.leftovers import delete
from mindseye.indexer.models import Content
from mindseye.indexer.thumbnails import FOLDER, thumbnail_path

_NAME = re.compile(r"[0-9a-f]{64}\.jpg")
_HINT = "`--repair` deletes them; they come back when they are asked for"


def examine(case: Case) -> list[Finding]:
    """Return which thumbnails cannot be shown or show no known content; files of other names are nobody's business.

    A content's row is written before its thumbnail, so the folder is listed before the rows are read.
    """
    files = [path for path in sorted((case.root / FOLDER).glob("??/*.jpg")) if _NAME.fullmatch(path.name)]
    with case.database.read() as session:
        known = set(session.scalars(select(Content.sha256))) if files else set()
    strange = [path for path in files if path.stem not in known or path != thumbnail_path(case.root, path.stem)]
    damaged = [path for path in files if path not in set(strange) and not _can_be_shown(case, path)]
    told = (
        ("thumbnail_orphan", "{} thumbnails show no content of the library", strange),
        ("thumbnail_damaged", "{} thumbnails cannot be read", damaged),
    )
    return [
        Finding(code, what.format(len(paths)), _HINT, tuple(map(str, paths)), partial(delete, paths))
        for code, what, paths in told
        if paths
    ]


def _can_be_shown(case: Case, path: Path) -> bool:
    case.tell(1)
    try:
        read_picture(path.read_bytes(), path.name)
    except UnreadableFileError:
        return False
    except OSError:
        return not path.exists()  # another command may delete one
    return True
