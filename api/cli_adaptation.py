"""`mindseye evaluate adaptation`: what a fit does for its words, and for those left out of it."""

from typing import Annotated

import typer

from mindseye.api import cli_evaluate, formatting
from mindseye.api.session import AS_JSON, settings


def adaptation(
    images: cli_evaluate.Images,
    halves: Annotated[int, typer.Option(min=1, help="Random halves of the words to fit to.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Of the first half.")] = 0,
    as_json: AS_JSON = False,
) -> None:
    """Fit a space to half of the words and search for all, before and after."""
    from mindseye.api.evaluation.adaptation import evaluate_adaptation

    figures = evaluate_adaptation(images, settings().cache, halves, seed)
    formatting.show(figures, as_json, lambda told: [f"{name:<10}{value}" for name, value in told.items()])
