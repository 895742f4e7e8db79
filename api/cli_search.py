"""`search`, `similar` and `duplicates`: what is looked for, among what, and which page of it is shown."""

from pathlib import Path
from typing import Annotated

import typer

from mindseye.api import formatting, ranges
from mindseye.api.answers import Answer
from mindseye.api.cli_imagine import Means, Seed, Sense
from mindseye.api.duplicates import duplicate_lines, find_duplicates
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
OfOrigin = Annotated[Origin, typer.Option("--origin", help="Among found pictures, or among imagined ones.")]
Among = Annotated[
    str | None,
    typer.Option(
        "--in", help="Look among these: images,words,paragraphs,documents.", show_default="all that the library holds"
    ),
]
Apart = Annotated[bool, typer.Option("--by-modality", help="Show the hits of each modality by themselves.")]
Grid = Annotated[Path | None, typer.Option(help="Write the hits as one picture, too.")]


def search(
    query: Annotated[str | None, typer.Argument(help="A word, a phrase or a sentence.")] = None,
    limit: Limit = 10, offset: Offset = 0, fold: Fold = None,
    image: Annotated[Path | None, typer.Option(help="Search by this picture instead.")] = None,
    among: Among = None, apart: Apart = False,
    means: Means = None, sense: Sense = None,
    collection: InCollection = None, path: OnPath = None, date: OnDate = None, size: OfSize = None,
    pixels: OfPixels = None, label: WithLabel = None, origin: OfOrigin = "found",
    imagine: Annotated[Imagining, typer.Option(help="When to imagine a picture.")] = "auto",
    seed: Seed = 0, grid: Grid = None, library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Search by words, by a picture, or by sums like "king - man + woman"; what no picture shows is imagined."""
    if (query is None) == (image is None):
        raise UsageError("search takes a query or --image, one of the two", "try `mindseye search cat`")
    check_output(grid, {".png"})
    within, modalities = _filter(collection, path, date, size, pixels, label, origin), read_modalities(among)
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
        _show(answer, grid, eye, as_json)
    return DONE if answer.decision.matched or answer.imagined else NO_MATCH


def similar(
    item: Annotated[str, typer.Argument(help="An item's id, its path, or the end of it.")],
    limit: Limit = 10, offset: Offset = 0, fold: Fold = None, among: Among = None, apart: Apart = False,
    collection: InCollection = None, path: OnPath = None, date: OnDate = None, size: OfSize = None,
    pixels: OfPixels = None, label: WithLabel = None, origin: OfOrigin = "found",
    grid: Grid = None, library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Search by an indexed item: pictures and texts like it."""
    check_output(grid, {".png"})
    within, modalities = _filter(collection, path, date, size, pixels, label, origin), read_modalities(among)
    with opened(library, space) as eye:
        answer = eye.similar(item, limit, modalities=modalities, apart=apart, within=within, offset=offset, fold=fold)
        _show(answer, grid, eye, as_json)
    return DONE if answer.hits else NO_MATCH


def duplicates(
    likeness: Annotated[float, typer.Option(min=0.1, max=1.0, help="From which likeness on, up to 1.")] = NEAR,
    collection: InCollection = None, path: OnPath = None, date: OnDate = None, size: OfSize = None,
    pixels: OfPixels = None, label: WithLabel = None, origin: OfOrigin = "found",
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """List files that hold the same picture: copies to the byte, and near duplicates with their likeness."""
    within = _filter(collection, path, date, size, pixels, label, origin)
    with opened(library, space) as eye, progress_bar("comparing", "pictures") as tell:
        report = find_duplicates(eye, within, likeness, tell)
    formatting.show(report, as_json, duplicate_lines)


def _filter(
    collection: str | None, path: str | None, date: str | None, size: str | None,
    pixels: str | None, label: list[str] | None, origin: Origin,
) -> Filter:  # fmt: skip
    return Filter(
        collection, path, ranges.dates(date), ranges.sizes(size), ranges.sides(pixels), tuple(label or ()), origin
    )


def _show(answer: Answer, grid: Path | None, eye: Mindseye, as_json: bool) -> None:
    if grid:
        from mindseye.api import hit_sheet  # imports matplotlib and scikit-image, which a search does without

        if not hit_sheet.write_hits(grid, answer, eye):
            typer.echo(f"no picture is among the hits: {grid} is not written", err=True)
    formatting.show(answer, as_json, formatting.answer_lines)
