"""Reading in a process of its own, kept for the files to come and begun anew when one of them ends it."""

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import limits


class ReaderApart:
    """One child process; files are read in it one after the other, from whichever thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, kind: str, data: bytes) -> tuple[str, list[tuple[str, str]]]:
        """Return title and sections (place, text). Raises UnreadableFileError, also for what ends the child."""
        with self._lock:
            child = self._running()
            try:
                told = _ask(child, {"kind": kind, "size": len(data), "seconds": limits.MAX_SECONDS}, data)
            except BaseException:  # stopped in between: the next answer would be this file's
                child.kill()
                self._stop()
                raise
            if told is None:
                raise UnreadableFileError(_why(self._stop()))
        if "what" in told:
            raise UnreadableFileError(told["what"], told["hint"])
        return told["title"], [(place, text) for place, text in told["sections"]]

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._stop()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "mindseye.engine.text.documents.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the one who reads
            )
        return self._child

    def _stop(self) -> int:
        """End the child and return how it ended."""
        child, self._child = self._child, None
        if child is None:
            return 0
        assert child.stdin and child.stdout
        child.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
        return child.wait()


def _ask(child: subprocess.Popen[bytes], request: dict[str, Any], data: bytes) -> dict[str, Any] | None:
    """Return the answer, None when the child ended before it was complete."""
    assert child.stdin and child.stdout
    try:
        child.stdin.write(json.dumps(request).encode() + b"\n" + data)
        child.stdin.flush()
    except BrokenPipeError:
        return None
    line = child.stdout.readline()
    return json.loads(line) if line.endswith(b"\n") else None


def _why(code: int) -> str:
    if code == -signal.SIGPROF:
        return f"takes more than {limits.MAX_SECONDS} seconds to read: it is damaged or made to be slow"
    if code == -signal.SIGKILL:
        return "needs more memory to be read than there is"
    return "is damaged: its reader crashed"


_readers: dict[int, ReaderApart] = {}


def read_apart(kind: str, data: bytes) -> tuple[str, list[tuple[str, str]]]:
    """Read a file in this process's child; a forked process gets a child of its own."""
    pid = os.getpid()
    if pid not in _readers:
        reader = _readers.setdefault(pid, ReaderApart())
        atexit.register(reader.close)
    return _readers[pid].read(kind, data)
