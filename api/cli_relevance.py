"""`mindseye evaluate relevance` and `merge`: one ranking across modalities, fitted and measured."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from mindseye.api import formatting
from mindseye.api.session import AS_JSON, SPACE, settings

Documents = Annotated[
    Path, typer.Option("--documents", help="Articles as JSON lines {id, title, paragraphs}.", dir_okay=False)
]


def relevance(
    images: Annotated[
        list[Path], typer.Option("--images", help="A folder with a folder for each WordNet id; may be repeated.")
    ],
    documents: Documents,
    as_json: AS_JSON = False,
) -> None:
    """Fit P(a hit is about what was asked) for all modalities; prints what ships as relevance.json."""
    from mindseye.api.evaluation.relevance import evaluate_relevance

    formatting.show(evaluate_relevance(images, documents, settings().cache), as_json, _lines)


def merge(
    images: Annotated[Path, typer.Option("--images", help="A folder with a folder of pictures for each word.")],
    documents: Documents,
    seed: Annotated[int, typer.Option(help="Of the articles and words drawn.")] = 0,
    space: SPACE = None,
    as_json: AS_JSON = False,
) -> None:
    """Compare search's one list of words, paragraphs, documents and pictures with other ways to merge them."""
    from mindseye.api.evaluation.merge import evaluate_merge

    chosen = settings(space=space)
    told = evaluate_merge(images, documents, chosen.cache, seed, chosen.space, chosen.library)
    formatting.show(told, as_json, _lines)


def _lines(figures: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _lines(value, f"{before}{name} ")
        else:
            yield f"{before}{name}  {value}"


def add_to(app: typer.Typer) -> None:
    """Add the commands to `mindseye evaluate`."""
    app.command()(relevance)
    app.command()(merge)
