"""Options that every command shares, and the settings they add up to."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mindseye.api.settings import Settings

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


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value}
