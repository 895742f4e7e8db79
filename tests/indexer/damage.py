"""Ways to damage a library on disk, and the codes by which each is known."""

import hashlib
import json
import os
import shutil
import sqlite3
import time
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from mindseye.engine.vision.pictures import write_imagined_png
from mindseye.indexer import embeddings
from mindseye.indexer.index.faiss import FaissIndex
from tests.indexer.processes import ask
from tests.pictures import painting

ORPHAN = "0123456789abcdef"
LONG_AGO = time.time() - 3600


def sql(root: Path, *statements: str) -> None:
    with closing(sqlite3.connect(root / "library.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def of_item(name: str) -> str:
    """Return the condition that an embedding is of an item's content."""
    return f"content_id = (SELECT content_id FROM item WHERE uri LIKE '%/{name}')"


def index_file(root: Path) -> Path:
    return next((root / "index").glob("index-*.faiss"))


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(data)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 100)


def manifest_of(**changed: object) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        page = root / "index" / "manifest.json"
        page.write_text(json.dumps(json.loads(page.read_text()) | changed))

    return change


def changed_rows(change: Callable[[FaissIndex], None]) -> Callable[[Path], None]:
    """Return a damage that only a comparison of rows can see: file and manifest agree."""

    def damage(root: Path) -> None:
        path = index_file(root)
        index = FaissIndex.load(path)
        change(index)
        index.save(path)
        manifest_of(count=len(index), sha256=hashlib.sha256(path.read_bytes()).hexdigest())(root)

    return damage


def replace_row(index: FaissIndex) -> None:
    row = index.rows(np.array([5]))
    index.remove(np.array([5]))
    index.add(np.array([5]), row[:, ::-1])


def a_stale_manifest(root: Path) -> None:
    path = index_file(root)
    path.rename(path.with_name("index-77.faiss"))


def a_killed_publication(root: Path) -> None:
    (root / "index" / "index-77.faiss").write_bytes(b"half")
    (root / "index" / ".index-78.faiss.0badcafe.tmp").write_bytes(b"half")


INDEX = {
    "no folder": (lambda root: shutil.rmtree(root / "index"), "index_missing"),
    "a file in the folder's place": (
        lambda root: (shutil.rmtree(root / "index"), (root / "index").write_text("in the way")),
        "index_missing",
    ),
    "no file": (lambda root: index_file(root).unlink(), "index_missing"),
    "no manifest": (lambda root: (root / "index" / "manifest.json").unlink(), "index_missing"),
    "truncated": (lambda root: truncate(index_file(root)), "index_damaged"),
    "a flipped byte": (lambda root: flip(index_file(root), -300), "index_damaged"),
    "nonsense": (lambda root: index_file(root).write_bytes(b"nonsense" * 99), "index_damaged"),
    "a manifest of nonsense": (
        lambda root: (root / "index" / "manifest.json").write_text("{"),
        "manifest_unreadable",
    ),
    "a manifest nested too deeply": (
        lambda root: (root / "index" / "manifest.json").write_text("[" * 100_000),
        "manifest_unreadable",
    ),
    "a manifest of other types": (manifest_of(seq="3"), "manifest_unreadable"),
    "a manifest that miscounts": (manifest_of(count=41), "manifest_wrong"),
    "another library": (manifest_of(library="another"), "index_foreign"),
    "another encoder": (manifest_of(encoder="another"), "index_foreign"),
    "another width": (manifest_of(width=7), "manifest_wrong"),
    "beyond the log": (manifest_of(seq=10_000), "index_beyond_log"),
    "a stale generation": (a_stale_manifest, "index_stale"),
    "a killed publication": (a_killed_publication, "index_leftover"),
    "an extra row": (
        changed_rows(lambda index: index.add(np.array([999]), index.rows(np.array([5])))),
        "index_extra_rows",
    ),
    "a tail that is taken for done": (
        lambda root: manifest_of(seq=ask(root, "SELECT max(seq) FROM change")[0][0])(root),
        "index_extra_rows index_missing_rows",
    ),
    "a missing row": (changed_rows(lambda index: index.remove(np.array([5]))), "index_missing_rows"),
    "a wrong row": (changed_rows(replace_row), "index_wrong_rows"),
}


def reversed_vector(root: Path) -> None:
    """Flip a byte of a stored vector as a bad disk does: the file stays a good database."""
    with closing(sqlite3.connect(root / "library.db")) as connection, connection:
        where = of_item("5.png")
        (blob,) = connection.execute(f"SELECT vector FROM embedding WHERE {where}").fetchone()
        connection.execute(f"UPDATE embedding SET vector = ? WHERE {where}", [blob[:9] + b"\x12" + blob[10:]])


def other_vector(numbers: np.ndarray) -> Callable[[Path], None]:
    """Return a damage by which a vector with the right checksum cannot be used."""

    def damage(root: Path) -> None:
        blob = numbers.astype(embeddings.STORED).tobytes()
        with closing(sqlite3.connect(root / "library.db")) as connection, connection:
            values = [blob, zlib.crc32(blob)]
            connection.execute(f"UPDATE embedding SET vector = ?, crc32 = ? WHERE {of_item('5.png')}", values)

    return damage


def no_vector(root: Path) -> None:
    forget(root, "tail.png")
    sql(root, f"DELETE FROM embedding WHERE {of_item('tail.png')}")


def forget(root: Path, name: str) -> None:
    """Lose what the log says of a vector."""
    sql(root, f"DELETE FROM change WHERE embedding_id = (SELECT id FROM embedding WHERE {of_item(name)})")


VECTORS = {
    "a flipped byte": (reversed_vector, "vector_damaged", "5.png"),
    "too short": (other_vector(np.ones(5)), "vector_damaged", "5.png"),
    "half a number": (
        lambda root: sql(root, f"UPDATE embedding SET vector = x'00', crc32 = 3523407757 WHERE {of_item('5.png')}"),
        "vector_damaged",
        "5.png",
    ),
    "text": (
        lambda root: sql(root, f"UPDATE embedding SET vector = 'w' WHERE {of_item('5.png')}"),
        *("vector_damaged", "5.png"),
    ),
    "not a number": (other_vector(np.full(64, np.nan)), "vector_damaged", "5.png"),
    "lost": (no_vector, "vector_missing", "tail.png"),
}


def young(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    return path


def old(path: Path) -> Path:
    os.utime(young(path), (LONG_AGO, LONG_AGO))
    return path


def edited(root: Path) -> None:
    painting(17).save(next((root / "imagined").glob("*.png")))


def orphan(root: Path, seconds: float = LONG_AGO) -> Path:
    path = root / "imagined" / f"{ORPHAN}.png"
    path.write_bytes(write_imagined_png(painting(3), ORPHAN, "0.1.0"))
    os.utime(path, (seconds, seconds))
    return path


def background_of(**changed: object) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with np.load(root / "background.npz") as stored:
            told = dict(stored) | changed
        np.savez(root / "background.npz", **told)

    return change


OTHERS = {
    "an index of the tables that lacks a row": (lambda root: break_sql_index(root), ["database_indexes"]),
    "a change that is not logged": (
        lambda root: sql(root, "UPDATE item SET state = 'removed' WHERE uri LIKE '%/9.png'"),
        ["log_wrong"],
    ),
    "a lost part of the log": (
        lambda root: sql(
            root, f"DELETE FROM change WHERE embedding_id IN (SELECT id FROM embedding WHERE {of_item('9.png')})"
        ),
        ["log_wrong"],
    ),
    "no facts": (lambda root: sql(root, "DELETE FROM meta"), ["facts_missing"]),
    "one fact gone": (lambda root: sql(root, "DELETE FROM meta WHERE key = 'encoder'"), ["facts_missing"]),
    "an imagined file that is gone": (
        lambda root: next((root / "imagined").glob("*.png")).unlink(),
        ["imagined_missing"],
    ),
    "an imagined file that was edited": (edited, ["imagined_changed"]),
    "an imagined file without a row": (orphan, ["imagined_orphan"]),
    "half an imagined file": (lambda root: old(root / "imagined" / ".x.png.0badcafe.tmp"), ["leftover"]),
    "a thumbnail cut short": (
        lambda root: truncate(next((root / "thumbnails").rglob("*.jpg"))),
        ["thumbnail_damaged"],
    ),
    "a thumbnail of nonsense": (
        lambda root: next((root / "thumbnails").rglob("*.jpg")).write_text("no"),
        ["thumbnail_damaged"],
    ),
    "a thumbnail of nothing": (
        lambda root: young(root / "thumbnails" / "ab" / f"{'ab' * 32}.jpg"),
        ["thumbnail_orphan"],
    ),
    "half a thumbnail": (lambda root: old(root / "thumbnails" / "ab" / ".x.jpg.0badcafe.tmp"), ["leftover"]),
    "a background of nonsense": (
        lambda root: (root / "background.npz").write_bytes(b"PK\x03\x04nonsense"),
        ["background_damaged"],
    ),
    "a background with a flipped byte": (lambda root: flip(root / "background.npz", 400), ["background_damaged"]),
    "a background beyond the log": (background_of(seq=10_000), ["background_beyond_log"]),
    "half a background": (lambda root: old(root / ".background.npz.0badcafe.tmp"), ["leftover"]),
    "index and vector at once": (
        lambda root: (other_vector(np.ones(5))(root), truncate(index_file(root))),
        ["vector_damaged", "index_damaged"],
    ),
}


def break_sql_index(root: Path) -> None:
    """Rename an item behind the back of one of SQLite's own indexes."""
    name = "ix_item_uri"
    with closing(sqlite3.connect(root / "library.db", isolation_level=None)) as connection:
        kept = connection.execute("SELECT * FROM sqlite_schema WHERE name = ?", [name]).fetchone()
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_schema WHERE name = ?", [name])
    with closing(sqlite3.connect(root / "library.db", isolation_level=None)) as connection:
        connection.execute("UPDATE item SET uri = uri || 'x' WHERE uri LIKE '%/7.png'")  # it was removed
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", kept)


def header(root: Path) -> None:
    (root / "library.db").write_bytes(b"not a database" * 999)


def a_page(root: Path) -> None:
    path = root / "library.db"
    data = bytearray(path.read_bytes())
    data[3 * 4096 : 12 * 4096] = b"\x5a" * (9 * 4096)
    path.write_bytes(data)


BEYOND_REPAIR = {
    "nonsense": (header, "database_damaged"),
    "bad pages": (a_page, "database_damaged"),
    "cut short": (lambda root: os.truncate(root / "library.db", 60_000), "database_damaged"),
    "emptied": (lambda root: os.truncate(root / "library.db", 0), "database_empty"),
    "another program's": (
        lambda root: ((root / "library.db").unlink(), sql(root, "CREATE TABLE recipe (name)")),
        "database_foreign",
    ),
    "newer tables": (lambda root: sql(root, "UPDATE alembic_version SET version_num = '9999'"), "database_newer"),
    "a table gone": (lambda root: sql(root, "DROP TABLE label"), "database_damaged"),
    "a content gone": (lambda root: sql(root, "DELETE FROM content WHERE id = 3"), "database_references"),
    "another encoder": (
        lambda root: sql(root, "UPDATE meta SET value = 'another' WHERE key = 'encoder'"),
        "wrong_encoder",
    ),
    "facts gone, vectors of others": (
        lambda root: sql(root, "DELETE FROM meta", "UPDATE embedding SET encoder = 'another'"),
        "facts_missing",
    ),
}
