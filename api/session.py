"""What every command shares: options, the settings they add up to, exit codes."""

import os
import shlex
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.api.settings import Settings
from mindseye.engine import pocket
from mindseye.engine.errors import LibraryError
from mindseye.indexer.meta import space_of

DONE, NO_MATCH, USAGE, PARTLY, FAILED = range(5)  # exit codes
STOPPED = "stopped; what was done so far is kept"

LIBRARY = Annotated[
    Path | None,
    typer.Option("--library", help="The library's folder; before or after the command.", show_default=False),
]
SPACE = Annotated[
    str | None,
    typer.Option("--space", help="The joint space, by name; before or after the command.", show_default=False),
]
AS_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_before_the_verb: dict[str, Any] = {}


def remember(library: Path | None, space: str | None) -> None:
    """Keep the --library and --space that stood before the command."""
    _before_the_verb.clear()
    _before_the_verb.update(_given(library=library, space=space))


def settings(library: Path | None = None, space: str | None = None) -> Settings:
    """Return the settings: an option beats the environment, which beats the file, which beats the default.

    Where none of these names a space it is the library's own, the pocket space where there is no library yet.
    """
    chosen = Settings(**_before_the_verb | _given(library=library, space=space))
    own = None
    with suppress(LibraryError):  # a damaged library is told by who opens it
        own = None if chosen.space else space_of(chosen.library)
    return chosen.model_copy(update={"space": chosen.space or own or pocket.NAME})


def opened(library: Path | None = None, space: str | None = None) -> Mindseye:
    """Return the library that the settings name, in the space that they name. Raises as `Mindseye.open`."""
    chosen = settings(library, space)
    with progress_bar("fitting the pocket space (once)", "texts") as tell:
        command = shlex.join(["mindseye", *sys.argv[1:]])
        return Mindseye.open(chosen.library, chosen.cache, tell, command, chosen.space, chosen.unclip)


def stop_when_asked() -> None:
    """Let Ctrl-C and a service manager's SIGTERM end the command in order; a second one ends it at once."""
    asked = False

    def stop(number: int, frame: object) -> None:
        nonlocal asked
        if asked:  # as safe as `kill -9`, and no cleaning up is interrupted half way with a traceback
            os.write(2, f"{STOPPED}\n".encode())
            os._exit(FAILED)
        asked = True
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # what a shell starts in the background ignores Ctrl-C
            signal.signal(number, stop)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value}
