"""A hidden paragraph asks for its document: documents are indexed and asked through `Mindseye.search`."""

import json
from collections.abc import Iterable, Sequence, Set
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mindseye.api.evaluation.articles import Article
from mindseye.api.evaluation.asking import plainly, rank_of
from mindseye.api.evaluation.product import bar
from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.engine.errors import UnknownWordError, UsageError
from mindseye.engine.evaluation.hidden_paragraphs import LOOKED_AT, Hidden, hide, over_seeds, rank_figures
from mindseye.engine.space import JointSpace
from mindseye.indexer.filters import Filter


def evaluate_hidden_paragraphs(space: JointSpace, documents: Sequence[Article], seeds: Sequence[int]) -> dict[str, Any]:
    """Return how well hidden paragraphs find their documents in a space: each figure's mean over the seeds' draws.

    Raises UsageError as `draws`.
    """
    drawn = draws(documents, seeds)
    with TemporaryDirectory(prefix="mindseye-") as folder, Mindseye(Path(folder), space, "evaluate") as eye:
        figures = [_figures(eye, documents, draw, Path(folder) / f"seed-{seed}.jsonl") for seed, draw in drawn.items()]
    return {"documents": len(drawn[seeds[0]]), "seeds": len(seeds), **over_seeds(figures)}


def draws(documents: Sequence[Article], seeds: Sequence[int]) -> dict[int, list[Hidden]]:
    """Return what each seed hides. Raises UsageError when fewer than two documents have two paragraphs."""
    counts = [len(each.paragraphs) for each in documents]
    if sum(count >= 2 for count in counts) < 2:
        raise UsageError("fewer than two documents have two paragraphs", "name JSON lines of more with --documents")
    return {seed: hide(counts, seed) for seed in seeds}


def write_articles(file: Path, documents: Sequence[Article], numbers: Iterable[int], hidden: Set[Hidden]) -> None:
    """Write documents by their numbers without what is hidden, a line each."""
    with file.open("w", encoding="utf-8") as lines:
        for number in numbers:
            article = documents[number]
            left = [text for n, text in enumerate(article.paragraphs) if Hidden(number, n) not in hidden]
            lines.write(json.dumps({"id": number, "title": article.title, "paragraphs": left}) + "\n")


def _figures(eye: Mindseye, documents: Sequence[Article], draw: Sequence[Hidden], file: Path) -> dict[str, float]:
    """Return how well the paragraphs of one draw find their documents, indexed from a file that is written here."""
    write_articles(file, documents, [each.document for each in draw], set(draw))
    with progress_bar(f"indexing documents of {file.stem}", "texts") as tell:
        eye.index([file], file.stem, tell)
    asked = [documents[each.document].paragraphs[each.paragraph] for each in draw]
    questions = list(enumerate(asked, 1))
    return rank_figures([_rank(eye, text, line, file) for line, text in bar(questions, "asking", "paragraphs")])


def _rank(eye: Mindseye, paragraph: str, line: int, file: Path) -> int | None:
    """Return the rank of the document on a line of a file, from 0; None when it is not among the first."""
    within = Filter(collection=file.stem)
    try:
        answer = eye.search(plainly(paragraph), LOOKED_AT, within=within, modalities=("document",))
    except UnknownWordError:  # word vectors may know no word of it
        return None
    return rank_of(answer, {f"{file.resolve().as_uri()}#line={line}"})
