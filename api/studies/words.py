"""The words of a study and what they are kinds of, as files, WordNet or the norms tell."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mindseye.engine.errors import UsageError
from mindseye.engine.text.lexicon import normalised
from mindseye.engine.text.wordnet import WordNet

LISTS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}  # suffixes of files of words, and what stands between columns
NORMS = "concept_norms.tar.gz"  # in the folder of evaluation data
Categorise = Callable[[str], str | None]
Listed = tuple[str, str | None]  # a word, and its category if it is told


@dataclass(frozen=True)
class StudyWord:
    """A word to be asked about, and what it is a kind of, if anybody said so."""

    word: str
    category: str | None = None


def read_words(given: Iterable[str]) -> list[StudyWord]:
    """Return words, each once: `given` are names of files (.csv, .tsv, .txt) and words joined by commas.

    A file has one word a line, or columns `word` and `category`, with these headings or none, or is a table of norms
    (columns Concept and Feature, as McRae et al. 2005). Raises UsageError for a file that is not there or no text.
    """
    listed: list[Listed] = []
    for each in given:
        is_file = Path(each).suffix.lower() in LISTS
        listed += _file(Path(each)) if is_file else [(word, None) for word in each.split(",")]
    return distinct(listed)


def words_in(text: str) -> list[StudyWord]:
    """Return the words in a text as it is typed, each once: one a line, perhaps with a comma and its category."""
    pairs = (line.partition(",") for line in text.splitlines())
    return distinct([(word, category) for word, _, category in pairs])


def distinct(listed: Iterable[Listed]) -> list[StudyWord]:
    """Return words, each once, in small letters, with the first category that is told of them."""
    found: dict[str, str | None] = {}
    for word, category in listed:
        if (plain := normalised(word)) and found.get(plain) is None:
            found[plain] = normalised(category or "") or None
    return [StudyWord(word, category) for word, category in found.items()]


def categories_from(source: str, question: str, data: Path) -> Categorise:
    """Return what tells the category of a word.

    source: "wordnet" (of its most usual noun sense that is of any: the three macro-categories for the question of
    categories, otherwise twenty finer ones), "norms" (in the folder `data`), or a file as `read_words` takes it. Raises
    UsageError and NotFoundError when it is not there.
    """
    if source == "norms":
        from mindseye.engine.evaluation.concepts import norm_categories  # imports torch

        return norm_categories(data / NORMS).get
    if source != "wordnet":
        return {each.word: each.category for each in read_words([source])}.get
    from mindseye.engine.evaluation.categories import CATEGORIES, MACRO_CATEGORIES

    net, kinds = WordNet(), MACRO_CATEGORIES if question == "category" else CATEGORIES
    return lambda word: _kind(net, word, kinds)


def _kind(net: WordNet, word: str, kinds: Mapping[str, Sequence[str]]) -> str | None:
    """Return the category of the most usual of a word's senses that are of any."""
    for ancestors in map(net.ancestors, net.synsets(word)):
        for name, members in kinds.items():
            if not ancestors.isdisjoint(members):
                return name
    return None


def _file(path: Path) -> list[Listed]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})", "name a file of words, or words") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no text in UTF-8", "save it as UTF-8") from error
    delimiter = LISTS[path.suffix.lower()]
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row and row[0].strip()]
    heading = [each.strip().lower() for each in rows[0]] if rows else []
    if {"concept", "feature"} <= set(heading):
        return _norms(rows[1:], heading.index("concept"), heading.index("feature"))
    if "word" in heading:
        place, kind = heading.index("word"), heading.index("category") if "category" in heading else None
        return [(row[place], row[kind] if kind is not None and kind < len(row) else None) for row in rows[1:]]
    return [(row[0], row[1] if len(row) > 1 else None) for row in rows]


def _norms(rows: Iterable[Sequence[str]], concept: int, feature: int) -> list[Listed]:
    from mindseye.engine.evaluation.concepts import category_of_feature  # imports torch

    return [(row[concept].replace("_", " ").split(" (")[0], category_of_feature(row[feature])) for row in rows]
