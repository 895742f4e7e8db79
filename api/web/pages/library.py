"""The library: its collections, folders to index, work under way, what was skipped, and what was done."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from mindseye.api.service.roots import Roots
from mindseye.api.service.service import Served
from mindseye.api.service.upkeep import INDEX, WORDS, start_indexing
from mindseye.api.web.page_routes import PageRoute
from mindseye.api.web.pages.imagine import shown
from mindseye.api.web.rendering import page
from mindseye.api.web.wording import file_name
from mindseye.engine.errors import UsageError
from mindseye.indexer.browsing import latest_runs
from mindseye.indexer.files import path_of
from mindseye.indexer.records import Run
from mindseye.indexer.sources import SUFFIXES

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_SEE_OTHER = 303
_MOST = 500  # folders shown of one
_MOST_WORDS = 3  # named of a run


@dataclass(frozen=True)
class Folder:
    """A folder to choose: its path, those above it inside of its root, those in it, and how many files may be taken.

    Pages name it by its URI, which can be sent whatever bytes the name has.
    """

    path: Path
    above: tuple[Path, ...]
    below: tuple[Path, ...]
    files: int


@dataclass(frozen=True)
class Done:
    """Runs one after another that did the same, and the same came of them; run: the newest of them."""

    run: Run
    about: str
    times: int


@router.get("/library")
def library(request: Request, service: Served) -> Response:
    """Show what the library holds and what can be added."""
    eye, jobs = service.eye, service.jobs.all()
    collections = eye.collections()
    return page(
        request,
        "library.html.j2",
        collections=collections,
        roots=service.roots.folders,
        folder=_only(service.roots),
        jobs=[each for each in jobs if each.kind == INDEX and not each.has_ended],
        skipped=eye.skipped(),
        runs=folded(latest_runs(service.library)),
        has_words=any(each.name == WORDS for each in collections),
    )


@router.get("/library/folders")
def folders(request: Request, service: Served, path: str = "") -> Response:
    """Show a folder's folders to choose from; path: of it, or its URI; without one the roots."""
    found = _folder(service.roots, _named(path)) if path else _only(service.roots)
    return page(request, "folders.html.j2", roots=service.roots.folders, folder=found)


@router.post("/library/index")
def index(
    request: Request,
    service: Served,
    path: Annotated[str, Form()] = "",
    collection: Annotated[str, Form(max_length=200)] = "",
    labels: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Begin to index a folder; path: of it, or its URI."""
    if not path:
        raise UsageError("no folder is chosen", "choose one of those that are listed")
    words = [each.strip() for each in labels.split(",") if each.strip()]
    folder = _named(path)
    name = collection.strip() or file_name(path) or "default"
    return shown(request, start_indexing(service, folder, name, words or None))


@router.post("/library/words")
def index_words(request: Request, service: Served) -> Response:
    """Begin to add the common words."""
    return shown(request, start_indexing(service, None, WORDS))


@router.post("/library/remove")
def remove(service: Served, collection: Annotated[str, Form()]) -> Response:
    """Take a collection out of the library; files stay."""
    service.eye.remove(collection=collection)
    return RedirectResponse("/library", _SEE_OTHER)


def folded(runs: Sequence[Run]) -> list[Done]:
    """Return runs as they are listed: those of one kind about the same, with the same outcome, as one."""
    alike = [
        list(each) for _, each in groupby(runs, lambda run: (run.kind, _about(run), run.counts, run.ended is None))
    ]
    return [Done(each[0], _about(each[0]), len(each)) for each in alike]


def _about(run: Run) -> str:
    """Say what a run was about: the words that were imagined, the collection that others wrote into."""
    words = run.settings.get("words", [])
    said = ", ".join(words[:_MOST_WORDS]) + (f" and {len(words) - _MOST_WORDS} more" if words[_MOST_WORDS:] else "")
    return said or (f"into {run.settings['collection']}" if run.settings.get("collection") else "")


def _named(path: str) -> str:
    return str(path_of(path)) if path.startswith("file://") else path


def _only(roots: Roots) -> Folder | None:
    return _folder(roots, str(roots.folders[0])) if len(roots.folders) == 1 else None


def _folder(roots: Roots, path: str) -> Folder:
    """Return a folder inside of a root. Raises OutsideError and UsageError as `Roots.to_index`."""
    chosen = roots.to_index(path)
    if not chosen.is_dir():
        raise UsageError(f"{chosen.name!r} is no folder", "choose a folder")
    root = max((each for each in roots.folders if chosen.is_relative_to(each)), key=lambda each: len(each.parts))
    above = [each for each in reversed(chosen.parents) if each.is_relative_to(root)]
    below, files = [], 0
    try:
        with os.scandir(chosen) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    below.append(Path(entry.path))
                files += Path(entry.name).suffix.lower() in SUFFIXES
    except OSError as error:
        raise UsageError(f"cannot list {chosen.name} ({error.strerror})", "choose another folder") from error
    return Folder(chosen, tuple(above), tuple(sorted(below)[:_MOST]), files)
