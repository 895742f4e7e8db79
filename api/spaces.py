"""Named spaces: `pocket` and `glove` are made when they are first used, the user's own live with the library."""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock
from safetensors import SafetensorError

from mindseye.api.progress import Progress
from mindseye.engine import pocket, swift
from mindseye.engine.errors import MindseyeError, NotFoundError, SpaceMismatchError, UsageError
from mindseye.engine.kept import load_or_fit
from mindseye.engine.space import JointSpace
from mindseye.engine.text.glove import glove
from mindseye.engine.text.vector_encoders import VectorEncoder, load_vectors
from mindseye.engine.vector_space import fit_vectors

GLOVE = "glove"
BUILT_IN = (pocket.NAME, swift.NAME, GLOVE)
MADE = "made.json"  # of what, and how: beside the space, for people
_BEFORE = ".before.tmp"  # ends the name that a space has while another takes its place
_NAME = re.compile(r"[\w][\w.-]{0,63}")


def open_space(name: str, library: Path, cache: Path, progress: Progress | None = None) -> JointSpace:
    """Return a space by name. Raises NotFoundError for an unknown one, MindseyeError for one that cannot be used."""
    if name == pocket.NAME:
        return pocket.load_pocket(cache, progress)
    if name == GLOVE:
        return _open_glove(cache, progress)
    if name == swift.NAME:
        return swift.load_swift(cache, progress)
    with _in_place(library):  # its files are of one saving
        return _load(_own(name, library), cache)


def space_folder(name: str, library: Path) -> Path:
    """Return the folder of a user's own space. Raises UsageError for a name that is taken or no file's name."""
    if not _NAME.fullmatch(name) or name in BUILT_IN:
        trouble = "is built in" if name in BUILT_IN else "cannot be a space's name"
        raise UsageError(f"{name!r} {trouble}", "choose another --name, of letters, digits, dots and dashes")
    return library / "spaces" / name


def kept_in(name: str, library: Path, cache: Path) -> Path:
    """Return the folder that a space is kept in, built in or the user's.

    Raises UsageError as `space_folder`, NotFoundError for one that was never made.
    """
    if name in BUILT_IN:
        return pocket.folder(cache) / (name if name != pocket.NAME else "")
    with _in_place(library):
        return _own(name, library)


def own_spaces(library: Path) -> list[str]:
    """Return the names of the user's own spaces, sorted."""
    with _in_place(library):
        return _names(library)


def save_space(space: JointSpace, name: str, library: Path, made: Mapping[str, Any] | None = None) -> Path:
    """Save a space under a name and return its folder; one of that name before stays until this one is whole.

    made: what it is made of, for people to read. Raises OSError or MindseyeError when the disk is full, say.
    """
    home = space_folder(name, library)
    space.traits = replace(space.traits, name=name)
    fresh = home.with_name(f".{name}.{secrets.token_hex(4)}.tmp")
    try:
        _save_vectors(space, fresh)
        (fresh / MADE).write_text(json.dumps(made or {}, indent=2), encoding="utf-8")
        space.save(fresh)
        with _in_place(library):
            _exchange(fresh, home)
    except SafetensorError as error:
        what = f"the space {name!r} cannot be written to {home.parent} ({error})"
        raise MindseyeError(what, "make room on the disk, or choose another --library") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return home


def made_of(name: str, library: Path, cache: Path) -> dict[str, Any]:
    """Return what a space was made of, as it was saved with it; nothing where that was never told."""
    home = kept_in(name, library, cache)
    try:
        with _in_place(library):
            told = json.loads((home / MADE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


@contextmanager
def _in_place(library: Path) -> Iterator[None]:
    """Hold off other processes that put a space in the place of another, and mend what a killed one left."""
    folder = library / "spaces"
    if not folder.is_dir() or not os.access(library, os.W_OK):  # nobody puts anything in place
        yield
        return
    with FileLock(folder.with_suffix(".lock")):
        for before in folder.glob(f".*{_BEFORE}"):
            _put_back(before)
        yield


def _exchange(fresh: Path, home: Path) -> None:
    """Put a folder in another's place; `fresh` becomes what was there before. A kill in between loses neither."""
    if not home.exists():
        fresh.rename(home)
        return
    before = home.with_name(f".{home.name}{_BEFORE}")
    home.rename(before)
    try:
        fresh.rename(home)
    except OSError:
        before.rename(home)
        raise
    before.rename(fresh)


def _put_back(before: Path) -> None:
    """Let a space that was to be replaced be there again, unless its successor is."""
    home = before.with_name(before.name.removeprefix(".").removesuffix(_BEFORE))
    if home.exists():
        shutil.rmtree(before, ignore_errors=True)
    else:
        before.rename(home)


def _save_vectors(space: JointSpace, home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    if isinstance(space.text, VectorEncoder):
        space.text.save(home)


def _own(name: str, library: Path) -> Path:
    home = space_folder(name, library)
    if not (home / "space.json").is_file():
        known = ", ".join((*BUILT_IN, *_names(library)))
        hint = f"spaces are {known}; `mindseye space fit --name` or `mindseye text train` makes one"
        raise NotFoundError(f"there is no space {name!r}", hint)
    return home


def _names(library: Path) -> list[str]:
    return sorted(path.parent.name for path in (library / "spaces").glob("[!.]*/space.json"))


def _load(home: Path, cache: Path) -> JointSpace:
    text, picture, lexicon = pocket.encoders(cache)
    try:
        vectors = None if _defined(home) else load_vectors(home)
    except Exception as error:  # whatever damaged arrays lead to
        raise MindseyeError(f"no usable space in {home} ({error})", "fit it again with `mindseye space fit`") from error
    space = JointSpace.load(home, vectors or text, picture, lexicon)
    space.traits = replace(space.traits, name=home.name)  # its folder may have been renamed or copied
    current = pocket.encoder_in_use(cache)
    if space.encoder != current:
        what = f"the space in {home} is of encoder {space.encoder}, pictures are encoded by {current} now"
        raise SpaceMismatchError(what, "fit it again with `mindseye space fit`")
    return space


def _defined(home: Path) -> bool:
    return bool(json.loads((home / "space.json").read_text(encoding="utf-8"))["traits"]["defined"])


def _open_glove(cache: Path, progress: Progress | None) -> JointSpace:
    home = kept_in(GLOVE, Path(), cache)

    def fit() -> JointSpace:
        space = fit_vectors(pocket.load_pocket(cache, progress), glove(), GLOVE)
        _save_vectors(space, home)
        return space

    return load_or_fit(home, lambda: _load(home, cache), fit)
