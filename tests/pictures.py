"""Pictures that tests paint and recognise."""

from pathlib import Path

import numpy as np
from PIL import Image

from mindseye.engine.vectors import FloatArray
from mindseye.engine.vision.pictures import read_picture
from mindseye.indexer.library import Library


def painting(seed: int, side: int = 24) -> Image.Image:
    """Return a picture of few colours that no other seed has."""
    colours = np.random.default_rng(seed).integers(0, 256, (3, 3, 3), np.uint8)
    return Image.fromarray(colours).resize((side, side), Image.Resampling.NEAREST)


def paint(path: Path, seed: int) -> Path:
    """Write the painting of that seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    painting(seed).save(path)
    return path


def query_of(library: Library, path: Path) -> FloatArray:
    """Return the row (1, width) of the picture at `path`, encoded as a query."""
    picture = read_picture(path.read_bytes(), path.name)
    return library.space.image_rows(library.space.encode_images([picture.image]))


def names(library: Library) -> list[str]:
    """Return the file names of all that a search can find, sorted."""
    query = np.ones((1, library.space.width), np.float32)
    return sorted(Path(uri).name for hit in library.search(query, 10_000)[0] for uri in (hit.uri, *hit.also))


def nearest(library: Library, path: Path) -> str:
    """Return the name of the best hit for the picture at `path`."""
    return library.search(query_of(library, path), 1)[0][0].path.name
