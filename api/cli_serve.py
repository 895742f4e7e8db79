"""`mindseye serve`: the page and the HTTP service."""

import webbrowser
from pathlib import Path
from threading import Timer
from typing import Annotated

import typer

from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.api.session import DONE, LIBRARY, SPACE, settings

_COMMAND = "mindseye serve"  # what provenance tells; its arguments may hold a secret


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for a free one.")] = 8765,
    root: Annotated[list[Path] | None, typer.Option(help="A folder that may be indexed and shown; several.")] = None,
    token: Annotated[str, typer.Option(envvar="MINDSEYE_TOKEN", help="What requests must bear.")] = "",
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    library: LIBRARY = None, space: SPACE = None,
) -> int:  # fmt: skip
    """Serve the page and the HTTP service of a library."""
    from mindseye.api.service.service import Service
    from mindseye.api.service.serving import listening, run  # imports FastAPI, which no other command needs

    chosen = settings(library, space)
    with progress_bar("fitting the pocket space (once)", "texts") as tell:
        eye = Mindseye.open(chosen.library, chosen.cache, tell, _COMMAND, chosen.space, chosen.unclip)
    with eye, listening(host, port) as (socket, address):
        eye.library(create=True)
        service = Service(eye, root or (), token=token, host=host)
        typer.echo(f"Mindseye at {address} (Ctrl-C ends it)")
        if open_page:
            Timer(1.0, webbrowser.open, (address,)).start()
        run(service, socket)
    return DONE
