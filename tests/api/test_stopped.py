"""The real program, killed or asked to stop while it indexes photographs: the next run ends as if nothing had been."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mindseye.indexer.library import Library
from tests.indexer.processes import PATIENCE, ask, assert_same, kill, spawn, stored, wait_until

PICTURES, BATCH = 160, 32
FAILED = 4
STOPPED = "stopped; what was done so far is kept\n"
ASKED = [[signal.SIGINT], [signal.SIGINT] * 2, [signal.SIGTERM], [signal.SIGTERM] * 3]
draw = np.random.default_rng(11)


@pytest.fixture(scope="module")
def album(demo_manifest, tmp_path_factory) -> Path:
    """The demo's photographs over and over, each time cut a little narrower."""
    folder = tmp_path_factory.mktemp("album")
    for number, shown in enumerate(islice(cycle(demo_manifest.pictures), PICTURES)):
        with Image.open(shown.path) as photograph:
            small = photograph.convert("RGB").resize((320, 240))
        small.crop((number // 4, 0, 320, 240)).save(folder / f"{number:03}.jpg")
    return folder


@pytest.fixture(scope="module")
def undisturbed(album, cache, pocket, tmp_path_factory):
    root = tmp_path_factory.mktemp("undisturbed") / "library"
    told, _ = index(root, album, cache).communicate(timeout=PATIENCE)
    assert json.loads(told)["added"] == PICTURES
    with Library.open(root, pocket) as library:
        yield library


def index(root: Path, album: Path, cache: Path) -> subprocess.Popen:
    environment = os.environ | {"MINDSEYE_LIBRARY": str(root), "MINDSEYE_CACHE": str(cache)}
    return spawn([Path(sys.executable).with_name("mindseye"), "index", album, "--json"], env=environment)


def at_work(root: Path, album: Path, cache: Path, part: float) -> subprocess.Popen:
    """Return the program, two batches and a part of the third after its start."""
    process = index(root, album, cache)
    wait_until(lambda: stored(root) >= BATCH, process)
    first = time.monotonic()
    wait_until(lambda: stored(root) >= 2 * BATCH, process)
    time.sleep(part * (time.monotonic() - first))
    return process


def assert_finished_by_the_next(root: Path, album: Path, cache: Path, undisturbed: Library) -> None:
    there = stored(root)
    assert 2 * BATCH <= there < PICTURES
    told, errors = index(root, album, cache).communicate(timeout=PATIENCE)
    report = json.loads(told)
    assert (report["added"], report["unchanged"], report["skipped"]) == (PICTURES - there, there, [])
    assert "Traceback" not in errors
    with Library.open(root, undisturbed.space) as library:
        assert_same(library, undisturbed)


SIGNALLED = """
import os, signal, sys
from mindseye.api.session import stop_when_asked

signal.signal(signal.SIGINT, signal.SIG_IGN)
stop_when_asked()
os.kill(os.getpid(), signal.SIGINT)
try:
    os.kill(os.getpid(), signal.SIGTERM)
except KeyboardInterrupt:
    print("cleans up", flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
print("goes on")
"""


def test_the_first_signal_lets_it_clean_up_the_second_ends_it_and_an_ignored_one_stays_ignored():
    told = subprocess.run([sys.executable, "-c", SIGNALLED], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout, told.stderr) == (FAILED, "cleans up\n", STOPPED)


@pytest.mark.slow
@pytest.mark.parametrize("part", draw.uniform(0, 1.5, 4).round(3).tolist())
def test_killed(part, album, cache, undisturbed, tmp_path):
    kill(at_work(tmp_path / "library", album, cache, part))
    assert ask(tmp_path / "library", "SELECT ended FROM run") == [(None,)]
    assert_finished_by_the_next(tmp_path / "library", album, cache, undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize(
    "signals", [[signal.SIGINT], [signal.SIGINT] * 2, [signal.SIGTERM], [signal.SIGTERM] * 3], ids=str
)
def test_asked_to_stop(signals, album, cache, undisturbed, tmp_path):
    process = at_work(tmp_path / "library", album, cache, float(draw.uniform(0, 1)))
    for each in signals:
        process.send_signal(each)
        time.sleep(0.01)
    told, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, told) == (FAILED, "")
    assert errors.endswith(STOPPED) and "Traceback" not in errors
    if len(signals) == 1:
        ((ended, counts),) = ask(tmp_path / "library", "SELECT ended, counts FROM run")
        assert ended is not None
        assert json.loads(counts)["interrupted"] is True
        assert json.loads(counts)["added"] == stored(tmp_path / "library")
    assert_finished_by_the_next(tmp_path / "library", album, cache, undisturbed)
