"""`evaluate training`: a hidden paragraph finds its document in a space of vectors that were trained without it."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mindseye.api.evaluation.articles import read_articles
from mindseye.api.evaluation.hidden_paragraphs import draws, evaluate_hidden_paragraphs, write_articles
from mindseye.api.settings import Settings
from mindseye.api.spaces import open_space
from mindseye.api.text_training import train_space
from mindseye.engine.text.training import Parameters

_NAME = "trained"


def evaluate_training(
    documents: Path, parameters: Parameters, settings: Settings, seeds: Sequence[int], all_paragraphs: bool = False
) -> dict[str, Any]:
    """Train one space on all documents without the paragraphs that any of the seeds hides, and return their figures.

    Training is `text train` itself, and asking `Mindseye.search`; both in a folder that is gone afterwards.
    all_paragraphs: train with the hidden ones too, to compare. Raises UsageError for what cannot be read or learned
    from.
    """
    articles = read_articles(documents)
    hidden = {each for draw in draws(articles, seeds).values() for each in draw}
    with TemporaryDirectory(prefix="mindseye-") as folder:
        corpus, own = Path(folder) / "corpus.jsonl", settings.model_copy(update={"library": Path(folder) / "library"})
        write_articles(corpus, articles, range(len(articles)), set() if all_paragraphs else hidden)
        trained = train_space(own, [corpus], _NAME, parameters).as_dict()
        space = open_space(_NAME, own.library, own.cache)
        found = evaluate_hidden_paragraphs(space, articles, seeds)
    told = ("parameters", "documents", "paragraphs", "words", "vocabulary", "classes", "seconds", "repeatable")
    return {
        **{name: trained[name] for name in told},
        "hidden": len(hidden), "hidden_trained_on": all_paragraphs, "first_seed": seeds[0],
        "paragraph_to_document": found,
    }  # fmt: skip
