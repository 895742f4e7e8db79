"""`mindseye space …`: the joint space that everything lives in."""

from typing import Any

import typer

from mindseye.api import formatting
from mindseye.api.progress import progress_bar
from mindseye.api.session import AS_JSON, settings
from mindseye.engine import pocket

app = typer.Typer(no_args_is_help=True, help="The joint space: fit it, show it.")


@app.command()
def fit(as_json: AS_JSON = False) -> None:
    """Fit the pocket space from its packages, once; later commands find it."""
    with progress_bar("fitting the pocket space", "texts") as tell:
        pocket.load_pocket(settings().cache, tell)
    show(as_json)


@app.command()
def show(as_json: AS_JSON = False) -> None:
    """Show the space in use and where it is kept."""
    chosen = settings()
    space = pocket.load_pocket(chosen.cache)
    told: dict[str, Any] = {
        "name": pocket.NAME, "encoder": space.encoder, "mapping": space.mapping,
        "folder": str(pocket.folder(chosen.cache)), "width": space.width, "classes": len(space.crossmodal.classes),
        "runtime": {"text": space.text.runtime.name, "pictures": space.picture.runtime.name},
        "precision": {"text": space.text.runtime.precision, "pictures": space.picture.runtime.precision},
    }  # fmt: skip
    formatting.show(told, as_json, lambda facts: [f"{name:<10}{value}" for name, value in facts.items()])
