"""What every route needs: the library, the folders, the jobs and the limits of one running service."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, TypeVar

import anyio.to_thread
from fastapi import Depends, Request
from PIL import Image

from mindseye.api.mindseye import Mindseye
from mindseye.api.service.guard import is_local
from mindseye.api.service.jobs import Jobs
from mindseye.api.service.limits import Limits
from mindseye.api.service.mapping import ServedMap
from mindseye.api.service.placing import ServedPlaces
from mindseye.api.service.roots import Roots
from mindseye.api.web.suggestions import suggest
from mindseye.engine.errors import UnknownWordError, UsageError
from mindseye.indexer.items import collection_id
from mindseye.indexer.library import Library

T = TypeVar("T")
TURNS = max(2, os.cpu_count() or 2)  # searches that run at once: more would only share the processor


class Service:
    """A library that is served.

    eye: shared by all requests; roots: folders that may be indexed and shown; token: what a request must bear, if
    anything; host: the address it is bound to; names: further host names that it answers to. Raises UsageError for a
    folder that is not there, and where others than this machine's users could ask without a token.
    """

    def __init__(
        self,
        eye: Mindseye,
        roots: Sequence[Path] = (),
        limits: Limits | None = None,
        token: str = "",
        host: str = "127.0.0.1",
        names: Sequence[str] = (),
    ) -> None:
        if not token and not is_local(host):
            raise UsageError(f"others can reach {host}, and no token is set", "set MINDSEYE_TOKEN, or use 127.0.0.1")
        if not token.isascii() or not token.isprintable() or " " in token:
            raise UsageError("the token has signs that no header can hold", "use letters, digits and dashes")
        self.eye = eye
        self.roots = Roots(roots, eye.root)
        self.limits = limits or Limits()
        self.token = token
        self.host = host
        self.names = tuple(names)
        self.jobs = Jobs(self.limits.jobs)
        self.map = ServedMap(eye, self.roots)
        self.places = ServedPlaces(eye, self.roots)
        self.is_ready = False
        self._turns = anyio.CapacityLimiter(TURNS)
        eye.reads_files = False  # whoever asks over HTTP names items, not files

    @property
    def library(self) -> Library:
        """The open library."""
        return self.eye.library()

    def check_collection(self, name: str) -> None:
        """Raise NotFoundError, naming those there are, where the library has no such collection."""
        with self.library.database.read() as session:
            collection_id(session, name)

    async def in_turn(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, in a thread; no more than a few do such work at once, the others wait."""
        return await anyio.to_thread.run_sync(work, limiter=self._turns)

    def warm(self) -> None:
        """Load all that a first search would wait for, then be ready."""
        space = self.eye.space
        self.eye.search("warm", 1)
        space.encode_images([Image.new("RGB", (64, 64))])
        suggest(space.lexicon, "wa")
        with suppress(UnknownWordError):
            self.eye.query("no-such-word")  # looked for among all word vectors
        self.is_ready = True

    def cancel(self) -> None:
        """Ask all jobs to end, and take no more."""
        self.is_ready = False
        self.jobs.close()

    def stop(self, seconds: float = 10.0) -> bool:
        """End all that is under way, keeping what is done; return whether all has ended."""
        self.cancel()
        return self.jobs.join(seconds)


def served(request: Request) -> Service:
    """Return the service that a request is of."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


async def _served(request: Request) -> Service:  # async: no thread is needed to look it up
    return served(request)


Served = Annotated[Service, Depends(_served)]
