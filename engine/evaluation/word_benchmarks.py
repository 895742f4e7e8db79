"""The word benchmarks of the literature, read from their CSV files: judged pairs, analogies, categories.

SimLex-999 (Hill et al. 2015), WordSim-353 (Finkelstein et al. 2002; its halves: Agirre et al. 2009), RW (Luong et al.
2013), Google analogies (Mikolov et al. 2013), AP (Almuhareb & Poesio 2005), BLESS (Baroni & Lenci 2011).
"""

import csv
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mindseye.engine.errors import UsageError

Row = Mapping[str, str]
_PAIRS, _ANALOGIES, _CATEGORIES = "word-similarity", "word-analogy", "word-categorization"
_SIMILARITY = {
    "simlex_999": ("simlex999",),
    "wordsim_353": ("wordsim353-sim", "wordsim353-rel"),
    "wordsim_353_similarity": ("wordsim353-sim",),
    "wordsim_353_relatedness": ("wordsim353-rel",),
    "rw": ("rw",),
}
_CLUSTERED = {"ap": "ap", "bless": "bless"}


class Pair(NamedTuple):
    """Two words and how alike people find them; the scale is the benchmark's own."""

    first: str
    second: str
    judged: float


class Analogy(NamedTuple):
    """a is to b as c is to d; section: the kind of relation."""

    section: str
    a: str
    b: str
    c: str
    d: str


class Categorised(NamedTuple):
    """A word and the category that people put it into."""

    word: str
    category: str


@dataclass(frozen=True)
class WordBenchmarks:
    """All of them, by the names that figures have."""

    similarity: Mapping[str, tuple[Pair, ...]]
    analogies: tuple[Analogy, ...]
    categories: Mapping[str, tuple[Categorised, ...]]

    @property
    def words(self) -> tuple[str, ...]:
        """Every word in any of them, each once, in order."""
        paired = (word for pairs in self.similarity.values() for pair in pairs for word in pair[:2])
        related = (word for analogy in self.analogies for word in analogy[1:])
        sorted_in = (each.word for members in self.categories.values() for each in members)
        return tuple(dict.fromkeys([*paired, *related, *sorted_in]))


def read_word_benchmarks(path: Path) -> WordBenchmarks:
    """Read the benchmarks from a tar archive, or from a folder that holds it unpacked.

    Files are known by the end of their path, such as `word-similarity/…/en/rw.csv`; rows without words are left out,
    and WordSim-353 is the union of its two halves. Raises UsageError when one is missing or holds something else.
    """
    texts = _texts(path)
    try:
        return WordBenchmarks(
            {name: _pairs([_rows(texts, _PAIRS, file) for file in files]) for name, files in _SIMILARITY.items()},
            tuple(_analogy(row) for row in _rows(texts, _ANALOGIES, "google-analogies")),
            {name: _categorised(_rows(texts, _CATEGORIES, file)) for name, file in _CLUSTERED.items()},
        )
    except (KeyError, ValueError, csv.Error) as error:
        raise UsageError(
            f"{path} does not hold the word benchmarks ({error})", "see docs/evaluation-of-texts.md"
        ) from error


def _texts(path: Path) -> dict[str, str]:
    """Return the CSV files below a folder or in an archive, by their kind and name."""
    try:
        if path.is_dir():
            return {_key(file.as_posix()): file.read_text(encoding="utf-8") for file in path.rglob("en/*.csv")}
        with tarfile.open(path) as archive:
            members = [member for member in archive if member.isfile() and member.name.endswith(".csv")]
            return {_key(each.name): archive.extractfile(each).read().decode("utf-8") for each in members}  # type: ignore[union-attr]
    except (OSError, EOFError, tarfile.TarError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read as word benchmarks ({error})", "name their archive or folder with --benchmarks"
        ) from error


def _key(name: str) -> str:
    """Return `kind/name` of a path such as `…/word-similarity/monolingual/en/rw.csv`."""
    parts = Path(name).parts
    return f"{parts[-4] if len(parts) > 3 else ''}/{Path(name).stem}"


def _rows(texts: Mapping[str, str], kind: str, name: str) -> list[Row]:
    key = f"{kind}/{name}"
    if key not in texts:
        raise ValueError(f"there is no {kind}/…/en/{name}.csv")
    rows: list[Row] = list(csv.DictReader(io.StringIO(texts[key])))
    if not rows:
        raise ValueError(f"{name}.csv is empty")
    return rows


def _pairs(files: list[list[Row]]) -> tuple[Pair, ...]:
    found = [
        Pair(row["word1"].strip(), row["word2"].strip(), float(row["similarity"] or "nan"))
        for rows in files
        for row in rows
    ]
    return tuple({pair[:2]: pair for pair in found if pair.first and pair.second}.values())


def _analogy(row: Row) -> Analogy:
    return Analogy(row["type"], *(row[column].strip() for column in ("word1", "word2", "word3", "target")))


def _categorised(rows: list[Row]) -> tuple[Categorised, ...]:
    found = (Categorised(row["word"].strip(), row["category"]) for row in rows)
    return tuple(each for each in found if each.word)
