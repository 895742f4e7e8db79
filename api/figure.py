"""A figure of many words: imagined pictures by category, the words hidden until asked for, and an answer key.

After Figure 1 of Lazaridou et al., Unveiling the dreams of word embeddings (2015): 20 categories of 10 concepts.
"""

import base64
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader
from PIL import Image

from mindseye.api.answers import ImaginedPicture
from mindseye.api.mindseye import Mindseye
from mindseye.api.outputs import write_sheet, write_whole
from mindseye.api.progress import Progress
from mindseye.api.sheets import sheet, stacked, titled
from mindseye.engine.errors import UnknownWordError, UsageError
from mindseye.engine.mixture import alone

_COLUMNS = 10
_KEY = ("number", "category", "word", "item_id", "seed", "similarity", "file")


class Entry(NamedTuple):
    """A word of a figure and the category that it stands in."""

    word: str
    category: str


class Shown(NamedTuple):
    """A word's place in a figure, from 1, and its picture."""

    number: int
    entry: Entry
    picture: ImaginedPicture

    @property
    def data_uri(self) -> str:
        """The picture's file itself, so that the page needs no other."""
        return f"data:image/png;base64,{base64.b64encode(self.picture.path.read_bytes()).decode()}"


@dataclass(frozen=True)
class Figure:
    """A figure: its pictures, category by category, and the words that were left out with the reasons."""

    shown: tuple[Shown, ...]
    left_out: tuple[tuple[Entry, str], ...]

    @property
    def by_category(self) -> list[tuple[str, list[Shown]]]:
        return [(category, list(shown)) for category, shown in groupby(self.shown, lambda each: each.entry.category)]

    def as_dict(self) -> dict[str, Any]:
        return {
            "categories": len(self.by_category), "pictures": len(self.shown),
            "key": [_row(each) for each in self.shown],
            "left_out": [{"word": entry.word, "reason": reason} for entry, reason in self.left_out],
        }  # fmt: skip


def read_entries(path: Path) -> list[Entry]:
    """Return the words of a CSV file with the columns `word` and `category`, categories in the order of their first.

    Raises UsageError when there are no such columns or rows.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
        found = [Entry(row["word"].strip(), (row["category"] or "").strip()) for row in rows]
    except (OSError, ValueError, KeyError, AttributeError, csv.Error) as error:
        raise UsageError(
            f"{path} is no table of words ({error})", "give a CSV with the columns word,category"
        ) from error
    if not found:
        raise UsageError(f"{path} holds no words", "give a CSV with the columns word,category")
    return in_categories(found)


def in_categories(entries: Iterable[Entry]) -> list[Entry]:
    """Return words once each, those of a category together, categories in the order of their first word."""
    once = list(dict.fromkeys(entries))
    places = {category: place for place, category in reversed(list(enumerate(entry.category for entry in once)))}
    return sorted(once, key=lambda entry: places[entry.category])


def imagine_figure(
    eye: Mindseye,
    entries: Sequence[Entry],
    *,
    size: int | None = None,
    method: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Figure:
    """Imagine a picture of each word; pictures that the library holds already are taken from there.

    A word that nobody knows is left out with the reason. Raises UsageError when none is left.
    """
    known, mixtures, left_out = [], [], []
    for entry in entries:
        try:
            mixtures.append(alone(eye.query(entry.word)))
            known.append(entry)
        except (UnknownWordError, UsageError) as error:
            left_out.append((entry, str(error)))
    if not known:
        raise UsageError("no word of the figure is known", left_out[0][1])
    pictures = eye.imagine_mixtures(mixtures, [seed] * len(known), size=size, method=method, progress=progress)
    shown = tuple(Shown(*each) for each in zip(range(1, len(known) + 1), known, pictures, strict=True))
    return Figure(shown, tuple(left_out))


def figure_files(page: Path) -> tuple[Path, Path, Path]:
    """Return where a figure is written: the page, the sheet and the answer key, all called alike."""
    return page, page.with_suffix(".png"), page.with_name(f"{page.stem}-key.csv")


def write_figure(figure: Figure, page: Path) -> None:
    """Write the page, the sheet and the key. Raises MindseyeError when one of them cannot be written."""
    page, picture, key = figure_files(page)
    ids = [each.picture.stored.id for each in figure.shown]
    write_whole(key, key_csv(figure).encode())
    write_sheet(picture, draw_sheet(figure), ids)
    write_whole(page, render(figure).encode())


def render(figure: Figure) -> str:
    """Return the page: one file, nothing loaded from elsewhere."""
    environment = Environment(loader=PackageLoader("mindseye.api", "web/templates"), autoescape=True)
    return environment.get_template("figure.html.j2").render(figure=figure)


def draw_sheet(figure: Figure) -> Image.Image:
    """Return all pictures by category under their numbers, without the words."""
    return stacked([titled(_rows(shown), category) for category, shown in figure.by_category])


def key_csv(figure: Figure) -> str:
    """Return the answer key: which number shows which word, and the item that tells where it came from."""
    written = io.StringIO()
    table = csv.DictWriter(written, _KEY, lineterminator="\n")
    table.writeheader()
    table.writerows(_row(each) for each in figure.shown)
    return written.getvalue()


def _rows(shown: Sequence[Shown]) -> Image.Image:
    pictures = []
    for each in shown:
        with Image.open(each.picture.path) as image:
            pictures.append(image.convert("RGB"))
    return sheet(pictures, [str(each.number) for each in shown], _COLUMNS)


def _row(shown: Shown) -> dict[str, Any]:
    stored = shown.picture.stored
    values = (
        shown.number, shown.entry.category, shown.entry.word, stored.item_id, stored.record.seed,
        round(stored.record.similarity, 4), stored.path.name,
    )  # fmt: skip
    return dict(zip(_KEY, values, strict=True))
