"""Work that outlasts a request: a thread for each kind, followed while it runs, stopped when that is asked."""

import logging
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import RLock, Thread, get_native_id
from time import monotonic
from typing import Any, Literal

from mindseye.api.formatting import plain
from mindseye.engine.errors import MindseyeError, NotFoundError

State = Literal["waiting", "running", "done", "stopped", "failed"]
ENDED = frozenset({"done", "stopped", "failed"})
KEPT = 200  # jobs that are remembered after their end
_NICE = 10  # of work that nobody waits for

log = logging.getLogger(__name__)


class Stopped(BaseException):
    """A job was asked to stop; like Ctrl-C, nothing on the way takes it for a fault of one input."""


class BusyError(MindseyeError):
    """There is as much to do already as may wait."""

    code = "busy"


class Job:
    """One piece of work: what it is about, how far it is, what came of it.

    about: JSON values that say what was asked; done, total, what: as last told; picture: a data URI of what is being
    imagined; version: grows with every change, so that followers see one.
    """

    def __init__(self, kind: str, work: Callable[["Job"], Any], about: Mapping[str, Any]) -> None:
        self.id = secrets.token_hex(8)
        self.kind = kind
        self.about = dict(about)
        self.state: State = "waiting"
        self.done, self.total = 0.0, 0
        self.what: dict[str, Any] = {}
        self.picture = ""
        self.result: Any = None
        self.error: dict[str, str] | None = None
        self.created_at = now()
        self.started_at: str | None = None
        self.ended_at: str | None = None
        self.version = 0
        self._work = work
        self._holders = 1
        self._stop = False
        self._lock = RLock()

    def tell(self, done: float, total: int, **what: Any) -> None:
        """Tell how far the work is, and anything else as JSON values. Raises Stopped when it was cancelled."""
        if self._stop:
            raise Stopped
        self.done, self.total, self.what = round(done, 2), total, self.what | what
        self.version += 1

    def show(self, picture: str) -> None:
        """Show what is being made, as a data URI. Raises Stopped when the job was cancelled."""
        if self._stop:
            raise Stopped
        self.picture = picture
        self.version += 1

    def hold(self) -> bool:
        """Ask for it, too; return whether it can be had: False where it is being stopped, or has ended."""
        with self._lock:
            if self._stop or self.has_ended:
                return False
            self._holders += 1
            return True

    def let_go(self) -> None:
        """Take back that it was asked for: it is cancelled when nobody is left who wants it."""
        with self._lock:
            self._holders -= 1
            if self._holders <= 0:
                self.cancel()

    def cancel(self) -> None:
        """Ask the work to stop where it next tells how far it is; what waits never begins, what has ended stays."""
        with self._lock:
            self._stop = True
            if self.state == "waiting":
                self._end("stopped")

    def run(self) -> None:
        """Do the work, in the thread of its kind."""
        with self._lock:
            if self.state != "waiting":
                return
            self.state, self.started_at = "running", now()
            self.version += 1
        try:
            result = plain(self._work(self))
        except Stopped:
            self._end("stopped")
        except MindseyeError as error:
            self._end("failed", error={"code": error.code, "message": error.what, "hint": error.hint})
        except Exception:
            log.exception("job %s (%s) failed", self.id, self.kind)
            told = {"code": "internal", "message": f"job {self.id} failed", "hint": "the server's log tells why"}
            self._end("failed", error=told)
        else:
            self._end("done", result)

    @property
    def has_ended(self) -> bool:
        """Whether nothing about it changes any more."""
        return self.state in ENDED

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        names = (
            "id", "kind", "state", "done", "total", "what", "result", "error", "about", "created_at", "started_at",
            "ended_at",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}

    def _end(self, state: State, result: Any = None, error: dict[str, str] | None = None) -> None:
        with self._lock:
            self.result, self.error, self.ended_at = result, error, now()
            self.picture = ""
            self.state = state
            self.version += 1


class Jobs:
    """All jobs of a service: those of one kind run one after another, those of different kinds side by side."""

    def __init__(self, waiting: int) -> None:
        """waiting: how many of one kind may wait."""
        self._most_waiting = waiting
        self._jobs: dict[str, Job] = {}
        self._queues: dict[str, SimpleQueue[Job | None]] = {}
        self._threads: list[Thread] = []
        self._closed = False
        self._lock = RLock()

    def start(self, kind: str, work: Callable[[Job], Any], about: Mapping[str, Any]) -> Job:
        """Return a job that does `work` once those before it of its kind have ended; what it returns is the result.

        Raises BusyError when too many wait, or the service stops.
        """
        with self._lock:
            waiting = sum(each.kind == kind and each.state == "waiting" for each in self._jobs.values())
            if self._closed or waiting >= self._most_waiting:
                what = "the service is stopping" if self._closed else f"{waiting} jobs of the kind {kind!r} wait"
                raise BusyError(what, "try again later")
            job = Job(kind, work, about)
            self._jobs[job.id] = job
            self._forget()
            self._queue(kind).put(job)
            return job

    def get(self, job_id: str) -> Job:
        """Return the job of that id. Raises NotFoundError."""
        with self._lock:
            if job_id not in self._jobs:
                raise NotFoundError(f"there is no job {job_id!r}", "list the jobs to see their ids")
            return self._jobs[job_id]

    def all(self) -> list[Job]:
        """Return every job that is remembered, newest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def close(self) -> None:
        """Cancel all and take no more."""
        with self._lock:
            self._closed = True
            for job in self._jobs.values():
                job.cancel()
            for queue in self._queues.values():
                queue.put(None)

    def join(self, seconds: float) -> bool:
        """Wait for the threads to end, and return whether all have."""
        until = monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _queue(self, kind: str) -> "SimpleQueue[Job | None]":
        if kind not in self._queues:
            self._queues[kind] = SimpleQueue()
            thread = Thread(target=_work_off, args=(self._queues[kind],), name=f"jobs: {kind}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return self._queues[kind]

    def _forget(self) -> None:
        ended = [each.id for each in self._jobs.values() if each.has_ended]
        for job_id in ended[: max(0, len(ended) - KEPT)]:
            del self._jobs[job_id]


def now() -> str:
    """Return the time, ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _work_off(queue: "SimpleQueue[Job | None]") -> None:
    if sys.platform == "linux":  # there a thread, and those that it starts, can give way to the others: to searches
        os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICE)
    while job := queue.get():
        job.run()
