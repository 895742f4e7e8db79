"""Exports that are damaged, foreign, hostile or of another version: refused with a reason, nothing left behind."""

import json
import shutil
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindseye.engine.errors import LibraryError, MindseyeError, UsageError
from mindseye.indexer.backup import import_library, importing, reader
from tests.indexer.backups import exported, moved, plain, refused, rewritten, tables


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return exported(tmp_path_factory.mktemp("home"))


def test_a_file_that_is_not_there_is_a_wrong_request(tmp_path):
    with pytest.raises(UsageError, match="there is no file"):
        import_library(tmp_path / "none.zip", tmp_path / "new")
    with pytest.raises(UsageError, match="there is no file"):
        import_library(tmp_path, tmp_path / "new")


@pytest.mark.parametrize(
    "data", [b"", b"no zip at all" * 1000, b"PK\x05\x06" + bytes(18)], ids=["empty", "text", "bare"]
)
def test_other_files_are_refused(data, tmp_path):
    (tmp_path / "x.zip").write_bytes(data)
    assert "was not written by `mindseye export`" in refused(tmp_path / "x.zip", tmp_path / "f").what


@pytest.mark.parametrize(
    "page", [b"[]", b'{"format": "recipes"}', b"{", b"\xff", b'{"format": "mindseye-export"}', b"[" * 10**5]
)
def test_zips_of_other_programs_are_refused(page, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("manifest.json", page)
    assert "was not written by `mindseye export`" in refused(tmp_path / "x.zip", tmp_path / "f").what


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.999])
def test_a_file_that_is_cut_short_is_refused(share, home, tmp_path):
    data = (home / "export.zip").read_bytes()
    (tmp_path / "x.zip").write_bytes(data[: int(share * len(data))])
    refused(tmp_path / "x.zip", tmp_path / "f")


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_changed_bytes_are_refused_or_do_not_matter(home, tmp_path_factory, data):
    whole = bytearray((home / "export.zip").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(whole) - 1) | st.integers(len(whole) - 1500, len(whole) - 1))
        length = data.draw(st.sampled_from([0, 0, 1, 1, 1, 2, 4, 40]))
        whole[place : place + length] = data.draw(st.binary(min_size=not length, max_size=4))
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "x.zip").write_bytes(whole)
    try:
        with suppress(MindseyeError):
            import_library(folder / "x.zip", folder / "new")
        if (folder / "new").exists():
            expected = moved(tables(home / "library"), home / "library" / "imagined", folder / "new" / "imagined")
            assert plain(tables(folder / "new")) == expected
            assert files(folder / "new") == files(home / "library")
        assert {path.name for path in folder.iterdir()} <= {"x.zip", "new"}
    finally:
        shutil.rmtree(folder)


def files(root: Path) -> dict[str, bytes]:
    kept = [path for name in ("imagined", "spaces", "methods") for path in (root / name).rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in kept}


@pytest.mark.parametrize(
    "name",
    ["imagined/../../evil", "/evil", "../evil", "imagined//evil", "imagined/./evil", "imagined/", "C:/evil",
     "a\\..\\evil", "evil", "tables/evil.jsonl", "tables/evil", "features/9-000001.npz", "imagined/new\nline"],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(name, home, tmp_path):
    def put(members, manifest):
        members[name] = b""

    refused(rewritten(home / "export.zip", tmp_path / "x.zip", put), tmp_path / "f")
    assert not list(tmp_path.rglob("evil"))


def test_a_name_that_is_there_twice_is_refused(home, tmp_path):
    shutil.copy(home / "export.zip", tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "x.zip", "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("tables/meta.jsonl", archive.read("tables/meta.jsonl"))
    assert "tables/meta.jsonl is in it twice" in refused(tmp_path / "x.zip", tmp_path / "f").what


@pytest.mark.parametrize("kind", [0o120000, 0o010000, 0o040000], ids=["link", "pipe", "folder"])
def test_what_is_no_plain_file_is_refused(kind, home, tmp_path):
    def link(members, manifest):
        members["imagined/evil"] = b"/etc/passwd"

    rewritten(home / "export.zip", tmp_path / "a.zip", link)
    with zipfile.ZipFile(tmp_path / "a.zip") as old, zipfile.ZipFile(tmp_path / "x.zip", "w") as new:
        for info in old.infolist():
            info.external_attr = (kind | 0o777) << 16 if info.filename == "imagined/evil" else info.external_attr
            new.writestr(info, old.read(info))
    assert "imagined/evil is no plain file" in refused(tmp_path / "x.zip", tmp_path / "f").what


def test_other_ways_to_compress_are_refused(home, tmp_path):
    with zipfile.ZipFile(home / "export.zip") as old, zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_LZMA) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert "compressed in another way" in refused(tmp_path / "x.zip", tmp_path / "f").what


def test_members_and_manifest_must_be_the_same_set(home, tmp_path):
    refused(
        rewritten(home / "export.zip", tmp_path / "1.zip", lambda members, _: members.pop("features/1-000001.npz")),
        tmp_path / "f",
    )
    with zipfile.ZipFile(home / "export.zip") as old, zipfile.ZipFile(tmp_path / "2.zip", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("imagined/more.png", b"")
    assert "manifest.json and the members differ: imagined/more.png" in refused(tmp_path / "2.zip", tmp_path / "f").what


def test_another_hash_or_size_is_refused(home, tmp_path):
    with zipfile.ZipFile(home / "export.zip") as old:
        members = {name: old.read(name) for name in old.namelist()}
    for number, data in enumerate([b"short", b"shor", b"short!", b"sharp"]):
        path = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(path, "w") as new:
            for name, whole in members.items():
                new.writestr(name, data if name == "methods/decoder.safetensors" else whole)
        if number == 0:
            import_library(path, tmp_path / "new")
        else:
            assert "decoder.safetensors has another" in refused(path, tmp_path / "f").what


@pytest.mark.parametrize("newer", [{"version": 2}, {"revision": "0999"}])
def test_a_newer_export_names_the_version_to_install(newer, home, tmp_path):
    path = rewritten(home / "export.zip", tmp_path / "x.zip", lambda _, page: page.update(newer, mindseye="7.1"))
    error = refused(path, tmp_path / "f")
    assert "of a newer Mindseye" in error.what and error.hint == "install mindseye 7.1 or later"


@pytest.mark.parametrize(
    "page",
    [{"revision": "0000"}, {"revision": "-1"}, {"revision": 2}, {"version": "1"}, {"root": None},
     {"sequences": {"item": 2**70}}, {"sequences": {"item": True}}, {"members": []},
     {"encoders": [{"number": 1}]}, {"encoders": []}],
    ids=str,
)  # fmt: skip
def test_manifests_that_make_no_sense_are_refused(page, home, tmp_path):
    def change(members, manifest):
        if page.get("members") == []:
            members.clear()
        manifest.update(page)

    path = tmp_path / "x.zip"
    if page.get("members") == []:
        with zipfile.ZipFile(home / "export.zip") as old, zipfile.ZipFile(path, "w") as new:
            new.writestr("manifest.json", json.dumps(json.loads(old.read("manifest.json")) | page))
    else:
        rewritten(home / "export.zip", path, change)
    with pytest.raises(LibraryError):
        import_library(path, tmp_path / "f" / "new")
    assert list((tmp_path / "f").glob("*")) == []


def test_what_is_too_large_to_hold_is_refused(home, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "LARGEST_CHUNK", 100)
    assert "features/1-000001.npz is too large" in refused(home / "export.zip", tmp_path / "f").what
    monkeypatch.setattr(reader, "LARGEST_PAGE", 100)
    assert "manifest.json is too large" in refused(home / "export.zip", tmp_path / "f").what


def test_a_bomb_that_the_disk_cannot_hold_is_refused_before_it_is_opened(home, tmp_path, monkeypatch):
    """100 MB in 100 kB: what the members say they hold is compared with the room there is."""

    def bomb(members, manifest):
        members["methods/bomb"] = bytes(100_000_000)

    rewritten(home / "export.zip", tmp_path / "a.zip", bomb)
    with (
        zipfile.ZipFile(tmp_path / "a.zip") as old,
        zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert (tmp_path / "x.zip").stat().st_size < 500_000
    room = shutil.disk_usage(tmp_path)._replace(free=50_000_000)
    monkeypatch.setattr(importing.shutil, "disk_usage", lambda path: room)
    error = refused(tmp_path / "x.zip", tmp_path / "f")
    assert "holds 0.1 GB" in error.what and "make room" in error.hint
