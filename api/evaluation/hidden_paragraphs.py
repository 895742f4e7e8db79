"""A hidden paragraph asks for its document: documents are indexed and asked through `Mindseye.search`."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mindseye.api.evaluation.asking import plainly, rank_of
from mindseye.api.evaluation.product import bar
from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.engine.errors import UnknownWordError, UsageError
from mindseye.engine.evaluation.hidden_paragraphs import LOOKED_AT, Hidden, hide, over_seeds, rank_figures
from mindseye.engine.space import JointSpace
from mindseye.indexer.filters import Filter


@dataclass(frozen=True)
class Article:
    """A document as it is told in JSON lines."""

    title: str
    paragraphs: tuple[str, ...]


def evaluate_hidden_paragraphs(space: JointSpace, documents: Sequence[Article], seeds: int) -> dict[str, Any]:
    """Return how well hidden paragraphs find their documents in a space: each figure's mean over `seeds` draws.

    Raises UsageError when fewer than two documents have two paragraphs.
    """
    draws = [hide([len(each.paragraphs) for each in documents], seed) for seed in range(seeds)]
    if len(draws[0]) < 2:
        raise UsageError("fewer than two documents have two paragraphs", "name JSON lines of more with --documents")
    with TemporaryDirectory(prefix="mindseye-") as folder, Mindseye(Path(folder), space, "evaluate") as eye:
        figures = []
        for seed, draw in enumerate(draws):
            file = Path(folder) / f"seed-{seed}.jsonl"
            _write(file, documents, draw)
            with progress_bar(f"indexing documents of seed {seed}", "texts") as tell:
                eye.index([file], file.stem, tell)
            asked = [documents[each.document].paragraphs[each.paragraph] for each in draw]
            questions = list(enumerate(asked, 1))
            ranks = [_rank(eye, text, line, file) for line, text in bar(questions, "asking paragraphs", "paragraphs")]
            figures.append(rank_figures(ranks))
    return {"documents": len(draws[0]), "seeds": seeds, **over_seeds(figures)}


def read_articles(path: Path) -> list[Article]:
    """Read JSON lines of `title` and `paragraphs`, gzipped or not. Raises UsageError for anything else."""
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            told = [json.loads(line) for line in lines if line.strip()]
        return [Article(str(each["title"]), tuple(map(str, each["paragraphs"]))) for each in told]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        what = f"{path} cannot be read as JSON lines of documents ({error})"
        raise UsageError(what, "name such a file with --documents") from error


def _write(file: Path, documents: Sequence[Article], draw: Sequence[Hidden]) -> None:
    """Write the drawn documents without their hidden paragraphs, a line each."""
    with file.open("w", encoding="utf-8") as lines:
        for each in draw:
            article = documents[each.document]
            left = [text for number, text in enumerate(article.paragraphs) if number != each.paragraph]
            lines.write(json.dumps({"id": each.document, "title": article.title, "paragraphs": left}) + "\n")


def _rank(eye: Mindseye, paragraph: str, line: int, file: Path) -> int | None:
    """Return the rank of the document on a line of a file, from 0; None when it is not among the first."""
    within = Filter(collection=file.stem)
    try:
        answer = eye.search(plainly(paragraph), LOOKED_AT, within=within, modalities=("document",))
    except UnknownWordError:  # word vectors may know no word of it
        return None
    return rank_of(answer, {f"{file.resolve().as_uri()}#line={line}"})
