"""What every command shares: options, the settings they add up to, exit codes."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.api.settings import Settings

DONE, NO_MATCH, USAGE, PARTLY, FAILED = range(5)  # exit codes

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
    """Return the settings: an option beats the environment, which beats the file, which beats the default."""
    return Settings(**_before_the_verb | _given(library=library, space=space))


def opened(library: Path | None = None, space: str | None = None) -> Mindseye:
    """Return the library that the settings name, in the space that they name. Raises as `Mindseye.open`."""
    chosen = settings(library, space)
    with progress_bar("fitting the pocket space (once)", "texts") as tell:
        command = shlex.join(["mindseye", *sys.argv[1:]])
        return Mindseye.open(chosen.library, chosen.cache, tell, command, chosen.space, chosen.unclip)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value}
