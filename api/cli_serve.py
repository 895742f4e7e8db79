"""`mindseye serve`: the page and the HTTP service."""

import logging
import webbrowser
from pathlib import Path
from threading import Timer
from typing import Annotated

import typer

from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.api.service.limits import Limits
from mindseye.api.session import DONE, LIBRARY, SPACE, settings

_COMMAND = "mindseye serve"  # what provenance tells; its arguments may hold a secret
_USUAL = Limits()

Root = Annotated[
    list[Path] | None,
    typer.Option("--root", help="A folder that may be indexed and shown; several. Without, nothing may be indexed."),
]
Token = Annotated[
    str, typer.Option(envvar="MINDSEYE_TOKEN", show_envvar=True, show_default=False, help="What requests must bear.")
]
Name = Annotated[list[str] | None, typer.Option("--name", help="A further host name to answer to, as of a proxy.")]


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; all but this machine's need --token.")]
    = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for a free one.")] = 8765,
    root: Root = None, token: Token = "", name: Name = None,
    max_upload: Annotated[int, typer.Option(min=1, help="Bytes of a picture that is sent.")] = _USUAL.upload,
    max_pixels: Annotated[int, typer.Option(min=1, help="Pixels of a picture that is sent.")] = _USUAL.pixels,
    max_searches: Annotated[int, typer.Option(min=1, help="Searches that run or wait at once.")] = _USUAL.searches,
    max_jobs: Annotated[int, typer.Option(min=1, help="Jobs of a kind that may wait.")] = _USUAL.jobs,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    library: LIBRARY = None, space: SPACE = None,
) -> int:  # fmt: skip
    """Serve the page and the HTTP service of a library."""
    from mindseye.api.service.service import Service  # imports FastAPI, which no other command needs
    from mindseye.api.service.serving import listening, run

    chosen = settings(library, space)
    limits = Limits(upload=max_upload, pixels=max_pixels, searches=max_searches, jobs=max_jobs)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    with progress_bar("fitting the pocket space (once)", "texts") as tell:
        eye = Mindseye.open(chosen.library, chosen.cache, tell, _COMMAND, chosen.space, chosen.unclip)
    with eye:
        service = Service(eye, root or (), limits, token, host, name or ())
        with listening(host, port) as (socket, address):
            eye.library(create=True)
            typer.echo(f"Mindseye at {address} (Ctrl-C ends it)")
            if open_page:
                Timer(1.0, webbrowser.open, (address,)).start()
            run(service, socket)
    return DONE
