"""What many tests share: the real pocket space, built once, and real pictures."""

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mindseye.api.gis.earth.sources import Sources, write_sources
from mindseye.api.manifest import Manifest, read_manifest
from mindseye.api.mindseye import Mindseye
from mindseye.api.settings import Settings
from mindseye.engine.pocket import load_pocket
from mindseye.engine.space import JointSpace

SHARED = Path(os.environ.get("MINDSEYE_DATA") or Path(__file__).parents[1] / ".." / "shared" / "data")


@pytest.fixture(scope="session")
def cache() -> Path:
    """Where the pocket space is kept: the one that `make setup` built, when it did."""
    return Path(os.environ.get("MINDSEYE_CACHE") or Settings().cache)


@pytest.fixture(scope="session")
def pocket(cache: Path) -> JointSpace:
    return load_pocket(cache)


@pytest.fixture(scope="session")
def demo_manifest() -> Manifest:
    return read_manifest("demo")


@pytest.fixture(scope="session")
def demo_library(
    pocket: JointSpace, demo_manifest: Manifest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mindseye]:
    """The demo's photographs, indexed; tests leave it as it is."""
    with Mindseye(tmp_path_factory.mktemp("demo"), pocket, "pytest") as eye:
        eye.index([picture.path for picture in demo_manifest.pictures], "demo")
        yield eye


@pytest.fixture(scope="session")
def earth_sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """A small Earth, 50 tiles, with all its layers; tests leave it as it is."""
    return write_sources(tmp_path_factory.mktemp("earth"), coarser=9)


@pytest.fixture
def eye(pocket: JointSpace, tmp_path: Path) -> Iterator[Mindseye]:
    """An empty library in the pocket space."""
    with Mindseye(tmp_path / "library", pocket, "pytest") as opened:
        yield opened


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> "Unpacked":
    return Unpacked(tmp_path_factory.mktemp("shared"))


class Unpacked:
    """Evaluation data, unpacked outside the project once a session; tests skip where it is absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, name: str) -> Path:
        """Return a file of the evaluation data."""
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"evaluation data {name} is not here")
        return path

    def folder(self, name: str) -> Path:
        """Return the folder that `name`.tar, or the packed `name`.tar.gz, holds."""
        target = self._folder / name
        if not target.exists():
            packed = SHARED / f"{name}.tar.gz"
            with tarfile.open(packed if packed.exists() else self.file(f"{name}.tar")) as archive:
                archive.extractall(target, filter="data")
        return target
