"""Several processes on one library, and processes that die."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from mindseye.indexer.library import Library
from tests.pictures import names, paint
from tests.tiny_space import TinySpace

ROOT = Path(__file__).parents[2]
PICTURES = 200


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    for seed in range(PICTURES):
        paint(folder / str(seed % 3) / f"{seed}.png", seed)
    return folder


@pytest.fixture(scope="module")
def undisturbed(many: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    with Library.open(tmp_path_factory.mktemp("undisturbed") / "library", TinySpace()) as library:
        library.index([many])
        yield library


def start(library: Path, seconds: float, *folders: Path) -> subprocess.Popen:
    script = [sys.executable, "-m", "tests.indexer.index_slowly", str(library), str(seconds)]
    return subprocess.Popen([*script, *map(str, folders)], cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True)


def stored(library: Path) -> int:
    """How many items another process has committed."""
    try:
        with closing(sqlite3.connect(library / "library.db", timeout=30)) as connection:
            return connection.execute("SELECT count(*) FROM item").fetchone()[0]
    except sqlite3.OperationalError:  # not made yet
        return 0


def wait_for(library: Path, items: int) -> None:
    deadline = time.monotonic() + 60
    while stored(library) < items:
        assert time.monotonic() < deadline, "nothing is being indexed"
        time.sleep(0.005)


def answers(library: Library) -> list[list[tuple]]:
    queries = np.random.default_rng(3).normal(size=(5, library.space.width)).astype(np.float32)
    found = [library.search(query[None], 20)[0] for query in queries]
    return [[(hit.uri, hit.also, hit.score) for hit in hits] for hits in found]


def rows(library: Library) -> list[tuple]:
    """Everything that must be the same whatever happened on the way."""
    with closing(sqlite3.connect(library.root / "library.db")) as connection:
        return connection.execute(
            "SELECT uri, origin, state, modified, sha256, size, width, height, encoder, vector FROM item"
            " JOIN content ON content.id = content_id JOIN embedding USING (content_id) ORDER BY uri"
        ).fetchall()


@pytest.mark.parametrize("batches", [1, 2, 4])
def test_a_killed_run_is_finished_by_the_next_as_if_nothing_had_been(batches, many, undisturbed, tmp_path):
    process = start(tmp_path / "library", 0.15, many)
    wait_for(tmp_path / "library", 32 * batches)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    half_done = stored(tmp_path / "library")
    assert 0 < half_done < PICTURES
    with Library.open(tmp_path / "library", TinySpace()) as library:
        assert library.status().last_run.ended is None
        report = library.index([many])
        assert (report.added, report.unchanged) == (PICTURES - half_done, half_done)
        assert library.space.encoded == PICTURES - half_done
        assert rows(library) == rows(undisturbed)
        assert answers(library) == answers(undisturbed)
        assert len(names(library)) == library.status().vectors == PICTURES


def test_two_processes_on_overlapping_folders_lose_and_double_nothing(many, undisturbed, tmp_path):
    folders = [many / "0", many / "1"], [many / "1", many / "2"]
    processes = [start(tmp_path / "library", 0.02, *each) for each in folders]
    errors = [process.communicate(timeout=120)[1].decode() for process in processes]
    assert errors == ["", ""]
    assert [process.returncode for process in processes] == [0, 0]
    with Library.open(tmp_path / "library", TinySpace()) as library:
        assert rows(library) == rows(undisturbed)
        assert answers(library) == answers(undisturbed)
        assert len(names(library)) == library.status().vectors == PICTURES
        assert library.index([many]).unchanged == PICTURES


def test_two_processes_on_the_same_folder_at_once(many, undisturbed, tmp_path):
    processes = [start(tmp_path / "library", 0, many) for _ in range(2)]
    errors = [process.communicate(timeout=120)[1].decode() for process in processes]
    assert errors == ["", ""]
    with Library.open(tmp_path / "library", TinySpace()) as library:
        assert rows(library) == rows(undisturbed)
        assert answers(library) == answers(undisturbed)


def test_an_open_library_sees_what_another_process_indexes_and_removes(many, tmp_path):
    shutil.copytree(many, tmp_path / "copy")
    with Library.open(tmp_path / "library", TinySpace()) as library:
        process = start(tmp_path / "library", 0.05, tmp_path / "copy")
        seen = [len(names(library))]
        while process.poll() is None:
            seen.append(len(names(library)))
            time.sleep(0.02)
        assert process.communicate()[1] == b""
        seen.append(len(names(library)))
        assert seen == sorted(seen)
        assert seen[0] == 0
        assert seen[-1] == PICTURES
        assert len(set(seen)) > 2  # it looked while the other was at work
        (tmp_path / "copy" / "0" / "0.png").unlink()
        assert start(tmp_path / "library", 0, tmp_path / "copy").communicate()[1] == b""
        assert "0.png" not in names(library)


def test_a_killed_first_opening_leaves_a_library_that_opens(many, tmp_path):
    """Killed at several moments of making the tables, the folder is always usable afterwards."""
    for number, delay in enumerate(np.linspace(0, 0.08, 6)):
        root = tmp_path / f"library{number}"
        process = start(root, 0, many)
        deadline = time.monotonic() + 60
        while not (root / "library.db").exists() and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        with Library.open(root, TinySpace()) as library:
            assert library.index([many / "0"]).skipped == ()
            assert "0.png" in names(library)
