"""A library that has been through everything, what it knows, its exports, and those made over by hand."""

import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mindseye.engine.errors import LibraryError
from mindseye.indexer.backup import export_library, import_library
from mindseye.indexer.filters import EVERYTHING
from mindseye.indexer.library import Library
from mindseye.indexer.models import Base
from mindseye.indexer.records import Recalled
from mindseye.indexer.texts.words import Word
from tests.indexer.gis.tiling import paint_raster, tiles_of, write_tileset
from tests.indexer.studying import lived_study
from tests.indexer.test_imagined import OKAPI, imagine
from tests.pictures import paint, query_of
from tests.tiny_space import BINS, TinySpace

ODD = ["new\nline.png", os.fsdecode(b"\xff\xfe.png"), "🦒 giraffe.png", "100% = #?.png"]
Members = dict[str, bytes]


class NarrowSpace(TinySpace):
    """Every other bar of the same histograms: another encoder of another width."""

    def __init__(self) -> None:
        super().__init__(encoder="tiny-narrow-1", mapping="tiny-narrow-projection-1", half=10)

    @property
    def raw_width(self) -> int:
        return BINS**3 // 2

    def _histogram(self, image):
        bars = super()._histogram(image)
        return np.pad(bars, (0, BINS**3 - len(bars)))[::2]


def write_texts(folder: Path) -> None:
    """Write a file of records and a text; the last record has the first one's paragraph."""
    folder.mkdir(parents=True, exist_ok=True)
    dogs = {"title": "Dogs", "paragraphs": ["Dogs guard houses.", "Puppies are young dogs."]}
    cats = {"title": "Cats", "paragraphs": ["Cats purr at night.", "Dogs guard houses."]}
    (folder / "pets.jsonl").write_text(f"{json.dumps(dogs)}\n{json.dumps(cats)}\nno record\n")
    (folder / "crane.txt").write_text("Cranes are tall birds. They dance in spring.\n")


def lived(root: Path, photos: Path) -> None:
    """Make a library of NarrowSpace in `root`, its pictures in `photos`, with a bit of everything in it."""
    for seed, name in enumerate(["ape.png", "bat.png", "cat.jpg", "dog.png", "more/eel.png", *ODD]):
        paint(photos / name, seed)
    shutil.copy(photos / "ape.png", photos / "twin.png")
    (photos / "letter.jpg").write_text("Dear reader")
    with Library.open(root, TinySpace()) as library:
        library.index([photos])
        library.index([photos / "more", photos / "cat.jpg"], "animals", command="mindseye index", settings={"a": [1.5]})
        near = library.search(query_of(library, photos / "cat.jpg"), 2)[0]
        recalled = tuple(Recalled(hit.item_id, hit.uri, hit.score) for hit in near)
        kept = imagine(library, replace(OKAPI, recalled=recalled, similarity=1 / 3))
        lived_study(library, photos.parent / "judged")
        shutil.copy(kept.path, photos / "dream.png")
        write_texts(photos)
        library.index([photos])
        library.index_words([Word("crane", "a bird", library.space.encode_words(["crane"])[0])])
        (photos / "bat.png").unlink()
        library.index([photos, library.root / "imagined"])
        raster = paint_raster(photos.parent / "aerial" / "farm.tif", 2, 1)
        write_tileset(photos.parent / "aerial" / "tiles", tiles_of(raster, {(0, 0): ["road"]}, "2010-11-24"))
        library.index([photos.parent / "aerial" / "tiles"], "aerial")
    Library.reembed(root, NarrowSpace())
    with Library.open(root, NarrowSpace()) as library:
        imagine(library, replace(OKAPI, recalled=recalled, similarity=2 / 3), 92)
        library.remove([imagine(library, replace(OKAPI, seed=8), 91).id, str(photos / "dog.png")])
    (root / "spaces" / "mine").mkdir(parents=True)
    (root / "spaces" / "mine" / "space.json").write_text("{}")
    (root / "methods").mkdir()
    (root / "methods" / "decoder.safetensors").write_bytes(b"short")
    with closing(sqlite3.connect(root / "library.db")) as connection, connection:
        connection.execute("INSERT INTO label SELECT id, 'étoile', 'given' FROM item WHERE id % 2")
        last = "INSERT INTO skip SELECT max(id) + 900, run_id, uri, reason, code, NULL, NULL FROM skip"
        connection.execute(last)
        connection.execute("DELETE FROM skip WHERE id > 800")  # an id that was given once


def forget_tiles(root: Path) -> None:
    """Leave only what a library had before there were tiles in it."""
    with closing(sqlite3.connect(root / "library.db")) as connection, connection:
        contents = connection.execute("SELECT content_id FROM item WHERE id IN (SELECT item_id FROM tile)").fetchall()
        for table in ("label", "tile"):
            connection.execute(f"DELETE FROM {table} WHERE item_id IN (SELECT item_id FROM tile)")
        for content in contents:
            connection.execute("DELETE FROM item WHERE content_id = ?", content)
            change = "DELETE FROM change WHERE embedding_id IN (SELECT id FROM embedding WHERE content_id = ?)"
            connection.execute(change, content)
            connection.execute("DELETE FROM embedding WHERE content_id = ?", content)
            connection.execute("DELETE FROM content WHERE id = ?", content)


def forget_texts(root: Path) -> None:
    """Leave only what a library had before there were texts or tiles in it."""
    forget_tiles(root)
    texts = "(SELECT id FROM item WHERE modality <> 'image')"
    with closing(sqlite3.connect(root / "library.db")) as connection, connection:
        connection.execute(f"DELETE FROM label WHERE item_id IN {texts}")
        vectors = "(SELECT id FROM embedding WHERE modality <> 'image')"
        connection.execute(f"DELETE FROM change WHERE embedding_id IN {vectors}")
        for table in ("embedding", "item"):
            connection.execute(f"DELETE FROM {table} WHERE modality <> 'image'")
        connection.execute("DELETE FROM content WHERE id IN (SELECT content_id FROM passage)")
        for table in ("passage", "source"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("DELETE FROM meta WHERE key = 'text_encoder'")


def exported(folder: Path) -> Path:
    """Make a `library` and its `export.zip` in a folder, and return it."""
    lived(folder / "library", folder / "photos")
    export_library(folder / "library", folder / "export.zip")
    return folder


def refused(path: Path, folder: Path) -> LibraryError:
    """Require that an import is refused and leaves nothing in the folder, and return why."""
    folder.mkdir(exist_ok=True)
    with pytest.raises(LibraryError) as caught:
        import_library(path, folder / "new")
    assert list(folder.iterdir()) == []
    assert caught.value.hint and str(path) in caught.value.what
    return caught.value


def tables(root: Path) -> dict[str, list[tuple]]:
    """Return every row of every table, the highest ids ever given among them."""
    names = [*(table.name for table in Base.metadata.sorted_tables), "sqlite_sequence", "alembic_version"]
    with closing(sqlite3.connect(root / "library.db")) as connection:
        return {name: sorted(connection.execute(f"SELECT * FROM {name}")) for name in names}


def moved(rows: Any, old: Path, new: Path) -> Any:
    """Return rows with one folder's URI in place of another's."""
    return json.loads(json.dumps(rows, default=bytes.hex).replace(old.as_uri(), new.as_uri()))


def plain(rows: Any) -> Any:
    """Return rows as JSON values."""
    return json.loads(json.dumps(rows, default=bytes.hex))


def answers(library: Library) -> Any:
    """Return what the library says when it is asked everything."""
    queries = np.random.default_rng(3).normal(size=(5, library.space.width)).astype(np.float32)
    with closing(sqlite3.connect(library.root / "library.db")) as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM item ORDER BY id")]
    told = [
        library.search(queries, 20),
        [library.explain(str(each)).as_dict() for each in ids],
        library.imagined(),
        library.imagined_by_key(library.imagined_key("ab12", "inversion", OKAPI.parameters, 7)),
        library.collections(),
        library.skipped(),
        library.features(ids[0]).tolist(),
        [library.select(EVERYTHING, modality).search(queries, 20) for modality in library.modalities()],
    ]
    return json.loads(json.dumps(told, default=lambda value: getattr(value, "__dict__", str(value))))


def rewritten(source: Path, target: Path, edit: Callable[[Members, dict[str, Any]], object]) -> Path:
    """Write an export anew as `edit` changed its members and its manifest, with sizes and hashes that fit."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    edit(members, manifest)
    for name, data in members.items():
        told = manifest["members"].setdefault(name, {})
        told |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        if name.endswith(".jsonl"):
            told["rows"] = data.count(b"\n")
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr("manifest.json", json.dumps(manifest))
    return target


def edit_rows(members: Members, table: str, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change every row of a table in place."""
    rows = [json.loads(line) for line in members[f"tables/{table}.jsonl"].splitlines()]
    for row in rows:
        edit(row)
    members[f"tables/{table}.jsonl"] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
