"""The hits of a search as one picture, best first, what was imagined last."""

import io
from pathlib import Path

from PIL import Image, ImageOps

from mindseye.api.answers import Answer
from mindseye.api.mindseye import Mindseye
from mindseye.api.outputs import write_sheet, write_whole
from mindseye.api.sheets import sheet
from mindseye.engine.errors import NotFoundError

_SIDE = 200  # px of a cell
_COLUMNS = 5
_EMPTY = (200, 200, 200)


def write_hits(path: Path, answer: Answer, eye: Mindseye) -> None:
    """Write the hits of an answer, and what was imagined, as one PNG; a hit whose file is gone is an empty cell.

    Nothing is written where there is nothing to show. Raises MindseyeError when the file cannot be written.
    """
    pictures = [_small(eye, hit.item_id) for hit in answer.hits]
    labels = [f"{hit.rank} · {hit.path.name}" for hit in answer.hits]
    if dreamt := answer.imagined:
        pictures.append(_small(eye, dreamt.stored.item_id))
        labels.append(f"imagined · {answer.query}")
    if not pictures:
        return
    page = sheet([ImageOps.pad(each, (_SIDE, _SIDE), color="white") for each in pictures], labels, _COLUMNS)
    if dreamt:
        write_sheet(path, page, [dreamt.stored.id])
    else:
        data = io.BytesIO()
        page.save(data, "PNG")
        write_whole(path, data.getvalue())


def _small(eye: Mindseye, item_id: int) -> Image.Image:
    try:
        with Image.open(eye.thumbnail(item_id)) as image:
            return image.convert("RGB")
    except NotFoundError:
        return Image.new("RGB", (_SIDE, _SIDE), _EMPTY)
