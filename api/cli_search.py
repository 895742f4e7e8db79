"""`search`, `similar` and `duplicates`: what is looked for, among what, and which page of it is shown."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from mindseye.api import formatting, ranges
from mindseye.api.answers import Answer
from mindseye.api.cli_imagine import Means, Seed, Sense
from mindseye.api.duplicates import duplicate_lines, find_duplicates
from mindseye.api.gis.asked import RADIUS, read_box, read_near
from mindseye.api.mindseye import Imagining, Mindseye
from mindseye.api.modalities import read_modalities
from mindseye.api.outputs import check_output
from mindseye.api.progress import progress_bar
from mindseye.api.session import AS_JSON, DONE, LIBRARY, NO_MATCH, SPACE, opened
from mindseye.engine.duplicates import NEAR
from mindseye.engine.errors import UsageError
from mindseye.indexer.filters import Filter, Origin

Limit = Annotated[int, typer.Option("-n", "--limit", min=1, help="How many hits.")]
Offset = Annotated[int, typer.Option(min=0, help="How many nearer hits to leave to earlier pages.")]
Fold = Annotated[
    float | None,
    typer.Option(help=f"Show near duplicates as one hit: from which likeness on, up to 1; {NEAR} is a good one."),
]
InCollection = Annotated[str | None, typer.Option("--collection", help="Look in this collection only.")]
OnPath = Annotated[str | None, typer.Option("--path", help="Only paths, or ends of them, like this: '2024/*.jpg'.")]
OnDate = Annotated[str | None, typer.Option("--date", help="Only taken then: 2024, 2024-05..2024-08, ..2023-12-31.")]
OfSize = Annotated[str | None, typer.Option("--size", help="Only files of this size: 100KB..2MB or 5MB..")]
OfPixels = Annotated[str | None, typer.Option("--pixels", help="Only longer sides of this length: 640..1024 or 800..")]
WithLabel = Annotated[list[str] | None, typer.Option("--label", help="Only with this word; several: with all of them.")]
InBox = Annotated[str | None, typer.Option("--box", help="Only what lies there on Earth: west,south,east,north.")]
NearPlace = Annotated[str | None, typer.Option("--near", help="Only near it: latitude,longitude, or a town's name.")]
Radius = Annotated[str | None, typer.Option("--radius", help="How near.", show_default=RADIUS)]
OfOrigin = Annotated[Origin, typer.Option("--origin", help="Among found pictures, or among imagined ones.")]
Among = Annotated[
    str | None,
    typer.Option(
        "--in", help="Look among these: images,words,paragraphs,documents.", show_default="all that the library holds"
    ),
]
Apart = Annotated[bool, typer.Option("--by-modality", help="Show the hits of each modality by themselves.")]
Grid = Annotated[Path | None, typer.Option(help="Write the hits as one picture, too.")]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Write the tiles among the hits for maps: .geojson or .gpkg.")
]


def search(
    query: Annotated[str | None, typer.Argument(help="A word, a phrase or a sentence.")] = None,
    limit: Limit = 10, offset: Offset = 0, fold: Fold = None,
    image: Annotated[Path | None, typer.Option(help="Search by this picture instead.")] = None,
    among: Among = None, apart: Apart = False,
    means: Means = None, sense: Sense = None,
    collection: InCollection = None, path: OnPath = None, date: OnDate = None, size: OfSize = None,
    pixels: OfPixels = None, label: WithLabel = None, origin: OfOrigin = "found",
    box: InBox = None, near: NearPlace = None, radius: Radius = None,
    imagine: Annotated[Imagining, typer.Option(help="When to imagine a picture.")] = "auto",
    seed: Seed = 0, grid: Grid = None, output: Output = None,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Search by words, by a picture, or by sums like "king - man + woman"; what no picture shows is imagined."""
    if (query is None) == (image is None):
        raise UsageError("search takes a query or --image, one of the two", "try `mindseye search cat`")
    check_output(grid, {".png"})
    check_output(output, {".geojson", ".gpkg"})
    within = _filter(collection, path, date, size, pixels, label, origin, box, near, radius)
    modalities = read_modalities(among)
    with opened(library, space) as eye:
        if image is not None:
            answer = eye.search_picture(
                image, limit, modalities=modalities, apart=apart, within=within, offset=offset, fold=fold
            )
        else:
            with progress_bar("imagining", "steps") as tell:
                answer = eye.search(
                    query or "", limit, means=means, sense=sense, modalities=modalities, apart=apart, within=within,
                    offset=offset, fold=fold, imagine=imagine, seed=seed, progress=tell,
                )  # fmt: skip
        _write(answer, grid, output, within, eye)
        formatting.show(answer, as_json, formatting.answer_lines)
    return DONE if answer.decision.matched or answer.imagined else NO_MATCH


def similar(
    item: Annotated[str, typer.Argument(help="An item's id, its path, or the end of it.")],
    limit: Limit = 10, offset: Offset = 0, fold: Fold = None, among: Among = None, apart: Apart = False,
    collection: InCollection = None, path: OnPath = None, date: OnDate = None, size: OfSize = None,
    pixels: OfPixels = None, label: WithLabel = None, origin: OfOrigin = "found",
    box: InBox = None, near: NearPlace = None, radius: Radius = None,
    grid: Grid = None, output: Output = None, library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Search by an indexed item: pictures and texts like it."""
    check_output(grid, {".png"})
    check_output(output, {".geojson", ".gpkg"})
    within = _filter(collection, path, date, size, pixels, label, origin, box, near, radius)
    modalities = read_modalities(among)
    with opened(library, space) as eye:
        answer = eye.similar(item, limit, modalities=modalities, apart=apart, within=within, offset=offset, fold=fold)
        _write(answer, grid, output, within, eye)
        formatting.show(answer, as_json, formatting.answer_lines)
    return DONE if answer.hits else NO_MATCH


def duplicates(
    likeness: Annotated[float, typer.Option(min=0.1, max=1.0, help="From which likeness on, up to 1.")] = NEAR,
    collection: InCollection = None, path: OnPath = None, date: OnDate = None, size: OfSize = None,
    pixels: OfPixels = None, label: WithLabel = None, origin: OfOrigin = "found",
    box: InBox = None, near: NearPlace = None, radius: Radius = None,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """List files that hold the same picture: copies to the byte, and near duplicates with their likeness."""
    within = _filter(collection, path, date, size, pixels, label, origin, box, near, radius)
    with opened(library, space) as eye, progress_bar("comparing", "pictures") as tell:
        report = find_duplicates(eye, within, likeness, tell)
    formatting.show(report, as_json, duplicate_lines)


def _filter(
    collection: str | None, path: str | None, date: str | None, size: str | None,
    pixels: str | None, label: list[str] | None, origin: Origin, box: str | None, near: str | None, radius: str | None,
) -> Filter:  # fmt: skip
    return Filter(
        collection, path, ranges.dates(date), ranges.sizes(size), ranges.sides(pixels), tuple(label or ()), origin,
        read_box(box), read_near(near, radius, partial(typer.echo, err=True)),
    )  # fmt: skip


def _write(answer: Answer, grid: Path | None, output: Path | None, within: Filter, eye: Mindseye) -> None:
    """Write the files that were asked for."""
    if grid:
        from mindseye.api import hit_sheet  # imports matplotlib and scikit-image, which a search does without

        if not hit_sheet.write_hits(grid, answer, eye):
            typer.echo(f"no picture is among the hits: {grid} is not written", err=True)
    if output:
        from mindseye.api.gis.hits import write_hits

        if nowhere := write_hits(output, answer, within, eye):
            typer.echo(f"{nowhere} of {len(answer.hits)} hits lie nowhere on Earth: not in {output}", err=True)
