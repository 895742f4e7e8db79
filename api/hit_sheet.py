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


def write_hits(path: Path, answer: Answer, eye: Mindseye) -> bool:
    """Write the pictures among the hits, and what was imagined, as one PNG; a hit whose file is gone is an empty cell.

    Returns whether there was anything to show. Raises MindseyeError when the file cannot be written.
    """
    found = [hit for hit in answer.hits if hit.modality == "image"]
    pictures = [_small(eye, hit.item_id) for hit in found]
    labels = [f"{hit.rank} · {hit.path.name}" for hit in found]
    marks = _marks(eye, answer)
    if dreamt := answer.imagined:
        pictures.append(_small(eye, dreamt.stored.item_id))
        labels.append(f"imagined · {answer.query}")
    if not pictures:
        return False
    page = sheet([ImageOps.pad(each, (_SIDE, _SIDE), color="white") for each in pictures], labels, _COLUMNS)
    if marks:
        write_sheet(path, page, marks)
    else:
        data = io.BytesIO()
        page.save(data, "PNG")
        write_whole(path, data.getvalue())
    return True


def _marks(eye: Mindseye, answer: Answer) -> list[str]:
    """Return the provenance ids of what is imagined among the hits and beside them."""
    here = {each.item_id: each.id for each in eye.library().imagined()}
    ids = [hit.item_id for hit in answer.hits if eye.item(str(hit.item_id)).origin == "imagined"]
    beside = [answer.imagined.stored.id] if answer.imagined else []
    return [*(here.get(each, "elsewhere") for each in ids), *beside]


def _small(eye: Mindseye, item_id: int) -> Image.Image:
    try:
        path = eye.thumbnail(item_id)
        try:
            return _read(path)
        except OSError:  # damaged: a cache is made again
            path.unlink(missing_ok=True)
            return _read(eye.thumbnail(item_id))
    except NotFoundError:
        return Image.new("RGB", (_SIDE, _SIDE), _EMPTY)


def _read(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")
