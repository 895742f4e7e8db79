"""Articles, as JSON lines hold them: what evaluations of texts read."""

import gzip
import json
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mindseye.engine.errors import UsageError
from mindseye.engine.query import passages

_PASSAGES = 6  # of an article, its first
_WORDS = 8  # that a passage has at least
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


@dataclass(frozen=True)
class Article:
    """A title and paragraphs."""

    title: str
    paragraphs: tuple[str, ...]

    @property
    def passages(self) -> list[str]:
        """Its first passages of some length."""
        parts = (part for paragraph in self.paragraphs for part in passages(paragraph))
        return list(islice((part for part in parts if len(part.split()) >= _WORDS), _PASSAGES))

    def beheaded(self) -> tuple[str, "Article"]:
        """Return its first sentence, and the article without it."""
        first, *rest = _SENTENCE.split(self.paragraphs[0])
        return first, Article(self.title, (" ".join(rest), *self.paragraphs[1:]))


def read_articles(path: Path) -> list[Article]:
    """Read JSON lines of `title` and `paragraphs`, gzipped or not. Raises UsageError for anything else."""
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            told = [json.loads(line) for line in lines if line.strip()]
        return [Article(str(each["title"]), tuple(map(str, each["paragraphs"]))) for each in told]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        what = f"{path} cannot be read as JSON lines of documents ({error})"
        raise UsageError(what, "name such a file with --documents") from error
