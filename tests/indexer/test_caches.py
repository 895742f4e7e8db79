"""Whatever in a library is no database and no picture is a cache: deleted at any time, it comes back the same."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from mindseye.indexer.library import Library
from tests.indexer.processes import answers

TRUTH = {"library.db", "library.db-wal", "library.db-shm", "imagined"}
BANK = np.random.default_rng(0).normal(size=(20, 24)).astype(np.float32)


def everything(library: Library) -> tuple:
    thumbnails = [library.thumbnail(each).read_bytes() for each in range(1, 6)]
    tops = library.background(BANK, "bank")
    return answers(library), tops.tolist(), thumbnails, library.status().vectors


def caches(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if path.name not in TRUTH]


def delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def test_there_are_caches_of_every_kind(library, photos):
    library.index([photos])
    everything(library)
    assert {path.name for path in caches(library.root)} == {
        "background.npz", "index", "index.lock", "library.lock", "thumbnails",
    }  # fmt: skip


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
@pytest.mark.parametrize("name", ["background.npz", "index", "index.lock", "library.lock", "thumbnails", "all"])
def test_a_deleted_cache_comes_back(open_library, space, photos, name, closed):
    library = open_library(space)
    library.index([photos])
    before, encoded = everything(library), space.encoded
    if closed:
        library.close()
    for path in caches(library.root):
        if name in (path.name, "all"):
            delete(path)
    again = open_library(space) if closed else library
    assert everything(again) == before
    assert space.encoded == encoded
