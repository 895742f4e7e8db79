"""`mindseye text …`: what is learned from texts alone, and `evaluate training`, which measures it."""

from pathlib import Path
from typing import Annotated

import typer

from mindseye.api import formatting
from mindseye.api.session import AS_JSON, DONE, LIBRARY, PARTLY, settings
from mindseye.api.text_training import report_lines, train_space
from mindseye.engine.text.training import Method, Parameters

app = typer.Typer(no_args_is_help=True, help="Learn from texts of your own.")
DEFAULT = Parameters()

METHOD = Annotated[Method, typer.Option(help="Paragraph vectors, or word2vec.")]
WIDTH = Annotated[int, typer.Option(min=2, max=2000, help="Of the vectors.")]
WINDOW = Annotated[int, typer.Option(min=1, max=100, help="Words of context on each side.")]
EPOCHS = Annotated[int, typer.Option(min=1, max=1000, help="Passes over the corpus.")]
MIN_COUNT = Annotated[int, typer.Option(min=1, help="Rarer words are left out.")]
NEGATIVE = Annotated[int, typer.Option(min=1, max=100, help="Words to tell a word from.")]
SAMPLE = Annotated[float, typer.Option(min=0, max=1, help="Words more frequent than this are left out by chance.")]
MAX_WORDS = Annotated[
    int | None, typer.Option(min=50, help="Of the vocabulary; the rarest are left out.", show_default="no limit")
]
WORKERS = Annotated[
    int, typer.Option(min=1, max=64, help="Threads; with more than one, no two trainings are the same.")
]
SEED = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of what training draws by chance.")]


@app.callback()
def text() -> None:
    """Learn from texts of your own."""


@app.command()
def train(
    corpus: Annotated[list[Path], typer.Argument(help="Files of texts or JSON lines, or folders of them.")],
    name: Annotated[str, typer.Option(help="What to save the space as.")],
    method: METHOD = DEFAULT.method, width: WIDTH = DEFAULT.width, window: WINDOW = DEFAULT.window,
    epochs: EPOCHS = DEFAULT.epochs, min_count: MIN_COUNT = DEFAULT.min_count, negative: NEGATIVE = DEFAULT.negative,
    sample: SAMPLE = DEFAULT.sample, max_words: MAX_WORDS = DEFAULT.max_words, workers: WORKERS = DEFAULT.workers,
    seed: SEED = DEFAULT.seed, library: LIBRARY = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Train word or paragraph vectors on a corpus of your own, and make a joint space of them."""
    parameters = Parameters(method, width, window, epochs, min_count, negative, sample, max_words, workers, seed)
    report = train_space(settings(library), corpus, name, parameters)
    for place, reason in report.skipped.items():
        typer.echo(formatting.printable(f"skipped: {place}: {reason}"), err=True)
    formatting.show(report, as_json, report_lines)
    return PARTLY if report.skipped else DONE
