"""The command line, run in this process."""

import logging
import sys

import pytest

from mindseye.api import cli, progress
from tests.api.trained import TrainedOnce, train_once


@pytest.fixture
def run(tmp_path, cache, monkeypatch, capsys):
    """Run `mindseye …` in this process, on a library of its own; returns (exit code, stdout, stderr)."""
    monkeypatch.setenv("MINDSEYE_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("MINDSEYE_CACHE", str(cache))
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    monkeypatch.setattr(progress, "PATIENCE", float("inf"))  # else a busy machine shows bars that an idle one does not

    def run_command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["mindseye", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        return stopped.value.code, *capsys.readouterr()

    return run_command


@pytest.fixture(scope="session")
def trained(tmp_path_factory, cache) -> TrainedOnce:
    """A space of paragraph vectors, as `text train` leaves it."""
    return train_once(tmp_path_factory.mktemp("trained"), cache)
