"""Checks of attention: choices that nobody who looks gets wrong."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mindseye.api.manifest import read_manifest
from mindseye.api.studies.wish import Question
from mindseye.engine.errors import UsageError
from mindseye.indexer.studies import NewTrial, Shown
from mindseye.indexer.studies.records import ATTENTION

# Of the photographs that ship with scikit-image, those that show one thing, which no other of them shows, too.
CLEAR = ("astronaut", "cat", "coffee", "coins", "flower", "moon", "motorcycle", "rocket")
_CARD = 320  # px a side
Keep = Callable[[Path], Shown]


def checks(count: int, question: Question, categories: Sequence[str], seed: int, keep: Keep) -> list[NewTrial]:
    """Return `count` checks of attention for a question.

    Of words and images: real photographs of clear things, each against another of them. Of categories: cards that say
    which to choose. keep: what keeps a picture file. Raises UsageError for more than there are.
    """
    if not count:
        return []
    most = len(CLEAR) if question != "category" else 20
    if not 0 <= count <= most:
        raise UsageError(f"there are 0 to {most} checks of attention, not {count}", "choose another --attention")
    rng = np.random.default_rng([seed, 1])
    if question == "category":
        return _cards(np.resize(rng.permutation(len(categories)), count).tolist(), categories, keep)
    photos = {each.word: each.path for each in read_manifest("demo").pictures if each.word in CLEAR}
    circle = rng.permutation(CLEAR).tolist()
    pairs = [(word, circle[(place + 1) % len(circle)]) for place, word in enumerate(circle[:count])]
    kept = {word: keep(photos[word]) for word in {word for pair in pairs for word in pair}}
    return [
        NewTrial(ATTENTION, word, None, (word, other), 0, _of(question, kept[word], kept[other]))
        for word, other in pairs
    ]


def _of(question: Question, right: Shown, wrong: Shown) -> tuple[Shown, ...]:
    return (right, wrong) if question == "image" else (right,)


def _cards(chosen: Sequence[int], categories: Sequence[str], keep: Keep) -> list[NewTrial]:
    with TemporaryDirectory() as folder:
        kept = {}
        for place in set(chosen):
            path = Path(folder) / f"{place}.png"
            _card(f"please choose\n{categories[place]}").save(path)
            kept[place] = keep(path)
    options = tuple(categories)
    return [NewTrial(ATTENTION, options[each], options[each], options, each, (kept[each],)) for each in chosen]


def _card(text: str) -> Image.Image:
    card = Image.new("RGB", (_CARD, _CARD), "white")
    draw, middle = ImageDraw.Draw(card), (_CARD / 2, _CARD / 2)
    size = 36
    while size > 10 and draw.multiline_textbbox((0, 0), text, ImageFont.load_default(size))[2] > 0.9 * _CARD:
        size -= 2
    draw.multiline_text(middle, text, "black", ImageFont.load_default(size), anchor="mm", align="center", spacing=12)
    return card
