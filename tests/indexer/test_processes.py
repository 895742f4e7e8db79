"""Several processes on one library, one after the other or two at a time."""

import shutil
import time

import numpy as np
import pytest

from mindseye.indexer.library import Library
from tests.indexer.conftest import PICTURES
from tests.indexer.processes import assert_same, finished, kill, start, wait_until
from tests.pictures import names
from tests.tiny_space import TinySpace


def test_two_processes_on_overlapping_folders_lose_and_double_nothing(hundreds, undisturbed, tmp_path):
    folders = [hundreds / "0", hundreds / "1"], [hundreds / "1", hundreds / "2"]
    for process in [start(tmp_path / "library", "index", *each, pace=0.02) for each in folders]:
        finished(process)
    with Library.open(tmp_path / "library", TinySpace()) as library:
        assert_same(library, undisturbed)
        assert library.index([hundreds]).unchanged == PICTURES


def test_two_processes_on_the_same_folder_at_once(hundreds, undisturbed, tmp_path):
    for process in [start(tmp_path / "library", "index", hundreds) for _ in range(2)]:
        finished(process)
    with Library.open(tmp_path / "library", TinySpace()) as library:
        assert_same(library, undisturbed)


def test_an_open_library_sees_what_another_process_indexes_and_removes(hundreds, tmp_path):
    shutil.copytree(hundreds, tmp_path / "copy")
    with Library.open(tmp_path / "library", TinySpace()) as library:
        process = start(tmp_path / "library", "index", tmp_path / "copy", pace=0.05)
        seen = [len(names(library))]
        while process.poll() is None:
            seen.append(len(names(library)))
            time.sleep(0.02)
        finished(process)
        seen.append(len(names(library)))
        assert seen == sorted(seen)
        assert seen[0] == 0
        assert seen[-1] == PICTURES
        assert len(set(seen)) > 2  # it looked while the other was at work
        (tmp_path / "copy" / "0" / "0.png").unlink()
        finished(start(tmp_path / "library", "index", tmp_path / "copy"))
        assert "0.png" not in names(library)


@pytest.mark.slow
def test_a_killed_first_opening_leaves_a_library_that_opens(hundreds, tmp_path):
    """Killed at several moments of making the tables, the folder is always usable afterwards."""
    for number, delay in enumerate(np.linspace(0, 0.08, 6)):
        root = tmp_path / f"library{number}"
        process = start(root, "index", hundreds, hold=[("encode", "")], mark=tmp_path / f"mark{number}")
        wait_until((root / "library.db").exists, process)
        time.sleep(delay)
        kill(process)
        with Library.open(root, TinySpace()) as library:
            assert library.index([hundreds / "0"]).skipped == ()
            assert "0.png" in names(library)
