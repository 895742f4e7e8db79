"""Truth and repair: a library's database, index, pictures and caches compared, and mended from the database.

Nothing here opens a `Library`, which would silently derive a bad index again before it could be seen. The database
is read in snapshots, files that others may be writing are read before the rows that they need, and every repair is
one transaction or one file, so that other commands may run meanwhile and a killed repair can be repeated.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from mindseye.engine.errors import MindseyeError
from mindseye.indexer.batches import Progress
from mindseye.indexer.database import FILE, open_folder
from mindseye.indexer.doctor import (
    background,
    facts,
    imagined,
    index,
    leftovers,
    sqlite,
    studies,
    texts,
    thumbnails,
    tiles,
    vectors,
)
from mindseye.indexer.doctor.case import IMAGINED, Case
from mindseye.indexer.doctor.finding import Finding, Repair
from mindseye.indexer.items import MODALITIES
from mindseye.indexer.space import Space
from mindseye.indexer.studies.pictures import FOLDER as STUDIES
from mindseye.indexer.thumbnails import FOLDER

ROUNDS = 3  # one repair may uncover another: a database that can be read again shows its rows

log = logging.getLogger(__name__)


def examine(root: Path, space: Space, progress: Progress | None = None) -> list[Finding]:
    """Return all that is not as it should be in the library at `root`, nothing when it is sound.

    space: the one it is used in; progress(done, total) counts vectors and files. Only tables of an older Mindseye
    are changed: they are brought up to date, as by any command. Raises NotFoundError when there is no library,
    LibraryError when it cannot be read for another reason than damage.
    """
    with _examination(root, space, progress, "") as findings:
        return findings


def repair(root: Path, space: Space, progress: Progress | None = None, command: str = "") -> Repair:
    """Mend all that can be mended in the library at `root`; nothing is encoded.

    command: what to write into the run. Raises as `examine` does.
    """
    found: dict[tuple[str, tuple[str, ...]], Finding] = {}
    for _ in range(ROUNDS):
        with _examination(root, space, progress, command) as left:
            if not _mend(left):
                break
            found.update(((each.code, each.subjects), each) for each in left)
    else:
        left = examine(root, space, progress)
    still = {(each.code, each.subjects) for each in left}
    return Repair(tuple(each for key, each in found.items() if key not in still), tuple(left))


def _mend(findings: Sequence[Finding]) -> bool:
    """Mend what can be mended and return whether anything was."""
    done = False
    for mend in dict.fromkeys(each.mend for each in findings if each.mend):
        try:
            mend()
            done = True
        except (MindseyeError, OSError) as error:
            log.warning("%s", error)
    return done


@contextmanager
def _examination(root: Path, space: Space, progress: Progress | None, command: str) -> Iterator[list[Finding]]:
    """Yield what is found, to be mended within the block."""
    tell = progress or (lambda done, total: None)
    path = Path(os.path.realpath(root)) / FILE
    findings = sqlite.examine(path, partial(tell, 0, 0)) if path.is_file() else []
    if findings:
        yield findings
        return
    database = open_folder(root, create=False)
    try:
        case = Case(database, space, tell, command)
        yield _compared(case)
        case.finish()
    finally:
        database.close()


def _compared(case: Case) -> list[Finding]:
    found, suspects = vectors.examine(case)
    temporary = [case.root, case.root / IMAGINED, case.root / STUDIES, *(case.root / FOLDER).glob("??")]
    return [
        *facts.examine(case),
        *texts.examine(case),
        *found,
        *(finding for modality in MODALITIES for finding in index.examine(case, suspects, modality)),
        *imagined.examine(case),
        *studies.examine(case),
        *thumbnails.examine(case),
        *tiles.examine(case),
        *(finding for modality in MODALITIES for finding in background.examine(case, modality)),
        *leftovers.strays(case.root),
        *leftovers.examine(temporary),
    ]
