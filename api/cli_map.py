"""`mindseye map`: everything in the library on one plane, as a page of its own, a picture, or in numbers."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import typer
from PIL import Image

from mindseye.api import formatting
from mindseye.api.maps.chart import IMAGINED, KINDS, Chart, chart_of, kind_of
from mindseye.api.mindseye import Mindseye
from mindseye.api.modalities import PLURAL, read_modalities
from mindseye.api.outputs import check_output, write_sheet, write_whole
from mindseye.api.progress import progress_bar
from mindseye.api.session import AS_JSON, DONE, LIBRARY, NO_MATCH, SPACE, opened
from mindseye.engine.errors import MindseyeError
from mindseye.indexer.filters import Filter
from mindseye.indexer.maps import Point, open_map

_FILES = (".html", ".png")


def map_(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="A page of its own (.html), or a picture (.png), to write."),
    ] = None,
    collection: Annotated[str | None, typer.Option(help="Show only this collection.")] = None,
    among: Annotated[str | None, typer.Option("--in", help="Only images,words,paragraphs,documents")] = None,
    refit: Annotated[bool, typer.Option("--refit", help="Find every place anew, not only those of new items.")] = False,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Draw a map of all items, each near those it is like; what is new is placed without moving the rest."""
    check_output(output, _FILES)
    kinds = read_modalities(among)
    if kinds and "image" in kinds:
        kinds = (*kinds, IMAGINED)
    with opened(library, space) as eye:
        eye.library().select(Filter(collection=collection))  # an unknown one is refused before the work
        with progress_bar("drawing the map", "parts") as tell:
            found = open_map(eye.library(), refit, tell)
        chart = chart_of(eye.library(), found, collection, kinds)
        if output is not None and chart.points:
            _write(output, eye, chart)
    formatting.show(_told(chart, output), as_json, _lines)
    return DONE if chart.points else NO_MATCH


def _write(output: Path, eye: Mindseye, chart: Chart) -> None:
    title = f"{eye.root.name}: a map of {len(chart.points):,} items"
    with progress_bar("reading pictures", "pictures") as tell:
        total, read = len(chart.pictures), iter(range(1, len(chart.pictures) + 1))

        def thumbnail(point: Point) -> Path | None:
            tell(next(read, total), total)
            try:
                return eye.thumbnail(point.item_id)
            except MindseyeError:  # its file is gone: its place stays, as a dot
                return None

        if output.suffix.lower() == ".png":
            from mindseye.api.maps.picture import draw_map

            _write_picture(output, draw_map(chart, thumbnail, title), chart)
        else:
            from mindseye.api.maps.one_file import one_file

            write_whole(output, one_file(chart, thumbnail, title).encode())


def _write_picture(output: Path, picture: Image.Image, chart: Chart) -> None:
    """Write the map as PNG, marked as what it is where imagined pictures are on it."""
    dreams = [point.path.stem for point in chart.points if kind_of(point) == IMAGINED]
    if dreams:
        write_sheet(output, picture, dreams)
    else:
        data = BytesIO()
        picture.save(data, "PNG")
        write_whole(output, data.getvalue())


def _told(chart: Chart, output: Path | None) -> dict[str, Any]:
    counts = {kind: int((chart.kinds == number).sum()) for number, kind in enumerate(KINDS)}
    return {
        "items": len(chart.points),
        **{PLURAL.get(kind, kind): count for kind, count in counts.items()},
        "added_since_made": chart.added,
        "file": str(output.resolve()) if output is not None and chart.points else None,
    }


def _lines(told: dict[str, Any]) -> Iterable[str]:
    kinds = [f"{told[name]:,} {name}" for name in (*PLURAL.values(), IMAGINED) if told[name]]
    yield f"{told['items']:,} items: {', '.join(kinds) or 'nothing to show'}"
    if told["added_since_made"]:
        yield f"{told['added_since_made']:,} were added since the map was made; --refit finds every place anew"
    if told["file"]:
        yield told["file"]
