"""Other processes on a library: started, waited for, killed; and what must be the same whatever befell them."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from mindseye.indexer.library import Library
from tests.pictures import names

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds
Hold = tuple[str, str]  # an event and a pattern of its arguments; see tests/indexer/child.py


def start(
    library: Path, action: str, *arguments: object, pace: float = 0, hold: Sequence[Hold] = (), mark: Path | None = None
) -> subprocess.Popen:
    """Begin one action of tests/indexer/child.py, in a process group of its own."""
    holds = [word for each in hold for word in ("--hold", *each)]
    options = ["--pace", pace, *holds, *(["--mark", mark] if mark else [])]
    return spawn([sys.executable, "-m", "tests.indexer.child", library, *options, action, *arguments])


def spawn(command: Sequence[object], **options: object) -> subprocess.Popen:
    """Begin a command, in a process group of its own."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "start_new_session": True, "text": True}
    return subprocess.Popen([str(each) for each in command], cwd=ROOT, **pipes | options)


def wait_until(condition: Callable[[], bool], process: subprocess.Popen | None = None) -> None:
    """Wait for a condition; fail when the process that should bring it about has ended."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        assert process is None or process.poll() is None, f"ended before: {process.communicate()}"
        time.sleep(0.002)


def kill(process: subprocess.Popen) -> None:
    """Kill the whole process group, as `kill -9` does, while it is at work."""
    assert process.poll() is None, f"nothing to kill: {process.communicate()}"
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def killed_at(mark: Path, hold: Sequence[Hold], library: Path, action: str, *arguments: object) -> None:
    """Kill an action exactly where the last hold is met."""
    process = start(library, action, *arguments, hold=hold, mark=mark)
    wait_until(mark.exists, process)
    kill(process)
    mark.unlink()


def finished(process: subprocess.Popen) -> str:
    """Wait for a process that must end well and complain of nothing; return what it printed."""
    told, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")
    return told


def ask(library: Path, query: str, *values: object) -> list[tuple]:
    """Return what is committed, read as another program would."""
    with closing(sqlite3.connect(library / "library.db", timeout=30)) as connection:
        return connection.execute(query, values).fetchall()


def stored(library: Path) -> int:
    """Return how many items are committed, none before the tables are."""
    try:
        return ask(library, "SELECT count(*) FROM item")[0][0]
    except sqlite3.OperationalError:
        return 0


def last_change(library: Path) -> int:
    """Return the number of the newest change that is committed."""
    return ask(library, "SELECT coalesce(max(seq), 0) FROM change")[0][0]


def rows(library: Path) -> list[tuple]:
    """Return everything that must be the same whatever happened on the way."""
    return ask(
        library,
        "SELECT uri, origin, state, modified, sha256, size, width, height, encoder, vector, crc32 FROM item"
        " JOIN content ON content.id = content_id LEFT JOIN embedding USING (content_id) ORDER BY uri, encoder",
    )


def answers(library: Library) -> list[list[tuple]]:
    """Return hits of a few fixed queries, without what depends on the order of arrival: ids, the first of copies."""
    queries = np.random.default_rng(3).normal(size=(5, library.space.width)).astype(np.float32)
    found = [library.search(query[None], 20)[0] for query in queries]
    return [[(sorted([hit.uri, *hit.also]), hit.score) for hit in hits] for hits in found]


def assert_same(library: Library, undisturbed: Library) -> None:
    """Require the rows, vectors and answers of a library that nothing ever befell, and no row twice."""
    assert rows(library.root) == rows(undisturbed.root) != []
    assert answers(library) == answers(undisturbed)
    assert names(library) == names(undisturbed)
    for table in ("collection", "content", "item", "embedding"):
        count = f"SELECT count(*) FROM {table}"
        assert ask(library.root, count) == ask(undisturbed.root, count), table
    assert library.status().vectors == undisturbed.status().vectors


def mostly_slow(cases: Sequence[object]) -> list[object]:
    """Return the cases of a parametrised test, all but the first of them left to `make test-all`."""
    rest = [case if isinstance(case, tuple) else (case,) for case in cases[1:]]
    return [cases[0], *(pytest.param(*case, marks=pytest.mark.slow) for case in rest)]
