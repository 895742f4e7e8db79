"""`mindseye gis heat`: where a word is on Earth."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from mindseye.api import formatting
from mindseye.api.gis.asked import RADIUS, read_box, read_near
from mindseye.api.gis.heat import heat as heat_of
from mindseye.api.gis.heat import lines, told
from mindseye.api.outputs import check_output
from mindseye.api.ranges import dates
from mindseye.api.session import AS_JSON, LIBRARY, SPACE, opened
from mindseye.indexer.filters import Filter


def heat(
    word: Annotated[str, typer.Argument(help="A word, a phrase, or a sum like 'forest - river'.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A picture (.png) of rasters and scores to write.")
    ] = None,
    collection: Annotated[str | None, typer.Option(help="Only tiles of this collection.")] = None,
    date: Annotated[str | None, typer.Option(help="Only imagery of then: 2024, 2024-05..2024-08.")] = None,
    box: Annotated[str | None, typer.Option("--box", help="Only what lies there: west,south,east,north.")] = None,
    near: Annotated[str | None, typer.Option("--near", help="Only near it: latitude,longitude, or a town.")] = None,
    radius: Annotated[str | None, typer.Option("--radius", help="How near.", show_default=RADIUS)] = None,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Tell, and draw, how much each tile looks like a word."""
    check_output(output, (".png",))
    circle = read_near(near, radius, lambda line: typer.echo(line, err=True))
    within = Filter(collection=collection, date=dates(date), box=read_box(box), near=circle)
    with opened(library, space) as eye:
        found = heat_of(eye, word, within)
    if output is not None:
        from mindseye.api.gis.heat_picture import write_heat  # imports matplotlib and GDAL

        for note in write_heat(found, output):
            typer.echo(f"note: {formatting.printable(note)}", err=True)
    file = {"file": str(output.resolve())} if output else {}

    def told_to_people(_: Any) -> Iterator[str]:
        yield from map(formatting.printable, lines(found))
        yield from file.values()

    formatting.show({**told(found), **file}, as_json, told_to_people)
