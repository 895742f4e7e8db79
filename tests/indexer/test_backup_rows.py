"""Exports whose zip is whole and whose rows and vectors are not: refused with a reason, nothing left behind."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mindseye.indexer.backup import import_library, reader
from mindseye.indexer.backup.manifest import Encoder, Manifest, Member, chunk_member
from tests.indexer.backups import edit_rows, exported, refused, rewritten, tables

FEATURES = "features/1-000001.npz"


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return exported(tmp_path_factory.mktemp("home"))


def nested(depth: int) -> dict:
    value: dict = {}
    for _ in range(depth):
        value = {"a": value}
    return value


ROWS = {
    "a column more": ("item", lambda row: row.update(colour="red"), "columns colour are missing or unknown"),
    "a column less": ("item", lambda row: row.pop("uri"), "columns uri are missing or unknown"),
    "a number for a word": ("item", lambda row: row.update(state=3), "column state cannot hold '3'"),
    "a word for a number": ("item", lambda row: row.update(modified="3"), "column modified cannot hold '3'"),
    "a fraction": ("item", lambda row: row.update(modified=3.5), "column modified cannot hold '3.5'"),
    "true": ("item", lambda row: row.update(modified=True), "column modified cannot hold 'True'"),
    "nothing": ("item", lambda row: row.update(uri=None), "column uri cannot hold 'None'"),
    "too large a number": ("item", lambda row: row.update(modified=2**70), "a row of table item"),
    "half a character": ("item", lambda row: row.update(uri="file:///\ud800"), "a row of table item"),
    "not a number": ("imagined", lambda row: row.update(similarity=float("nan")), "column similarity cannot hold"),
    "infinite": ("imagined", lambda row: row.update(similarity=float("inf")), "column similarity cannot hold"),
    "a list for an object": ("run", lambda row: row.update(versions=[1]), "column versions cannot hold '[1]'"),
    "numbers for versions": ("run", lambda row: row.update(versions={"a": 1}), "column versions cannot hold"),
    "null for an object": ("run", lambda row: row.update(settings=None), "column settings cannot hold 'None'"),
    "a word for an object": ("run", lambda row: row.update(counts="3"), "column counts cannot hold '3'"),
    "an object for a list": ("imagined", lambda row: row.update(recalled={}), "column recalled cannot hold '{}'"),
    "no lists in a list": ("imagined", lambda row: row.update(recalled=["abc"]), "column recalled cannot hold"),
    "a number for an object": ("imagined", lambda row: row.update(parameters=1), "column parameters cannot hold '1'"),
    "nested deeply": ("run", lambda row: row.update(settings=nested(110)), "column settings cannot hold"),
    "no such content": ("item", lambda row: row.update(content_id=999), "contradict each other"),
    "one id for all": ("label", lambda row: row.update(item_id=1), "contradict each other"),
    "seeds that are none": (
        "imagined",
        lambda row: row.update(recalled=[[1, 2, 3]]),
        "line 1 of tables/imagined.jsonl",
    ),
    "a parent that is not there": ("item", lambda row: row.update(parent_id=999), "contradict each other"),
    "its own parent": ("item", lambda row: row.update(parent_id=row["id"]), "stands in no document"),
    "parents in a circle": (
        "item",
        lambda row: row.update(parent_id={7: 8, 8: 7}.get(row["id"], row["parent_id"])),
        "stands in no document",
    ),
    "a passage of nothing": ("passage", lambda row: row.update(content_id=999 + row["content_id"]), "contradict"),
    "a file of no collection": ("source", lambda row: row.update(collection_id=99), "contradict each other"),
    "an item of a modality that is none": ("item", lambda row: row.update(modality="sound"), "unknown modality"),
    "a vector of a modality that is none": ("embedding", lambda row: row.update(modality=""), "unknown modality"),
    "another encoder": ("embedding", lambda row: row.update(encoder="x"), "embedding 1 has no vector"),
}


@pytest.mark.parametrize("trouble", ROWS)
def test_rows_that_the_tables_cannot_hold_are_refused(trouble, home, tmp_path):
    table, edit, message = ROWS[trouble]
    path = rewritten(home / "export.zip", tmp_path / "x.zip", lambda members, _: edit_rows(members, table, edit))
    assert message in refused(path, tmp_path / "f").what


def test_odd_settings_that_a_run_may_have_come_back(home, tmp_path):
    settings = nested(90) | {"name": "\udcff", "list": [[], None, 2**60]}
    edit = lambda members, _: edit_rows(members, "run", lambda row: row.update(settings=settings))  # noqa: E731
    import_library(rewritten(home / "export.zip", tmp_path / "x.zip", edit), tmp_path / "new")
    assert {json.loads(row[3]) == settings for row in tables(tmp_path / "new")["run"]} == {True}


LINES = {
    "no JSON": (lambda data: b"{\n" + data, "line 1 of tables/skip.jsonl"),
    "no object": (lambda data: b"[1]\n" + data, "a line is no object"),
    "nested": (lambda data: b"[" * 200_000 + b"\n", "nested too deeply"),
    "no end": (lambda data: data[:-1], "ends within a line"),
    "long": (lambda data: b" " * 3_000_000 + data, "a line that is too long"),
}


@pytest.mark.parametrize("trouble", LINES)
def test_lines_that_are_no_rows_are_refused(trouble, home, tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "LONGEST_LINE", 1_000_000)
    edit, message = LINES[trouble]

    def change(members, manifest):
        members["tables/skip.jsonl"] = edit(members["tables/skip.jsonl"])

    assert message in refused(rewritten(home / "export.zip", tmp_path / "x.zip", change), tmp_path / "f").what


def arrays(save=np.savez, **given: object) -> bytes:
    file = io.BytesIO()
    save(file, **given)
    return file.getvalue()


def edited(change) -> object:
    """Return an edit of the first array file: ids and vectors in, those to save out."""

    def edit(members, manifest):
        with np.load(io.BytesIO(members[FEATURES])) as old:
            members[FEATURES] = change(old["ids"], old["vectors"])

    return edit


def infinite(ids, vectors):
    vectors[-1, -1] = np.inf
    return arrays(ids=ids, vectors=vectors)


ARRAYS = {
    "infinite": (infinite, "not finite"),
    "narrow": (lambda ids, vectors: arrays(ids=ids, vectors=vectors[:, 1:].copy()), "expected"),
    "fewer": (lambda ids, vectors: arrays(ids=ids[1:], vectors=vectors[1:]), "has no vector"),
    "more": (lambda ids, vectors: arrays(ids=[*ids, 99], vectors=[*vectors, vectors[0]]), "has no vector"),
    "shifted": (lambda ids, vectors: arrays(ids=np.roll(ids, 1), vectors=vectors), "has no vector"),
    "wide numbers": (lambda ids, vectors: arrays(ids=ids, vectors=vectors.astype("f8")), "another kind"),
    "pickled": (lambda ids, vectors: arrays(ids=ids, vectors=vectors.astype(object)), "features/1-000001.npz holds"),
    "compressed": (lambda ids, vectors: arrays(np.savez_compressed, ids=ids, vectors=vectors), "compressed"),
    "other names": (lambda ids, vectors: arrays(a=ids, b=vectors), "no arrays of ids and vectors"),
    "no zip": (lambda ids, vectors: b"x" * 100, "no arrays of ids and vectors"),
}


@pytest.mark.parametrize("trouble", ARRAYS)
def test_arrays_that_are_no_vectors_are_refused(trouble, home, tmp_path):
    change, message = ARRAYS[trouble]
    path = rewritten(home / "export.zip", tmp_path / "x.zip", edited(change))
    assert message in refused(path, tmp_path / "f").what


def test_vectors_that_no_row_has_are_refused(home, tmp_path):
    def add(members, manifest):
        name = f"features/{len(manifest['encoders'])}-000001.npz"
        with np.load(io.BytesIO(members[name])) as old:
            ids, vectors = old["ids"], old["vectors"]
        members[name] = arrays(ids=[*ids, 99], vectors=[*vectors, vectors[0]])

    path = rewritten(home / "export.zip", tmp_path / "x.zip", add)
    assert "tables/embedding.jsonl has another number of rows" in refused(path, tmp_path / "f").what
    more = lambda _, page: page["encoders"][1].update(vectors=page["encoders"][1]["vectors"] + 1)  # noqa: E731
    rewritten(home / "export.zip", tmp_path / "x.zip", more)
    assert "encoder 2 has another number of vectors" in refused(path, tmp_path / "f").what


def test_an_array_that_claims_a_petabyte_is_refused_at_once(home, tmp_path):
    """The header is read before there is anything to read; nothing of that size is ever filled."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f2", "fortran_order": False, "shape": (2**43, 64)})

    def claim(ids, vectors):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("ids.npy", zipfile.ZipFile(io.BytesIO(arrays(ids=ids))).read("ids.npy"))
            archive.writestr("vectors.npy", header.getvalue() + bytes(1000))
        return file.getvalue()

    path = rewritten(home / "export.zip", tmp_path / "x.zip", edited(claim))
    assert "no arrays of ids and vectors" in refused(path, tmp_path / "f").what


class Counted(dict):
    """Members that count how often one is looked at when all are."""

    seen = 0

    def __iter__(self):
        for name in super().__iter__():
            self.seen += 1
            yield name


def test_the_members_are_grouped_once_however_many_encoders_there_are():
    """Each damaged vector that was set aside is an encoder of its own."""
    numbers = range(1, 301)
    encoders = [Encoder(number=number, fingerprint=str(number), width=1, vectors=1) for number in numbers]
    names = [chunk_member(number, chunk) for number in numbers for chunk in (1, 2)]
    strange = ["features/301-000001.npz", "features/1", "features2/1-000001.npz", "tables/meta.jsonl", "imagined/1-a"]
    members = Counted.fromkeys([*names, *strange], Member(bytes=0, sha256="0" * 64))
    page = Manifest.model_construct(encoders=encoders, members=members)
    assert page.chunks(encoders[10]) == ["features/11-000001.npz", "features/11-000002.npz"]
    assert page.understood() == {*names, "tables/meta.jsonl", "imagined/1-a"}
    assert members.seen < 5 * len(members)
