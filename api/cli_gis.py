"""`mindseye gis`: rasters and layers become labelled tiles, and what can be seen and asked of them."""

import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from typer.core import TyperCommand

from mindseye.api import formatting
from mindseye.api.cli_change import change
from mindseye.api.cli_gis_suggest import suggest
from mindseye.api.cli_heat import heat
from mindseye.api.outputs import check_output
from mindseye.api.progress import progress_bar
from mindseye.api.session import AS_JSON, DONE, FAILED, PARTLY
from mindseye.engine.errors import UsageError

if TYPE_CHECKING:  # its libraries are loaded by the commands that need them
    from mindseye.indexer.gis.making import TileReport
    from mindseye.indexer.gis.rules import Rules
    from mindseye.indexer.gis.tileset import Manifest, Version

app = typer.Typer(no_args_is_help=True, help="Aerial imagery: label it by GIS layers, look at places, see change.")
app.command()(suggest)
app.command()(heat)
app.command()(change)

TILES = Annotated[Path, typer.Argument(help="The folder that `mindseye gis label` wrote.")]


class _Lists(TyperCommand):
    """A command whose --layers takes all files up to the next option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write --layers before each of its files."""
        return super().parse_args(ctx, list(_each_named(args, "--layers")))


def _each_named(args: Iterable[str], option: str) -> Iterator[str]:
    """Yield arguments in which an option of several values is one of several options."""
    values = -1  # met since the option; below 0 outside of it
    for argument in args:
        if argument.startswith("-"):
            values = 0 if argument == option else -1
        elif values >= 0:
            values += 1
            if values > 1:
                yield option
        yield argument


@app.command(cls=_Lists)
def label(
    rasters: Annotated[list[Path], typer.Argument(help="Rasters: GeoTIFF, COG, VRT and others.", metavar="RASTER...")],
    rules: Annotated[Path, typer.Option("--rules", help="What the words are: `mindseye gis suggest` writes a draft.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder that the tiles go to.")],
    layers: Annotated[
        list[Path] | None, typer.Option("--layers", help="Files of layers, one after the other.", metavar="FILE...")
    ] = None,
    image_format: Annotated[
        str, typer.Option("--format", help="windows: of the rasters as they are; jpeg: copies of each tile.")
    ] = "windows",
    date: Annotated[str | None, typer.Option("--date", help="When the imagery was taken, like 2010-11-24.")] = None,
    as_json: AS_JSON = False,
) -> int:
    """Cut rasters into tiles and label them by what the layers show there."""
    from mindseye.indexer.gis.making import make_tiles

    read = _read_rules(rules, date)
    with progress_bar("labelling", "tiles") as tell:
        command = shlex.join(["mindseye", *sys.argv[1:]])
        report = make_tiles(rasters, layers or [], read, output, image_format, command, tell)
    for skip in report.skipped:
        typer.echo(formatting.printable(f"skipped: {skip.reason}"), err=True)
    formatting.show(_told(report), as_json, lambda told: _report_lines(report))
    if report.version is None:
        return FAILED
    return PARTLY if report.skipped else DONE


@app.command()
def show(
    tiles: TILES,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A picture (.png) of rasters and tiles to write.")
    ] = None,
    as_json: AS_JSON = False,
) -> None:
    """Tell what a tile set holds: rasters, versions, how many tiles show each word."""
    from mindseye.indexer.gis.tileset import TileSet

    check_output(output, (".png",))
    found = TileSet.read(tiles)
    if output is not None:
        from mindseye.api.gis.sheet import write_tile_sheet

        with progress_bar("drawing", "rasters") as tell:
            write_tile_sheet(found, output, tell)
    told = {**found.manifest.model_dump(), "folder": str(found.folder), "file": output and str(output.resolve())}
    formatting.show(told, as_json, lambda told: _shown_lines(found.manifest, told["file"]))


def _read_rules(path: Path, date: str | None) -> "Rules":
    from mindseye.indexer.gis.rules import Rules

    read = Rules.read(path)
    if date is None:
        return read
    try:
        return Rules.model_validate({**read.model_dump(), "date": date})
    except ValidationError as error:
        raise UsageError(f"--date {date!r} is no date", "write it like 2010-11-24, 2010-11 or 2010") from error


def _told(report: "TileReport") -> dict[str, Any]:
    return {
        "folder": report.folder,
        "new": report.new,
        "version": report.version.model_dump() if report.version else None,
        "skipped": [skip.model_dump() for skip in report.skipped],
        "notes": report.notes,
        "seconds": round(report.seconds, 3),
    }


def _report_lines(report: "TileReport") -> Iterator[str]:
    if report.version is None:
        yield f"0 tiles: nothing is written to {report.folder}"
        yield from (f"  {note}" for note in report.notes)
        return
    if not report.new:
        yield f"{report.folder} is up to date: the same rasters, layers and rules gave version {report.version.number}"
    yield from _version_lines(report.version)


def _version_lines(version: "Version") -> Iterator[str]:
    labelled = version.tiles - version.unlabelled
    yield f"version {version.number}: {version.tiles:,} tiles ({labelled:,} labelled) of {version.seen:,} looked at"
    for raster in version.rasters:
        when = f", {raster.date} by {raster.date_from}" if raster.date else ", without a date"
        yield f"  {raster.tiles:,} of {Path(raster.path).name}: {raster.width:,} x {raster.height:,} pixels{when}"
    for word, number in sorted(version.counts.items(), key=lambda pair: -pair[1]):
        yield f"{number:8,d}  {word}"
    yield from (f"note: {note}" for note in version.notes)


def _shown_lines(manifest: "Manifest", file: str | None) -> Iterator[str]:
    yield from _version_lines(manifest.current)
    for version in reversed(manifest.history[:-1]):
        yield f"before: version {version.number} of {version.when}, {version.tiles:,} tiles"
    if file:
        yield file
