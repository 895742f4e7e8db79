"""The command line: parse, call, format. Results on stdout, chatter on stderr."""

import io
import logging
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from mindseye.api import (
    cli_adaptation,
    cli_backup,
    cli_demo,
    cli_doctor,
    cli_evaluate,
    cli_figure,
    cli_gis,
    cli_imagine,
    cli_map,
    cli_search,
    cli_serve,
    cli_space,
    cli_study,
    cli_text,
    formatting,
)
from mindseye.api.cli_search import InCollection, Limit
from mindseye.api.comparing import compare_spaces, comparison_lines
from mindseye.api.manifest import read_manifest
from mindseye.api.progress import progress_bar
from mindseye.api.session import (
    AS_JSON,
    DONE,
    FAILED,
    LIBRARY,
    PARTLY,
    SPACE,
    STOPPED,
    USAGE,
    opened,
    remember,
    settings,
    stop_when_asked,
)
from mindseye.api.spaces import open_space
from mindseye.engine.errors import MindseyeError, NotFoundError, UnknownWordError, UsageError

WORDS = "words"  # the collection of words that ships
_INTERRUPTED = 130  # what typer makes of Ctrl-C

app = typer.Typer(
    name="mindseye", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Search pictures by meaning, and picture the words that have no pictures.",
)  # fmt: skip
app.add_typer(cli_evaluate.app, name="evaluate")
cli_evaluate.app.command("adaptation")(cli_adaptation.adaptation)
app.add_typer(cli_space.app, name="space")
app.add_typer(cli_text.app, name="text")
app.add_typer(cli_study.app, name="study")
app.add_typer(cli_gis.app, name="gis")
app.command("search")(cli_search.search)
app.command("similar")(cli_search.similar)
app.command("duplicates")(cli_search.duplicates)
app.command("imagine")(cli_imagine.imagine)
app.command("figure")(cli_figure.figure)
app.command("export")(cli_backup.export)
app.command("import")(cli_backup.restore)
app.command("demo")(cli_demo.demo)
app.command("doctor")(cli_doctor.doctor)
app.command("map")(cli_map.map_)
app.command("serve")(cli_serve.serve)


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
    paths: Annotated[list[Path] | None, typer.Argument(help="Folders or files; none for a shipped one.")] = None,
    collection: Annotated[str, typer.Option(help="The collection they belong to.")] = "default",
    label: Annotated[list[str] | None, typer.Option(help="A word for all of them; '' takes given ones away.")] = None,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Index pictures and texts, or bring the index up to date with them.

    Without paths: `--collection words`, some 20,000 common words with their senses, or `--collection demo`.
    """
    if not paths and collection == WORDS:
        if label:
            raise UsageError("the collection of words takes no labels", "leave out --label")
        return _index_words(library, space, as_json)
    paths = paths or [picture.path for picture in read_manifest(collection).pictures]
    with opened(library, space) as eye, progress_bar("indexing", "files") as tell:
        report = eye.index(paths, collection, tell, label or None)
    for skip in report.skipped:
        typer.echo(f"skipped: {formatting.skip_line(skip)}", err=True)
    formatting.show(report, as_json, formatting.report_lines)
    if report.seen == 0 and not report.skipped:
        where = ", ".join(map(str, paths))
        typer.echo(f"no pictures and no texts below {where}: looked for {formatting.SUFFIX_LIST}", err=True)
    return PARTLY if report.skipped else DONE


def _index_words(library: Path | None, space: str | None, as_json: bool) -> int:
    with opened(library, space) as eye, progress_bar("encoding words (once)", "texts") as tell:
        report = eye.index_words(WORDS, tell)
    formatting.show(report, as_json, formatting.words_lines)
    return DONE


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
    skipped: Annotated[bool, typer.Option("--skipped", help="List the files that cannot be taken, and why.")] = False,
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
    """Move the library to another encoder, that of --space; the one it has answers until the switch."""
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


def main() -> None:
    """Run the command line; every error becomes one message and an exit code."""
    for stream in (sys.stdout, sys.stderr):  # file names may hold any byte; \udcff is how JSON writes one, too
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stderr)
    for chatty in ("httpx", "transformers", "sentence_transformers", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("gensim").setLevel(logging.ERROR)  # it warns of every small corpus
    logging.getLogger("rasterio").setLevel(logging.CRITICAL)  # what it raises is told in words
    stop_when_asked()
    sys.exit(_run())


def _run() -> int:
    try:
        code = int(app(standalone_mode=False) or DONE)
    except (typer.Abort, KeyboardInterrupt):
        code = _INTERRUPTED
    except typer.TyperException as error:
        if message := error.format_message():  # empty when help was printed for want of a command
            typer.echo(f"mindseye: {message}; `mindseye --help` lists commands and options", err=True)
        return USAGE
    except MindseyeError as error:
        typer.echo(formatting.printable(f"mindseye: {error}"), err=True)
        return USAGE if isinstance(error, UsageError | UnknownWordError | NotFoundError) else FAILED
    except OSError as error:  # a full disk, a folder that cannot be written
        typer.echo(f"mindseye: {error}; check the disk, and MINDSEYE_LIBRARY and MINDSEYE_CACHE", err=True)
        return FAILED
    except ValidationError as error:
        typer.echo(f"mindseye: a setting cannot be used: {error}", err=True)
        return USAGE
    if code == _INTERRUPTED:
        typer.echo(STOPPED, err=True)
        return FAILED
    return code
