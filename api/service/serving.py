"""The running server: where it listens, and how it ends."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn
from threadpoolctl import threadpool_limits

from mindseye.api.service.app import create_app
from mindseye.api.service.service import Service
from mindseye.engine.errors import UsageError

_GRACE = 5  # seconds that open requests may take to end
_HEAD = 64_000  # bytes of a request line and its headers: a question of 2,000 characters takes up to 24,000


@contextmanager
def listening(host: str, port: int) -> Iterator[tuple[socket.socket, str]]:
    """Yield a socket that is bound, and the address of the page. Raises UsageError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(f"cannot listen on {host} port {port} ({error.strerror})", "choose another --port") from error
    with bound:
        # Inherited by every connection: an answer's head and body would else wait for each other, 40 ms long.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = f"[{host}]" if ":" in host else host
        yield bound, f"http://{name}:{bound.getsockname()[1]}"


def run(service: Service, bound: socket.socket) -> None:
    """Serve until Ctrl-C or SIGTERM; what is done is kept."""
    # Searches run side by side, a core each: teams of threads for one product would wait for each other.
    with suppress(KeyboardInterrupt), threadpool_limits(1, "blas"):  # uvicorn repeats the signal that ended it
        server(service).run([bound])


def server(service: Service) -> uvicorn.Server:
    """Return the server of a service, that does not run yet."""
    config = uvicorn.Config(  # h11: the other parser that uvicorn knows has no limit on heads
        create_app(service), http="h11", log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=_GRACE, h11_max_incomplete_event_size=_HEAD,
    )  # fmt: skip
    return _Server(config, service)


class _Server(uvicorn.Server):
    """A server that ends jobs, and with them the streams that follow them, as soon as it is asked to end."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._service.cancel()
        super().handle_exit(sig, frame)
