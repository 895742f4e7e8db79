"""Reading in a process of its own, kept for the files to come and begun anew when one of them ends it."""

import atexit
import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from typing import Any

from mindseye.engine.errors import ReaderEndedError, UnreadableFileError
from mindseye.engine.text.documents import limits

READY = b"ready\n"  # what the child says when it has begun
_COMMAND = [sys.executable, "-m", "mindseye.engine.text.documents.child"]
_CHECK = "look at what `python -m mindseye.engine.text.documents.child` says, or install Mindseye anew"
_TOO_SLOW = -getattr(signal, "SIGPROF", 0)  # how the child ends by its own limit of time, where there is one

log = logging.getLogger(__name__)


class ReaderApart:
    """One child process; files are read in it one after the other, from whichever thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._unfit = False  # the child cannot run in this installation

    def read(self, kind: str, data: bytes) -> tuple[str, list[tuple[str, str]]]:
        """Return title and sections (place, text). Raises UnreadableFileError, also for what ends the child.

        Raises ReaderEndedError where the file is not to blame: the child does not start, or was killed.
        """
        with self._lock:
            try:
                child = self._running()
                told = _ask(child, {"kind": kind, "size": len(data), "seconds": limits.MAX_SECONDS}, data)
            except BaseException:  # stopped in between: the next answer would be this file's
                if self._child:
                    self._child.kill()
                self._stop()
                raise
            if told is None:
                raise _ended(self._stop())
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
            if self._unfit:
                raise _no_start()
            self._child = self._started()
        return self._child

    def _started(self) -> subprocess.Popen[bytes]:
        """Start a child. One that ends by itself before it is ready never will be: that is told once."""
        try:
            child = self._child = subprocess.Popen(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the one who reads
            )
        except OSError as error:
            raise ReaderEndedError(f"was not read: its reader cannot be started ({error.strerror})") from error
        assert child.stdout and child.stderr
        if child.stdout.readline() == READY:
            return child
        said = child.stderr.read().decode(errors="replace").strip()
        code = self._stop()
        if code < 0:
            raise _ended(code)
        self._unfit = True
        log.warning("no HTML, Markdown, PDF, DOCX and EPUB is read: %s; %s", said.rpartition("\n")[2], _CHECK)
        raise _no_start()

    def _stop(self) -> int:
        """End the child and return how it ended."""
        child, self._child = self._child, None
        if child is None:
            return 0
        assert child.stdin and child.stdout and child.stderr
        child.stdout.close()
        child.stderr.close()
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


def _ended(code: int) -> UnreadableFileError:
    """Return what the end of a child says of the file that it was reading."""
    if code == _TOO_SLOW < 0:
        what = f"takes more than {limits.MAX_SECONDS} seconds to read: it is damaged or made to be slow"
        return UnreadableFileError(what)
    if code < 0:
        what = f"was not read: its reader was ended from outside or crashed (signal {-code})"
        return ReaderEndedError(what, "index it again, with more memory free")
    return UnreadableFileError("is damaged: its reader crashed")


def _no_start() -> ReaderEndedError:
    return ReaderEndedError("was not read: its reader does not start", _CHECK)


_readers: dict[int, ReaderApart] = {}


def read_apart(kind: str, data: bytes) -> tuple[str, list[tuple[str, str]]]:
    """Read a file in this process's child; a forked process gets a child of its own."""
    pid = os.getpid()
    if pid not in _readers:
        reader = _readers.setdefault(pid, ReaderApart())
        atexit.register(reader.close)
    return _readers[pid].read(kind, data)
