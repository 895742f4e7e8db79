from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mindseye.indexer.library import Library
from tests.indexer.sound import Sound
from tests.pictures import paint
from tests.tiny_space import TinySpace

PICTURES = 200  # in `hundreds`: seven batches


@pytest.fixture
def space() -> TinySpace:
    return TinySpace()


@pytest.fixture
def open_library(tmp_path: Path) -> Iterator[Callable[..., Library]]:
    """Open libraries, in tmp_path/library unless told otherwise, that are closed after the test."""
    opened: list[Library] = []

    def open_one(space: TinySpace, root: Path | None = None, **options: bool) -> Library:
        opened.append(Library.open(root or tmp_path / "library", space, **options))
        return opened[-1]

    yield open_one
    for library in opened:
        library.close()


@pytest.fixture
def library(open_library: Callable[..., Library], space: TinySpace) -> Library:
    return open_library(space)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of five different pictures, one of them deeper."""
    folder = tmp_path / "photos"
    for seed, name in enumerate(["ape.png", "bat.png", "cat.jpg", "dog.png", "more/eel.png"]):
        paint(folder / name, seed)
    return folder


@pytest.fixture(scope="session")
def hundreds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of PICTURES different pictures in three folders; tests leave it as it is."""
    folder = tmp_path_factory.mktemp("hundreds")
    for seed in range(PICTURES):
        paint(folder / str(seed % 3) / f"{seed}.png", seed)
    return folder


@pytest.fixture(scope="session")
def undisturbed(hundreds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The library of those pictures that nothing ever befell."""
    with Library.open(tmp_path_factory.mktemp("undisturbed") / "library", TinySpace()) as library:
        library.index([hundreds])
        yield library


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    return Sound(tmp_path_factory.mktemp("doctor"))


@pytest.fixture
def sound(built: Sound) -> Sound:
    """A sound library, as it was first made."""
    built.fresh()
    return built
