"""Several processes at once: they index, remove and search, and nothing is lost, doubled or answered wrongly."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mindseye.indexer.index.manifest import Manifest
from mindseye.indexer.library import Library
from tests.indexer.conftest import PICTURES
from tests.indexer.processes import (
    PATIENCE,
    answers,
    assert_same,
    finished,
    last_change,
    spawn,
    start,
    wait_until,
)
from tests.pictures import names, paint
from tests.tiny_space import TinySpace

CACHE_IS_IN_THE_WAY = re.compile(
    r"the index cannot be written to .*|the index file .* cannot be read .*; it is derived again"
)


@pytest.fixture(scope="module")
def own(hundreds: Path, tmp_path_factory) -> Path:
    """Pictures that the removing process alone indexes: twenty of its own, twenty copies."""
    folder = tmp_path_factory.mktemp("own")
    for seed in range(PICTURES, PICTURES + 20):
        paint(folder / f"{seed}.png", seed)
    for seed in range(0, PICTURES, 10):
        shutil.copy(hundreds / str(seed % 3) / f"{seed}.png", folder)
    return folder


@pytest.fixture(scope="module")
def alone(hundreds, own, tmp_path_factory):
    """The library of all those pictures that one process made."""
    with Library.open(tmp_path_factory.mktemp("alone") / "library", TinySpace()) as library:
        library.index([hundreds])
        library.index([own])
        yield library


def begin(root: Path, seconds: float, role: str, seed: int, *folders: Path) -> subprocess.Popen:
    return spawn([sys.executable, "-m", "tests.indexer.at_once", root, seconds, role, seed, *folders])


def begin_all(root: Path, seconds: float, hundreds: Path, own: Path) -> list[subprocess.Popen]:
    return [
        begin(root, seconds, "index", 1, hundreds / "0", hundreds / "1"),
        begin(root, seconds, "index", 2, hundreds / "1", hundreds / "2"),
        begin(root, seconds, "remove", 3, own),
        begin(root, seconds, "search", 4),
        begin(root, seconds, "open", 5),
    ]


def complaints(errors: str) -> list[str]:
    """Return what a process said on stderr, except that the index folder was taken away from it."""
    return [line for line in errors.splitlines() if not CACHE_IS_IN_THE_WAY.fullmatch(line)]


@pytest.mark.parametrize("seconds", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_two_index_one_removes_and_two_search(seconds, hundreds, own, alone, tmp_path):
    root = tmp_path / "library"
    told = [json.loads(finished(process)) for process in begin_all(root, seconds, hundreds, own)]
    assert last_change(root) > PICTURES + 20 + 15  # they undid one another's work
    assert max(each["generation"] for each in told) > 3
    with Library.open(root, TinySpace()) as library:
        library.index([hundreds, own])
        assert_same(library, alone)


@pytest.mark.slow
def test_a_reader_stays_right_while_others_publish(hundreds, own, alone, tmp_path):
    with Library.open(tmp_path / "library", TinySpace()) as reader:
        for folder, count in ((hundreds / "0", 67), (hundreds / "1", 134), (hundreds / "2", PICTURES)):
            before = reader.status().generation
            finished(start(reader.root, "index", folder))
            assert Manifest.read(reader.root / "index").generation > before
            assert len(names(reader)) == count
        published = Manifest.read(reader.root / "index").generation
        reader.index([own])
        assert Manifest.read(reader.root / "index").generation > published
        assert_same(reader, alone)


@pytest.mark.slow
def test_an_index_folder_deleted_again_and_again_while_it_is_used(hundreds, own, alone, tmp_path):
    root = tmp_path / "library"
    processes = [begin(root, 4, "index", 1, hundreds), begin(root, 4, "remove", 2, own), begin(root, 4, "search", 3)]
    wait_until((root / "index").exists)
    deleted = 0
    while any(process.poll() is None for process in processes):
        deleted += (root / "index").exists()
        shutil.rmtree(root / "index", ignore_errors=True)
        time.sleep(0.05)
    for process in processes:
        told, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors
        assert complaints(errors) == []
        assert json.loads(told)["rounds"] >= 3
    assert deleted > 3
    with Library.open(root, TinySpace()) as library:
        library.index([hundreds, own])
        assert_same(library, alone)
    with Library.open(root, TinySpace()) as again:
        assert answers(again) == answers(alone)


@pytest.mark.slow
def test_a_deleted_index_folder_lets_nobody_publish_beside_another(hundreds, tmp_path):
    """Of two who publish the same generation, the file of one would get the manifest of the other."""
    root, one, other = tmp_path / "library", tmp_path / "one", tmp_path / "other"
    folder = Path(shutil.copytree(hundreds / "0", tmp_path / "folder"))
    files = sorted(folder.iterdir())
    with Library.open(root, TinySpace()) as library:
        library.index([folder])
    shutil.rmtree(root / "index")  # so that opening it publishes the first generation
    first = start(root, "remove", *files[:10], hold=[("open", r"index-2\.faiss")], mark=one)
    wait_until(one.exists, first)
    shutil.rmtree(root / "index")
    for path in files[:20]:
        path.unlink()
    added = [paint(folder / f"{PICTURES + number}.png", PICTURES + number) for number in range(10)]  # as many rows
    hold = [("os.rename", r"index-2\.faiss"), ("open", r"manifest\.json")]
    second = start(root, "index", folder, hold=hold, mark=other)
    deadline = time.monotonic() + 5
    wait_until(lambda: other.exists() or time.monotonic() > deadline, second)
    one.unlink()
    assert complaints(first.communicate(timeout=PATIENCE)[1]) == []
    wait_until(lambda: other.exists() or second.poll() is not None)
    other.unlink(missing_ok=True)
    finished(second)
    with Library.open(root, TinySpace()) as library:
        assert names(library) == sorted(path.name for path in [*files[20:], *added])
