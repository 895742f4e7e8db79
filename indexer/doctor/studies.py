"""Pictures of studies: every trial its files, every file its trial, and the bytes those that raters saw."""

import hashlib
from functools import partial
from pathlib import Path

from mindseye.indexer.doctor.case import Case
from mindseye.indexer.doctor.finding import Finding
from mindseye.indexer.doctor.leftovers import is_old, set_aside
from mindseye.indexer.studies.pictures import FOLDER, kept_path
from mindseye.indexer.studies.rows import files

_HINT = "restore it from a copy of the library; answers are kept, but raters who come now do not see it"


def examine(case: Case) -> list[Finding]:
    """Return which studies lack pictures, and which pictures no study needs.

    A file is written first, its row after, so the folder is listed before the rows are read, and young files are left.
    """
    listed = sorted((case.root / FOLDER).glob("*.png"))
    with case.database.read() as session:
        needed = files(session)
    found = [_lost(kept_path(case.root, file), studies) for file, studies in needed.items() if not _holds(case, file)]
    strays = [path for path in listed if path.stem not in needed and is_old(path)]
    return found + [_stray(case, path) for path in strays]


def _holds(case: Case, file: str) -> bool:
    try:
        return hashlib.sha256(kept_path(case.root, file).read_bytes()).hexdigest() == file
    except OSError:
        return False


def _lost(path: Path, studies: list[str]) -> Finding:
    what = f"a picture of the study {', '.join(studies)} is gone or not the one that raters saw"
    return Finding("study_picture", what, _HINT, (str(path),))


def _stray(case: Case, path: Path) -> Finding:
    what, hint = "a picture is of no study", "`--repair` moves it to the set-aside folder"
    return Finding("study_stray", what, hint, (str(path),), partial(set_aside, case.root, path))
