"""Options that every command shares, and the settings they add up to."""

from pathlib import Path
from typing import Annotated

import typer

from mindseye.api.settings import Settings

LIBRARY = Annotated[
    Path | None,
    typer.Option("--library", help="The library's folder; before or after the command.", show_default=False),
]
AS_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_before_the_verb: list[Path] = []


def remember_library(library: Path | None) -> None:
    """Keep the --library that stood before the command."""
    _before_the_verb[:] = [library] if library else []


def settings(library: Path | None = None) -> Settings:
    """Return the settings: an option beats the environment, which beats the file, which beats the default."""
    chosen = library or next(iter(_before_the_verb), None)
    return Settings(library=chosen) if chosen else Settings()
