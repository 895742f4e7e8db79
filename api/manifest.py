"""Manifests of named collections, read from the package's data folder."""

import importlib.util
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from mindseye.engine.errors import NotFoundError


@dataclass(frozen=True)
class ManifestPicture:
    """A picture that an installed package ships: where it lies, the word it shows, its licence and credit."""

    path: Path
    word: str
    licence: str
    credit: str


@dataclass(frozen=True)
class Manifest:
    """A named collection; shown and unseen: words to search that it has, and has not, a picture of."""

    name: str
    pictures: tuple[ManifestPicture, ...]
    shown: tuple[str, ...]
    unseen: tuple[str, ...]


def read_manifest(name: str) -> Manifest:
    """Return the manifest of that name. Raises NotFoundError when there is none or a package of it is missing."""
    source = files("mindseye.data") / f"{name}.toml"
    if not source.is_file():
        raise NotFoundError(f"no collection called {name!r} ships with Mindseye", "name folders to index")
    told = tomllib.loads(source.read_text(encoding="utf-8"))
    pictures = tuple(
        ManifestPicture(_folder(p["package"]) / p["file"], p["word"], p["licence"], p["credit"])
        for p in told["picture"]
    )
    return Manifest(name, pictures, tuple(told["search"]["shown"]), tuple(told["search"]["unseen"]))


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)  # finds the folder without importing the package
    if found is None or found.origin is None:
        raise NotFoundError(f"package {package}, which holds pictures of this collection, is not installed")
    return Path(found.origin).parent
