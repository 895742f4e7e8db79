"""`mindseye figure`: one page of imagined pictures by category, with an answer key."""

from pathlib import Path
from typing import Annotated

import typer

from mindseye.api import formatting
from mindseye.api.cli_imagine import Method, Seed, Size
from mindseye.api.outputs import check_output
from mindseye.api.progress import progress_bar
from mindseye.api.session import AS_JSON, DONE, LIBRARY, PARTLY, SPACE, opened

_CONCEPTS = "CSV with the columns word,category; 20 categories of 10 concepts without it."
_OUTPUT = "The page; a sheet (.png) and the answer key (-key.csv) are written beside it."


def figure(
    concepts: Annotated[Path | None, typer.Option(help=_CONCEPTS)] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help=_OUTPUT)] = Path("mindseye-figure.html"),
    method: Method = None, size: Size = None, seed: Seed = 0,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Imagine many words by category, on one page that keeps the words until asked; goes on where it was stopped."""
    # These import torch and matplotlib, which a search does without.
    from mindseye.api.figure import Entry, figure_files, imagine_figure, in_categories, read_entries, write_figure
    from mindseye.engine.evaluation.concepts import evaluation_concepts

    for path in figure_files(output):
        check_output(path, {path.suffix if path != output else ".html"})
    if concepts is None:
        entries = in_categories(Entry(concept.word, concept.category or "") for concept in evaluation_concepts())
    else:
        entries = read_entries(concepts)
    with opened(library, space) as eye, progress_bar("imagining", "steps") as tell:
        made = imagine_figure(eye, entries, size=size, method=method, seed=seed, progress=tell)
    write_figure(made, output)
    for entry, reason in made.left_out:
        typer.echo(f"left out: {entry.word}: {reason}", err=True)
    files = figure_files(output)
    formatting.show(made, as_json, lambda _: [str(path.resolve()) for path in files])
    return PARTLY if made.left_out else DONE
