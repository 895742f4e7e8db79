"""`mindseye gis`: rasters and layers become labelled tiles, and what can be seen and asked of them."""

from pathlib import Path
from typing import Annotated

import typer

from mindseye.api.session import AS_JSON

app = typer.Typer(no_args_is_help=True, help="Aerial imagery: label it by GIS layers, look at places, see change.")

TILES = Annotated[Path, typer.Argument(help="The folder that `mindseye gis label` wrote.")]


@app.command()
def show(tiles: TILES, as_json: AS_JSON = False) -> None:
    """Tell what a tile set holds: rasters, versions, how many tiles show each word."""
    from mindseye.api import formatting
    from mindseye.indexer.gis.tileset import TileSet

    found = TileSet.read(tiles)
    formatting.show(found.manifest.model_dump(), as_json, lambda told: [f"version {told['version']}"])
