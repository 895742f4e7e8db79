"""What killed commands leave behind, and where a repair puts what may be someone's."""

import re
import secrets
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from mindseye.indexer.background import background_file
from mindseye.indexer.doctor.finding import Finding
from mindseye.indexer.files import TEMPORARY
from mindseye.indexer.index.manifest import index_folder
from mindseye.indexer.items import MODALITIES

ASIDE = "set-aside"  # a folder of the library; nothing looks into it
_OF_AN_INDEX = re.compile(r"manifest\.json|index-\d+\.faiss|\..*\.tmp")
YOUNG = 60.0  # seconds in which a file may still be being written, or its row still be waiting for the database


def examine(folders: Iterable[Path]) -> list[Finding]:
    """Return the temporary files in `folders` that no command can be writing any more."""
    found = [path for folder in folders for path in sorted(folder.glob(f".*{TEMPORARY}")) if is_old(path)]
    names, what = tuple(map(str, found)), f"{len(found)} temporary files of killed commands are left"
    return [Finding("leftover", what, "`--repair` deletes them", names, partial(delete, found))] if found else []


def strays(root: Path) -> list[Finding]:
    """Return the caches of unknown modalities: files, and folders that hold nothing else than an index."""
    kept = {path for each in MODALITIES for path in (index_folder(root, each), background_file(root, each))}
    folders = [path for path in root.glob("index-*/") if path not in kept and all(map(_is_of_an_index, path.iterdir()))]
    files = [path for path in root.glob("background-*.npz") if path not in kept]
    found = sorted([*folders, *files])
    names, what = tuple(map(str, found)), f"{len(found)} indexes or backgrounds are of an unknown modality"
    hint, mend = "`--repair` deletes them", partial(_delete_caches, found)
    return [Finding("cache_stray", what, hint, names, mend)] if found else []


def _is_of_an_index(path: Path) -> bool:
    return path.is_file() and bool(_OF_AN_INDEX.fullmatch(path.name))


def _delete_caches(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            delete(path.iterdir())
            path.rmdir()
            path.with_suffix(".lock").unlink(missing_ok=True)
        else:
            path.unlink(missing_ok=True)


def is_old(path: Path) -> bool:
    """Return whether a file was written long ago; one that is gone was not."""
    try:
        return time.time() - path.stat().st_mtime > YOUNG
    except OSError:
        return False


def delete(paths: Iterable[Path]) -> None:
    """Delete files that come back by themselves or are of no use."""
    for path in paths:
        path.unlink(missing_ok=True)


def set_aside(root: Path, path: Path) -> None:
    """Move a file out of the library's way, under a name that overwrites nothing."""
    (root / ASIDE).mkdir(exist_ok=True)
    if path.exists():
        path.rename(root / ASIDE / f"{path.stem}-{secrets.token_hex(4)}{path.suffix}")
