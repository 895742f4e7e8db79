"""`mindseye export` and `mindseye import`: a library in one file, and back; no space is opened for either."""

from pathlib import Path
from typing import Annotated

import typer

from mindseye.api import formatting
from mindseye.api.progress import progress_bar
from mindseye.api.session import AS_JSON, DONE, LIBRARY, PARTLY, settings
from mindseye.indexer.backup import ExportReport, ImportReport, Move, export_library, import_library


def export(
    file: Annotated[Path, typer.Argument(help="The zip to write.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    library: LIBRARY = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Write the whole library into one file: rows, vectors, imagined pictures and your own spaces, not the photos."""
    with progress_bar("exporting", "rows") as tell:
        report = export_library(settings(library).library, file, force=force, progress=tell)
    for skip in report.skipped:
        typer.echo(f"skipped: {formatting.skip_line(skip)}", err=True)
    formatting.show(report, as_json, lambda told: [f"{_holds(told)} in {told.path}"])
    return PARTLY if report.skipped else DONE


def restore(
    file: Annotated[Path, typer.Argument(help="A zip that `mindseye export` wrote.")],
    move: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD=NEW", help="The photos below OLD lie below NEW here; may be repeated."),
    ] = None,
    library: LIBRARY = None, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Make a library of an exported file; the folder must be new or empty."""
    moves = [Move.parse(text) for text in move or []]
    with progress_bar("importing", "rows") as tell:
        report = import_library(file, settings(library).library, moves, tell)
    formatting.show(report, as_json, lambda told: [f"{_holds(told)} restored to {told.root}"])


def _holds(report: ExportReport | ImportReport) -> str:
    counts = {"items": report.rows["item"], "vectors": report.vectors, "files": report.files}
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"{told} ({report.bytes / 1e6:.1f} MB, {report.seconds:.1f} s)"
