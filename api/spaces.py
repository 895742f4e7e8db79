"""Named spaces: `pocket` and `glove` are made when they are first used, the user's own live with the library."""

import json
import re
from dataclasses import replace
from pathlib import Path

from mindseye.api.progress import Progress
from mindseye.engine import pocket, swift
from mindseye.engine.errors import MindseyeError, NotFoundError, SpaceMismatchError, UsageError
from mindseye.engine.kept import load_or_fit
from mindseye.engine.space import JointSpace
from mindseye.engine.text.glove import glove
from mindseye.engine.text.word_vectors import WordVectors
from mindseye.engine.vector_space import fit_vectors

GLOVE = "glove"
BUILT_IN = (pocket.NAME, swift.NAME, GLOVE)
_NAME = re.compile(r"[\w][\w.-]{0,63}")


def open_space(name: str, library: Path, cache: Path, progress: Progress | None = None) -> JointSpace:
    """Return a space by name. Raises NotFoundError for an unknown one, MindseyeError for one that cannot be used."""
    if name == pocket.NAME:
        return pocket.load_pocket(cache, progress)
    if name == GLOVE:
        return _open_glove(cache, progress)
    if name == swift.NAME:
        return swift.load_swift(cache, progress)
    home = space_folder(name, library)
    if not (home / "space.json").is_file():
        known = ", ".join((*BUILT_IN, *own_spaces(library)))
        raise NotFoundError(f"there is no space {name!r}", f"spaces are {known}; `mindseye space fit --name` makes one")
    return _load(home, cache)


def space_folder(name: str, library: Path) -> Path:
    """Return the folder of a user's own space. Raises UsageError for a name that is taken or no file's name."""
    if not _NAME.fullmatch(name) or name in BUILT_IN:
        trouble = "is built in" if name in BUILT_IN else "cannot be a space's name"
        raise UsageError(f"{name!r} {trouble}", "choose another --name, of letters, digits, dots and dashes")
    return library / "spaces" / name


def kept_in(name: str, library: Path, cache: Path) -> Path:
    """Return the folder that a space is kept in, built in or the user's. Raises UsageError as `space_folder`."""
    if name in BUILT_IN:
        return pocket.folder(cache) / (name if name != pocket.NAME else "")
    return space_folder(name, library)


def own_spaces(library: Path) -> list[str]:
    """Return the names of the user's own spaces, sorted."""
    return sorted(path.parent.name for path in (library / "spaces").glob("*/space.json"))


def save_space(space: JointSpace, name: str, library: Path) -> Path:
    """Save a space under a name, in place of any before, and return its folder."""
    home = space_folder(name, library)
    space.traits = replace(space.traits, name=name)
    _save_words(space, home)
    space.save(home)
    return home


def _save_words(space: JointSpace, home: Path) -> None:
    if isinstance(space.text, WordVectors):
        space.text.save(home)


def _load(home: Path, cache: Path) -> JointSpace:
    text, picture, lexicon = pocket.encoders(cache)
    try:
        vectors = None if _defined(home) else WordVectors.load(home)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MindseyeError(f"no usable space in {home} ({error})", "fit it again with `mindseye space fit`") from error
    space = JointSpace.load(home, vectors or text, picture, lexicon)
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
        _save_words(space, home)
        return space

    return load_or_fit(home, lambda: _load(home, cache), fit)
