"""Pictures side by side, each with a label under it."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from skimage.util import montage

_FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"  # most alphabets, and arrows
_GAP = 6  # pixels between pictures
_LEAST_LETTERS, _MOST_LETTERS = 11, 28  # height of labels, pixels
_PAPER, _INK = 255, 32


def sheet(pictures: Sequence[Image.Image], labels: Sequence[str], columns: int) -> Image.Image:
    """Return pictures of one size in rows of `columns`, each over its label; a label too long is cut."""
    cells = [np.asarray(_labelled(*each)) for each in zip(pictures, labels, strict=True)]
    shape = -(-len(cells) // columns), columns
    paper = (_PAPER,) * 3
    return Image.fromarray(montage(cells, fill=paper, grid_shape=shape, padding_width=_GAP, channel_axis=-1))


def strip(pictures: Sequence[Image.Image]) -> Image.Image:
    """Return pictures of one size side by side, like a strip of film."""
    return Image.fromarray(np.hstack([np.asarray(picture.convert("RGB")) for picture in pictures]))


def titled(picture: Image.Image, title: str) -> Image.Image:
    """Return a picture below a line that says what it is."""
    letters = _MOST_LETTERS
    page = Image.new("RGB", (picture.width, picture.height + 2 * letters), (_PAPER,) * 3)
    page.paste(picture, (0, 2 * letters))
    ImageDraw.Draw(page).text((_GAP, letters // 2), title, fill=(_INK,) * 3, font=_font(letters))
    return page


def stacked(pictures: Sequence[Image.Image]) -> Image.Image:
    """Return pictures one below the other, the narrower ones with paper beside them."""
    page = Image.new("RGB", (max(p.width for p in pictures), sum(p.height for p in pictures)), (_PAPER,) * 3)
    top = 0
    for picture in pictures:
        page.paste(picture, (0, top))
        top += picture.height
    return page


def _labelled(picture: Image.Image, label: str) -> Image.Image:
    letters = min(max(picture.width // 9, _LEAST_LETTERS), _MOST_LETTERS)
    cell = Image.new("RGB", (picture.width, picture.height + 3 * letters // 2), (_PAPER,) * 3)
    cell.paste(picture, (0, 0))
    font = _font(letters)
    middle = picture.width / 2, picture.height + 3 * letters / 4
    ImageDraw.Draw(cell).text(middle, _fitting(label, font, picture.width), (_INK,) * 3, font, anchor="mm")
    return cell


def _fitting(label: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if font.getlength(label) <= width:
        return label
    while label and font.getlength(f"{label}…") > width:
        label = label[:-1]
    return f"{label.rstrip()}…"


def _font(letters: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONT), letters)
