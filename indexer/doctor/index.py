"""The index on disk: its manifest, its file, and its rows."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from mindseye.engine.errors import LibraryError
from mindseye.indexer import embeddings, meta
from mindseye.indexer.doctor.case import Case, Facts, vectors_named
from mindseye.indexer.doctor.finding import Finding
from mindseye.indexer.doctor.rows import compare
from mindseye.indexer.files import TEMPORARY
from mindseye.indexer.index import IdArray
from mindseye.indexer.index.cache import IndexCache
from mindseye.indexer.index.faiss import FaissIndex
from mindseye.indexer.index.manifest import NAME, Manifest, generations, index_folder, publish_lock
from mindseye.indexer.space import known

_ROWS = {
    "extra": "the index holds {} rows that the database does not",
    "missing": "the index lacks {} rows that the database has",
    "wrong": "{} rows of the index are not those that the stored vectors give",
}


class _UnfitError(Exception):
    """The index cannot be compared row by row; it holds the code and what is wrong."""


def examine(case: Case, suspects: IdArray, modality: str) -> Iterator[Finding]:
    """Yield what is wrong with the index of a modality; the rows of `suspects` are not looked at.

    What only lies behind the log is sound: the rest is its tail. No one publishes while the file is read, and the
    database is read after it.
    """
    folder = index_folder(case.root, modality)
    mend = partial(_derive, case, modality)
    anew = partial(Finding, hint="`--repair` derives it again from the stored vectors", mend=mend)
    try:
        manifest, index, leftovers = _published(folder)
        with case.database.read() as session:
            _check_manifest(case, session, manifest, modality)
            found = compare(case, session, index, manifest, suspects, modality)
    except _UnfitError as fault:
        if _is_expected(case, folder, modality):
            yield anew(*fault.args)
        return
    for kind, ids in found.items():
        if len(ids):
            yield anew(f"index_{kind}_rows", _ROWS[kind].format(len(ids)), subjects=vectors_named(ids))
    if leftovers:
        what = f"{len(leftovers)} files of killed commands lie beside the index"
        names = tuple(map(str, leftovers))
        yield Finding("index_leftover", what, "`--repair` deletes them", names, partial(_sweep, folder))


def _is_expected(case: Case, folder: Path, modality: str) -> bool:
    """Return whether there must be an index of this encoder: something was indexed, and by it.

    That of texts is only made when they are first searched.
    """
    with case.database.read() as session:
        ours = Facts.read(session, modality).encoder == known(case.space, modality).encoder
        return embeddings.last_change(session) > 0 and ours and (modality == "image" or folder.exists())


def _published(folder: Path) -> tuple[Manifest, FaissIndex, list[Path]]:
    """Return the published index and what else lies beside it."""
    if not folder.is_dir():
        raise _UnfitError("index_missing", "there is no index")
    with publish_lock(folder):
        manifest = Manifest.read(folder)
        if manifest is None:
            unreadable = (folder / NAME).exists()
            code, what = ("manifest_unreadable", "cannot be read") if unreadable else ("index_missing", "is not there")
            raise _UnfitError(code, f"{folder / NAME} {what}")
        return manifest, _load(folder, manifest), _leftovers(folder, manifest)


def _load(folder: Path, manifest: Manifest) -> FaissIndex:
    path, others = manifest.file(folder), generations(folder)
    if not path.exists() and others:
        there = f"generation {manifest.generation} of the index, on disk is {', '.join(map(str, sorted(others)))}"
        raise _UnfitError("index_stale", f"the manifest names {there}")
    if not path.exists():
        raise _UnfitError("index_missing", f"{path} is not there")
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != manifest.sha256:
            raise _UnfitError("index_damaged", f"{path} is not as it was written: cut short or changed")
    try:
        index = FaissIndex.load(path)
    except LibraryError as error:
        raise _UnfitError("index_damaged", error.what) from error
    if (len(index), index.width) != (manifest.count, manifest.width):
        told, held = f"{manifest.count} rows of {manifest.width} numbers", f"{len(index)} of {index.width}"
        raise _UnfitError("manifest_wrong", f"the manifest tells of {told}, the index file holds {held}")
    return index


def _leftovers(folder: Path, manifest: Manifest) -> list[Path]:
    others = [path for number, path in generations(folder).items() if number != manifest.generation]
    return sorted([*others, *folder.glob(f".*{TEMPORARY}")])


def _check_manifest(case: Case, session: Session, manifest: Manifest, modality: str) -> None:
    facts, last = Facts.read(session, modality), embeddings.last_change(session)
    if facts.encoder != known(case.space, modality).encoder:
        raise _UnfitError("index_foreign", "the space is of another encoder than the library")
    for name in ("library", "encoder"):  # another mapping's rows are derived anew by the next command that needs them
        if (theirs := getattr(manifest, name)) != (ours := getattr(facts, name)):
            raise _UnfitError("index_foreign", f"the index is of {name} {theirs}, the database of {name} {ours}")
    if manifest.mapping == case.space.mapping and manifest.width != case.space.width:
        raise _UnfitError("index_foreign", f"the index is {manifest.width} wide, the space {case.space.width}")
    if manifest.seq > last:
        raise _UnfitError("index_beyond_log", f"the index holds change {manifest.seq}, the log ends at {last}")


def _derive(case: Case, modality: str) -> None:
    """Derive and publish the index anew; killed on the way, the next command derives it.

    Raises SpaceMismatchError for a space of another encoder than the library's.
    """
    meta.introduce(case.database, case.space)
    folder = index_folder(case.root, modality)
    if folder.is_dir():
        with publish_lock(folder):
            if manifest := Manifest.read(folder):
                replace(manifest, library="").write(folder)  # fits none, and keeps count of generations
    with case.database.read() as session:
        library = Facts.read(session).library
    IndexCache(folder, case.database, library, case.space, modality)


def _sweep(folder: Path) -> None:
    with publish_lock(folder):
        if manifest := Manifest.read(folder):
            for path in _leftovers(folder, manifest):
                path.unlink(missing_ok=True)
