"""A sound library with a bit of everything, to be damaged and put back."""

import shutil
from pathlib import Path

import numpy as np

from mindseye.indexer import doctor
from mindseye.indexer.library import Library
from mindseye.indexer.thumbnails import thumbnail_path
from tests.indexer.processes import answers, ask
from tests.indexer.test_imagined import imagine
from tests.pictures import paint, painting
from tests.tiny_space import TinySpace


class Sound:
    """A library with a bit of everything; `fresh` puts it back as it was, at the same place."""

    def __init__(self, folder: Path) -> None:
        self.root, self.photos, self._copy = folder / "library", folder / "photos", folder / "copy"
        for seed in range(40):
            paint(self.photos / f"{seed}.png", seed)
        with Library.open(self.root, TinySpace()) as library:
            library.index([self.photos])
            paint(self.photos / "tail.png", 100)
            library.index([self.photos])  # one change is too few to publish
            library.remove(["7.png"])
            self.imagined = [imagine(library, seed=90).path]
            bank = np.random.default_rng(1).normal(size=(6, library.space.width)).astype(np.float32)
            library.background(bank, "bank")
            self.answers = answers(library)
        for sha256, seed in ((content(self.root, "3.png"), 3), (content(self.root, "4.png"), 4)):
            path = thumbnail_path(self.root, sha256)
            path.parent.mkdir(parents=True, exist_ok=True)
            painting(seed, 64).save(path)
        shutil.copytree(self.root, self._copy)

    def fresh(self) -> None:
        shutil.rmtree(self.root)
        shutil.copytree(self._copy, self.root)


def content(root: Path, name: str) -> str:
    """Return the hash of an item's content."""
    query = "SELECT sha256 FROM content JOIN item ON content.id = content_id WHERE uri LIKE ?"
    return ask(root, query, f"%/{name}")[0][0]


def index_again(sound: Sound) -> None:
    """Bring back what a repair marked as missing; what was removed comes with it, and goes again."""
    with Library.open(sound.root, TinySpace()) as library:
        library.index([sound.photos])
        library.remove(["7.png"])


def assert_mended(sound: Sound) -> None:
    """Require a sound library with the answers that it gave before, nothing having been encoded."""
    space = TinySpace()
    assert doctor.examine(sound.root, space) == []
    with Library.open(sound.root, space, create=False) as library:
        assert answers(library) == sound.answers
    assert doctor.examine(sound.root, space) == []
    assert space.encoded == 0
