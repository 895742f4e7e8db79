"""`mindseye serve` as people run it: it tells where it is, answers, and ends in order."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from mindseye.api.client import Client
from mindseye.indexer.database import Database
from tests.api.service.test_searching import names

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
SECONDS = 60
Served = tuple[subprocess.Popen, str]
COMMAND = [sys.executable, "-c", "from mindseye.api.cli import main; main()"]


@contextmanager
def served(library: Path, cache: Path, *arguments: object, **environment: str) -> Iterator[Served]:
    told = {**os.environ, "MINDSEYE_CACHE": str(cache), "MINDSEYE_LIBRARY": str(library), **environment}
    command = [*COMMAND, "serve", "--port", "0", *map(str, arguments)]
    with subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().split()[2]
        finally:
            process.kill()


def end(process: subprocess.Popen, number: int) -> tuple[int, str, float]:
    began = monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=SECONDS)
    return process.returncode, err, monotonic() - began


@pytest.mark.slow
def test_it_ends_in_order_while_it_imagines_and_is_followed(tmp_path, cache, photos):
    library = tmp_path / "library"
    with served(library, cache, "--root", photos, MINDSEYE_TOKEN="correct-horse") as (process, address):
        with Client(address, "correct-horse", timeout=SECONDS) as client:
            assert client.is_ready()
            assert client.wait(client.index("album")).state == "done"
            assert names(client.search("cat", limit=1, among="images")) == ["cat.png"]
            events = client.follow(client.imagine("zebra").id)
            while next(events).data.get("done", 0) < 1:
                pass
            code, err, seconds = end(process, signal.SIGTERM)
            rest = list(events)
        assert (code, rest[-1].name, rest[-1].data["state"]) == (0, "end", "stopped")
        assert seconds < 20 and "Traceback" not in err
    database = Database(library / "library.db")  # nothing holds it
    with database.read() as session:
        told = session.connection().exec_driver_sql("SELECT kind, command, ended FROM run").all()
    database.close()
    assert {kind for kind, _, _ in told} == {"index", "imagine"} and all(ended for *_, ended in told)
    assert {command for _, command, _ in told} == {"mindseye serve"}


@pytest.mark.slow
def test_ctrl_c_ends_it(tmp_path, cache):
    with served(tmp_path / "library", cache) as (process, address):
        with Client(address, timeout=SECONDS) as client:
            assert client.search("cat").total == 0
        code, err, _ = end(process, signal.SIGINT)
    assert code == 0 and "Traceback" not in err


@pytest.mark.slow
def test_a_secret_is_told_nowhere(tmp_path, cache):
    library = tmp_path / "library"
    with served(library, cache, "--token", "s3cret-t0ken") as (process, address):
        with Client(address, timeout=SECONDS) as client:
            assert client._http.get("/v1/status?token=x").status_code == 401
        _, err, _ = end(process, signal.SIGTERM)
    assert "s3cret" not in err
    assert not [path for path in library.rglob("*") if path.is_file() and b"s3cret" in path.read_bytes()]


def test_what_it_cannot_do_is_one_message(run, tmp_path):
    for arguments, message in (
        (["--host", "0.0.0.0"], "no token is set"),
        (["--root", tmp_path / "nowhere"], "no such folder"),
        (["--host", "192.0.2.1", "--token", "abc"], "cannot listen"),
    ):
        code, out, err = run("serve", *arguments)
        assert (code, out) == (2, "") and message in err and "Traceback" not in err
