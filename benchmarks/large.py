"""A library of 100,000 pictures, as JSON: `make bench`. What adding one costs, another mapping, and filters."""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image
from sqlalchemy import Engine, event

from mindseye.api.mindseye import Mindseye
from mindseye.api.settings import Settings
from mindseye.api.spaces import open_space
from mindseye.engine.decision.bank import common_nouns
from mindseye.engine.space import JointSpace
from mindseye.engine.vision.pictures import Picture
from mindseye.indexer import doctor, embeddings, runs, store
from mindseye.indexer.database import Database, open_folder
from mindseye.indexer.filters import Filter
from mindseye.indexer.reading import Reading
from mindseye.indexer.sources import Source

ITEMS = 100_000
_CHUNK = 1000
_SEARCHES = 15


def main() -> None:
    """Measure and print."""
    cache = Settings().cache
    with TemporaryDirectory(prefix="mindseye-bench-") as folder:
        figures = measure(open_space("pocket", Path(), cache), open_space("glove", Path(), cache), Path(folder))
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


def measure(space: JointSpace, other: JointSpace, folder: Path, items: int = ITEMS) -> dict[str, Any]:
    """Return what a library of that many pictures costs; other: a space with the same encoder and another mapping."""
    root = folder / "library"
    with Mindseye(root, space) as eye:
        eye.index([_picture(folder / "photos" / "first.png", 0)])
    with closing(open_folder(root, create=False)) as database:
        fill(database, space, items)
    with Mindseye(root, space) as eye:
        eye.status()  # publishes the index
    with Mindseye(root, space) as eye:
        opening = _seconds(eye.status)
        figures = {"items": items, "open_seconds": opening, "add_one": _add_one(eye, folder), **_searches(eye)}
    figures |= _doctor(root, space)
    with Mindseye(root, other) as eye:
        rederive = _seconds(eye.status)
        assert eye.status().vectors == items + 2
    product = _seconds(lambda: _matrix_products(other, items))
    return figures | {"another_mapping_seconds": rederive, "of_which_matrix_products": round(product / rederive, 3)}


def fill(database: Database, space: JointSpace, items: int) -> None:
    """Put in that many pictures, by the functions that an indexing run writes with; their files are nowhere."""
    rng = np.random.default_rng(0)
    with database.write() as session:
        run_id = runs.start(session, "index", "benchmark", {})
        collection = store.collection(session, "default")
    for start in range(0, items, _CHUNK):
        features = space.crossmodal.feature_mean * rng.gamma(1.0, 1.0, (_CHUNK, space.raw_width)).astype(np.float32)
        rounded = embeddings.rounded(features, space.raw_width)
        readings = [_reading(number) for number in range(start, start + _CHUNK)]
        with database.write() as session:
            contents = store.put_contents(session, readings)
            vectors = zip((contents[each.sha256] for each in readings), map(embeddings.to_blob, rounded), strict=True)
            store.put_embeddings(session, space.encoder, dict(vectors))
            store.put_items(session, collection, run_id, readings, contents)
            embeddings.log_changes(session, contents.values())


def _reading(number: int) -> Reading:
    path = Path(f"/nowhere/{number % 100}/{number}.jpg")
    picture = Picture(Image.new("RGB", (1, 1)), "image/jpeg", 640, 480)
    return Reading(Source(path, 50_000, number), 50_000, hashlib.sha256(str(number).encode()).hexdigest(), picture)


def _add_one(eye: Mindseye, folder: Path) -> dict[str, Any]:
    path = _picture(folder / "photos" / "one.png", 1)
    files, encoded = _index_files(eye.root), []
    encode = eye.space.encode_images
    eye.space.encode_images = lambda images: encoded.extend(images) or encode(images)  # type: ignore[method-assign]
    with _written() as transactions:
        seconds = _seconds(lambda: eye.index([path]))
    eye.space.encode_images = encode  # type: ignore[method-assign]
    assert eye.item("one.png").state == "present"
    return {
        "encodes": len(encoded),
        "transactions": len(transactions),
        "index_rewritten": _index_files(eye.root) != files,
        "seconds": round(seconds, 3),
    }


def _doctor(root: Path, space: JointSpace) -> dict[str, float]:
    examined = _seconds(lambda: doctor.examine(root, space))
    (index,) = (root / "index").glob("index-*.faiss")
    index.write_bytes(index.read_bytes()[:-1000])
    repaired = _seconds(lambda: doctor.repair(root, space))
    assert doctor.examine(root, space) == []
    return {"doctor_examines_seconds": examined, "doctor_derives_anew_seconds": repaired}


def _searches(eye: Mindseye) -> dict[str, Any]:
    narrow = Filter(path="7/*.jpg")
    words = iter(common_nouns(eye.space.lexicon)[::100])  # each once: it is remembered
    plain, filtered = (_median(lambda w=within: eye.search(next(words), within=w)) for within in (Filter(), narrow))
    return {
        "search_seconds": plain,
        "filtered_search_seconds": filtered,
        "filter_passes": eye.search("zebra", within=narrow).total,
    }


def _matrix_products(space: JointSpace, items: int) -> None:
    for _ in range(0, items, _CHUNK):
        space.image_rows(np.ones((_CHUNK, space.raw_width), np.float32))


def _picture(path: Path, seed: int) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (64, 64, 3), np.uint8)).save(path)
    return path


def _index_files(root: Path) -> list[tuple[str, int, int]]:
    return sorted((f.name, f.stat().st_ino, f.stat().st_mtime_ns) for f in (root / "index").glob("*.*"))


@contextmanager
def _written() -> Iterator[list[str]]:
    """Yield a list that grows by each transaction that writes and is committed."""
    begun: list[str] = []

    def note(connection: Any) -> None:
        if connection.get_execution_options().get("begin") == "IMMEDIATE":
            begun.append("commit")

    event.listen(Engine, "commit", note)
    try:
        yield begun
    finally:
        event.remove(Engine, "commit", note)


def _median(work: Callable[[], object]) -> float:
    return round(float(np.median([_seconds(work) for _ in range(_SEARCHES)])), 4)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 3)


if __name__ == "__main__":
    main()
