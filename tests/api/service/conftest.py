"""A library of real photographs behind a real server in this process, and a client of it."""

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from mindseye.api.client import Client
from mindseye.api.mindseye import Mindseye
from mindseye.api.service.service import Service
from mindseye.api.service.serving import listening, server

SAYS = "The okapi is a shy relative of the giraffe that lives in the rain forest.\n"


@dataclass(frozen=True)
class Running:
    """A service, its address, and the folder that it may index and show."""

    service: Service
    address: str
    root: Path

    def client(self, **options: object) -> Client:
        return Client(self.address, **options)


@pytest.fixture(scope="session")
def photos(tmp_path_factory, demo_manifest) -> Path:
    """The demo's photographs, a note, and a file that is no picture."""
    root = tmp_path_factory.mktemp("served") / "photos"
    (root / "album").mkdir(parents=True)
    for picture in demo_manifest.pictures:
        shutil.copy(picture.path, root / "album" / f"{picture.word}{picture.path.suffix}")
    (root / "album" / "notes.txt").write_text(SAYS)
    (root / "album" / "broken.jpg").write_bytes(b"no picture")
    return root


@pytest.fixture(scope="session")
def served_eye(pocket, photos, tmp_path_factory) -> Iterator[Mindseye]:
    """The library of them, that tests leave as it is."""
    with Mindseye(tmp_path_factory.mktemp("service") / "library", pocket, "pytest") as eye:
        eye.index([photos / "album"], "album", labels=["photo"])
        yield eye


@pytest.fixture(scope="session")
def running(served_eye, photos) -> Iterator[Running]:
    """The service, listening; tests that use it are marked `allow_hosts`."""
    service = Service(served_eye, [photos])
    yield from run_in_thread(service, photos)


@pytest.fixture
def own(pocket, photos, tmp_path) -> Iterator[Running]:
    """A service of a library of the test's own, that holds nothing yet."""
    with Mindseye(tmp_path / "library", pocket, "pytest") as eye:
        eye.library(create=True)
        yield from run_in_thread(Service(eye, [photos, tmp_path]), tmp_path)


@pytest.fixture
def client(running) -> Iterator[Client]:
    with running.client() as client:
        yield client


def run_in_thread(service: Service, root: Path) -> Iterator[Running]:
    with threadpool_limits(1, "blas"), listening("127.0.0.1", 0) as (socket, address):  # as `run` serves
        running = server(service)
        thread = threading.Thread(target=running.run, args=([socket],))
        thread.start()
        while not running.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield Running(service, address, root)
        finally:
            running.should_exit = True
            service.cancel()
            thread.join()
