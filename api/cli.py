"""The command line: parse, call, format. Results on stdout, chatter on stderr."""

import logging
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from mindseye.api import cli_adaptation, cli_evaluate, cli_figure, cli_imagine, cli_space, formatting
from mindseye.api.cli_imagine import Means, Seed, Sense
from mindseye.api.comparing import compare_spaces, comparison_lines
from mindseye.api.demo import run_demo
from mindseye.api.manifest import read_manifest
from mindseye.api.mindseye import Imagining
from mindseye.api.progress import progress_bar
from mindseye.api.session import (
    AS_JSON,
    DONE,
    FAILED,
    LIBRARY,
    NO_MATCH,
    PARTLY,
    SPACE,
    USAGE,
    opened,
    remember,
    settings,
)
from mindseye.api.spaces import open_space
from mindseye.engine.errors import MindseyeError, NotFoundError, UnknownWordError, UsageError

_INTERRUPTED = 130  # what typer makes of Ctrl-C

app = typer.Typer(
    name="mindseye", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Search pictures by meaning, and picture the words that have no pictures.",
)  # fmt: skip
app.add_typer(cli_evaluate.app, name="evaluate")
cli_evaluate.app.command("adaptation")(cli_adaptation.adaptation)
app.add_typer(cli_space.app, name="space")
app.command("imagine")(cli_imagine.imagine)
app.command("figure")(cli_figure.figure)

Limit = Annotated[int, typer.Option("-n", "--limit", min=1, help="How many hits.")]
InCollection = Annotated[str | None, typer.Option("--collection", help="Look in this collection only.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mindseye {version('mindseye')}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")]


@app.callback()
def start(library: LIBRARY = None, space: SPACE = None, show_version: Version = False) -> None:
    """Search pictures by meaning, and picture the words that have no pictures."""
    remember(library, space)


@app.command()
def index(
    paths: Annotated[list[Path] | None, typer.Argument(help="Folders or pictures; none for a shipped one.")] = None,
    collection: Annotated[str, typer.Option(help="The collection they belong to.")] = "default",
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Index pictures, or bring the index up to date with them."""
    paths = paths or [picture.path for picture in read_manifest(collection).pictures]
    with opened(library, space) as eye, progress_bar("indexing", "pictures") as tell:
        report = eye.index(paths, collection, tell)
    for skip in report.skipped:
        typer.echo(f"skipped: {formatting.skip_line(skip)}", err=True)
    formatting.show(report, as_json, formatting.report_lines)
    if report.seen == 0 and not report.skipped:
        typer.echo(f"no pictures below {', '.join(map(str, paths))}: looked for {formatting.SUFFIX_LIST}", err=True)
    return PARTLY if report.skipped else DONE


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="A word, a phrase or a sentence.")] = None,
    limit: Limit = 10,
    image: Annotated[Path | None, typer.Option(help="Search pictures like this one instead.")] = None,
    means: Means = None, sense: Sense = None, collection: InCollection = None,
    imagine: Annotated[Imagining, typer.Option(help="When to imagine a picture.")] = "auto",
    seed: Seed = 0, library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Search pictures by words or by a picture; what no picture shows is imagined."""
    if (query is None) == (image is None):
        raise UsageError("search takes a query or --image, one of the two", "try `mindseye search cat`")
    with opened(library, space) as eye:
        if image is not None:
            answer = eye.search_picture(image, limit, collection=collection)
        else:
            with progress_bar("imagining", "steps") as tell:
                answer = eye.search(
                    query or "",
                    limit,
                    means=means,
                    sense=sense,
                    collection=collection,
                    imagine=imagine,
                    seed=seed,
                    progress=tell,
                )
    formatting.show(answer, as_json, formatting.answer_lines)
    return DONE if answer.decision.matched or answer.imagined else NO_MATCH


@app.command()
def similar(
    item: Annotated[str, typer.Argument(help="An item's id, its path, or the end of it.")],
    limit: Limit = 10, collection: InCollection = None,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Search pictures like an indexed one."""
    with opened(library, space) as eye:
        answer = eye.similar(item, limit, collection=collection)
    formatting.show(answer, as_json, formatting.answer_lines)
    return DONE if answer.hits else NO_MATCH


@app.command()
def explain(
    item: Annotated[str, typer.Argument(help="An item's id, its path, or the end of it.")],
    library: LIBRARY = None,
    space: SPACE = None,
    as_json: AS_JSON = False,
) -> None:
    """Tell where a found or imagined picture came from."""
    with opened(library, space) as eye:
        formatting.show(eye.explain(item), as_json, lambda chain: chain.lines())


@app.command()
def collections(library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False) -> None:
    """List the collections."""
    with opened(library, space) as eye:
        formatting.show(eye.collections(), as_json, formatting.collection_lines)


@app.command()
def status(
    skipped: Annotated[bool, typer.Option("--skipped", help="List what the last indexing left out, and why.")] = False,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Tell what the library holds."""
    with opened(library, space) as eye:
        if skipped:
            formatting.show(eye.skipped(), as_json, lambda skips: map(formatting.skip_line, skips))
        else:
            formatting.show(eye.status(), as_json, formatting.status_lines)


@app.command()
def remove(
    items: Annotated[list[str] | None, typer.Argument(help="Items: ids or paths.")] = None,
    collection: Annotated[str | None, typer.Option(help="Remove this whole collection.")] = None,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Take items out of the library; the files stay where they are."""
    if not items and collection is None:
        raise UsageError("nothing was named to remove", "name items, or --collection NAME")
    with opened(library, space) as eye:
        formatting.show({"removed": eye.remove(items or [], collection)}, as_json, formatting.removed_lines)


@app.command()
def reembed(library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False) -> int:
    """Encode every picture again after a change of encoder."""
    with opened(library, space) as eye, progress_bar("encoding", "pictures") as tell:
        report = eye.reembed(tell)
    formatting.show(report, as_json, formatting.reembed_lines)
    return PARTLY if report.skipped else DONE


@app.command()
def compare(
    word: Annotated[str, typer.Argument(help="A word, a phrase or a sentence.")],
    spaces: Annotated[str, typer.Option(help="Names of spaces, joined by commas.")] = "pocket,glove",
    limit: Limit = 10, collection: InCollection = None, library: LIBRARY = None, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Ask several spaces for the same word: their hits side by side, and how much they overlap."""
    chosen, names = settings(library), list(dict.fromkeys(filter(None, spaces.split(","))))
    with progress_bar("fitting spaces (once)", "texts") as tell:
        opened = [open_space(name, chosen.library, chosen.cache, tell) for name in names]
    formatting.show(compare_spaces(chosen.library, opened, word, limit, collection), as_json, comparison_lines)


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="The page to write.")] = Path("mindseye-demo.html"),
) -> None:
    """Index a dozen photographs, search and imagine, and write one page that shows it all."""
    typer.echo(run_demo(output, settings().cache).resolve())


def main() -> None:
    """Run the command line; every error becomes one message and an exit code."""
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stderr)
    for chatty in ("httpx", "transformers", "sentence_transformers", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    sys.exit(_run())


def _run() -> int:
    try:
        code = int(app(standalone_mode=False) or DONE)
    except typer.Abort:
        code = _INTERRUPTED
    except typer.TyperException as error:
        if message := error.format_message():  # empty when help was printed for want of a command
            typer.echo(f"mindseye: {message}; `mindseye --help` lists commands and options", err=True)
        return USAGE
    except MindseyeError as error:
        typer.echo(f"mindseye: {error}", err=True)
        return USAGE if isinstance(error, UsageError | UnknownWordError | NotFoundError) else FAILED
    except OSError as error:  # a full disk, a folder that cannot be written
        typer.echo(f"mindseye: {error}; check the disk, and MINDSEYE_LIBRARY and MINDSEYE_CACHE", err=True)
        return FAILED
    except ValidationError as error:
        typer.echo(f"mindseye: a setting cannot be used: {error}", err=True)
        return USAGE
    if code == _INTERRUPTED:
        typer.echo("stopped; what was done so far is kept", err=True)
        return FAILED
    return code
