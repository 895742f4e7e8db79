"""`mindseye evaluate …`: figures that anyone can measure again, as JSON.

Each command imports what it measures with when it runs: the others, and a search, do without torch.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from mindseye.api import cli_relevance, cli_synthesis, cli_zero_shot, formatting
from mindseye.api.cli_text import (
    DEFAULT,
    EPOCHS,
    MAX_WORDS,
    METHOD,
    MIN_COUNT,
    NEGATIVE,
    SAMPLE,
    SEED,
    WIDTH,
    WINDOW,
    WORKERS,
)
from mindseye.api.session import AS_JSON, SPACE, settings
from mindseye.engine.text.training import Parameters

app = typer.Typer(no_args_is_help=True, help="Measure search, decisions and imagined pictures.")
app.command("zero-shot")(cli_zero_shot.zero_shot)
app.command("synthesis")(cli_synthesis.synthesis)
app.command("concepts")(cli_synthesis.concepts)
cli_relevance.add_to(app)

Images = Annotated[Path, typer.Option("--images", help="A folder with a folder of pictures for each word.")]

SEEDS = Annotated[int, typer.Option(min=1, help="Draws of documents and of hidden paragraphs.")]

Plot = Annotated[
    Path | None, typer.Option(help="Draw the reliability diagram to this PNG file.", dir_okay=False, show_default=False)
]


@app.command()
def retrieval(
    images: Images,
    apart: Annotated[
        Path | None, typer.Option(help="JSON object with lists of words, each also measured apart.", show_default=False)
    ] = None,
    space: SPACE = None,
    as_json: AS_JSON = False,
) -> None:
    """Search each folder's word among all pictures."""
    from mindseye.api.evaluation import product

    chosen = settings(space=space)
    listed = chosen.data / "caltech101_unseen.json"  # its lists count only where the folders have all their words
    apart = apart or (listed if listed.exists() else None)
    _show(product.evaluate_retrieval(images, chosen.cache, apart, chosen.space, chosen.library), as_json)


@app.command()
def captions(
    captions: Annotated[list[Path], typer.Option("--captions", help="CSV, JSON or JSON lines; may be repeated.")],
    images: Annotated[
        Path | None, typer.Option(help="The folder of the pictures; the captions' own.", show_default=False)
    ] = None,
    space: SPACE = None,
    as_json: AS_JSON = False,
) -> None:
    """Search each caption's picture among all captioned pictures, and each picture's captions among all."""
    from mindseye.api.evaluation.captions import evaluate_captions

    chosen = settings(space=space)
    _show(evaluate_captions(captions, chosen.cache, images, chosen.space, chosen.library), as_json)


@app.command()
def text(
    space: Annotated[
        list[str] | None,
        typer.Option("--space", help="A joint space, by name; may be repeated.", show_default="the space in use"),
    ] = None,
    benchmarks: Annotated[
        Path | None,
        typer.Option(help="Word benchmarks: word_benchmarks.tar.gz or its folder.", show_default=False),
    ] = None,
    documents: Annotated[
        Path | None, typer.Option(help="Documents whose paragraphs are hidden: JSON lines.", show_default=False)
    ] = None,
    seeds: SEEDS = 5,
    as_json: AS_JSON = False,
) -> None:
    """Put words and texts of a space to the literature's benchmarks, and hidden paragraphs to find their documents."""
    from mindseye.api.evaluation.text import TextData, evaluate_text

    chosen = settings()
    data = TextData(
        benchmarks or _existing(chosen.data / "word_benchmarks.tar.gz"),
        documents or _existing(chosen.data / "enwiki_docs.jsonl.gz"),
    )
    _show(evaluate_text(space or [chosen.space], data, chosen.cache, chosen.library, seeds), as_json)


@app.command()
def training(
    documents: Annotated[
        Path | None,
        typer.Option(help="JSON lines of title and paragraphs.", show_default="enwiki_docs.jsonl.gz of MINDSEYE_DATA"),
    ] = None,
    seeds: SEEDS = 5,
    first_seed: Annotated[int, typer.Option(min=0, help="Of the first draw; the others follow.")] = 0,
    all_paragraphs: Annotated[
        bool, typer.Option("--all-paragraphs", help="Train on the hidden ones too, to compare.")
    ] = False,
    method: METHOD = DEFAULT.method, width: WIDTH = DEFAULT.width, window: WINDOW = DEFAULT.window,
    epochs: EPOCHS = DEFAULT.epochs, min_count: MIN_COUNT = DEFAULT.min_count, negative: NEGATIVE = DEFAULT.negative,
    sample: SAMPLE = DEFAULT.sample, max_words: MAX_WORDS = DEFAULT.max_words, workers: WORKERS = DEFAULT.workers,
    seed: SEED = DEFAULT.seed, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Train a space without the hidden paragraphs, as `text train` does, and let each ask for its document."""
    from mindseye.api.evaluation.training import evaluate_training

    chosen = settings()
    told = documents or chosen.data / "enwiki_docs.jsonl.gz"
    parameters = Parameters(method, width, window, epochs, min_count, negative, sample, max_words, workers, seed)
    drawn = range(first_seed, first_seed + seeds)
    _show(evaluate_training(told, parameters, chosen, drawn, all_paragraphs), as_json)


@app.command("no-match")
def no_match(
    images: Images,
    words: Annotated[int, typer.Option(min=2, help="Random words to ask.")] = 300,
    plot: Plot = None,
    as_json: AS_JSON = False,
) -> None:
    """Tell words that pictures show from words that none does."""
    from mindseye.api.evaluation import product

    _show(product.evaluate_no_match(images, settings().cache, words, plot), as_json)


@app.command()
def calibrate(
    images: Annotated[
        list[Path], typer.Option("--images", help="A folder with a folder for each WordNet id; may be repeated.")
    ],
    plot: Plot = None,
    as_json: AS_JSON = False,
) -> None:
    """Fit P(match) on pictures of ImageNet classes; prints what ships as calibration.json."""
    from mindseye.api.evaluation import calibrate

    _show(calibrate.evaluate_calibrate(images, settings().cache, plot), as_json)


def _show(figures: dict[str, Any], as_json: bool) -> None:
    formatting.show(figures, as_json, _lines)


def _lines(figures: dict[str, Any], indent: str = "") -> list[str]:
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict):
            lines += [f"{indent}{name}", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{name:<{34 - len(indent)}}{value}")
    return lines


def _existing(path: Path) -> Path | None:
    return path if path.exists() else None
