import os
import resource
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.vision.limits import MAX_SCANS
from mindseye.engine.vision.pictures import Picture, read_picture
from mindseye.indexer import reading
from mindseye.indexer.library import Library
from mindseye.indexer.records import IngestReport, Skip
from mindseye.indexer.sources import Source
from tests.indexer.formats import many_scans, whole
from tests.indexer.hostile import CUT, NO_PICTURE, SUFFIX, hostile, odd
from tests.pictures import names, nearest, paint

STRANGE = {
    "a line\nbreak.jpg": "line break",
    os.fsdecode(b"no \xff\xfe utf-8.jpg"): "bytes",
    "dodo 🦤.png": "emoji",
    "x" * 251 + ".jpg": "255 bytes",
    "100%.png": "percent",
    "-n 'quoted\" $HOME.png": "shell",
}


def bind(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # an address has room for 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as it:
            it.bind(path.name)
    finally:
        os.chdir(before)


def sparse(size: int):
    return lambda path: (path.touch(), os.truncate(path, size))


SPECIAL = {
    "pipe.jpg": (os.mkfifo, "is not a regular file"),
    "socket.png": (bind, "is not a regular file"),
    "endless.jpg": (lambda path: path.symlink_to("/dev/zero"), "is a link to what is no regular file"),
    "pipe by a link.png": (lambda path: path.symlink_to("pipe.jpg"), "is a link to what is no regular file"),
    "nowhere.gif": (lambda path: path.symlink_to("gone.gif"), "is a link to nothing"),
    "round.png": (lambda path: path.symlink_to(path.name), "cannot be read (Too many levels of symbolic links)"),
    "giant.bmp": (sparse(5_000_000_000), "has 5.0 GB, over the limit of 1.1 GB"),
    "sparse.tif": (sparse(90_000_000), "holds nothing but zeros"),
    **{name: (lambda path: path.write_bytes(b"no"), NO_PICTURE) for name in STRANGE},
}
REASONS = {name: reason for files in (hostile(), SPECIAL) for name, (_, reason) in files.items()}


def lay(folder: Path) -> None:
    """Write every hostile file there is."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (data, _) in hostile().items():
        (folder / name).write_bytes(data)
    for name, (make, _) in SPECIAL.items():
        make(folder / name)


def told(skips: tuple[Skip, ...] | list[Skip]) -> dict[str, str]:
    assert len({skip.path for skip in skips}) == len(skips)
    return {skip.path.name: skip.reason for skip in skips}


def assert_own_queries_find(library: Library, paths: list[Path]) -> None:
    assert {path.name: nearest(library, path) for path in paths} == {path.name: path.name for path in paths}


def counts(report: IngestReport) -> tuple[int, int, int]:
    return report.added, report.unchanged, report.missing


def test_there_are_enough_of_them():
    assert len(REASONS) == len(hostile()) + len(SPECIAL) >= 60


@pytest.mark.parametrize("name", hostile())
def test_a_hostile_file_is_refused_for_what_is_wrong_with_it(name, capfd):
    data, reason = hostile()[name]
    with pytest.raises(UnreadableFileError) as raised:
        read_picture(data, "it")
    assert raised.value.what == f"it {reason}"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", odd())
def test_an_odd_file_is_a_picture_all_the_same(name, capfd):
    picture = read_picture(odd()[name], "it")
    assert picture.image.mode == "RGB"
    assert picture.image.size == (picture.width, picture.height)
    assert capfd.readouterr() == ("", "")


def test_good_neighbours_of_every_hostile_file_are_found(library, space, tmp_path):
    folder = tmp_path / "mixed"
    lay(folder)
    good = [paint(folder / f"{name[:200]} good.png", seed) for seed, name in enumerate(sorted(REASONS))]
    strange = [folder / f"odd {name}" for name in odd()]
    for path, data in zip(strange, odd().values(), strict=True):
        path.write_bytes(data)
    first = library.index([folder])
    assert told(first.skipped) == told(library.skipped()) == REASONS
    assert counts(first) == (len(good) + len(strange), 0, 0)
    assert names(library) == sorted(Path(path.as_uri()).name for path in good + strange)
    assert_own_queries_find(library, good)
    encoded = space.encoded
    again = library.index([folder])
    assert told(again.skipped) == told(library.skipped()) == REASONS
    assert (counts(again), space.encoded) == ((0, len(good) + len(strange), 0), encoded)
    assert_own_queries_find(library, good)


def test_batches_of_hostile_files_alone(library, space, tmp_path):
    lay(tmp_path / "bad")
    good = [paint(tmp_path / folder / "good.png", seed) for seed, folder in enumerate(("a", "z"))]
    report = library.index([tmp_path / "a", tmp_path / "bad", tmp_path / "z"])
    assert (told(report.skipped), counts(report), space.encoded) == (REASONS, (2, 0, 0), 2)
    assert [library.item(str(path)).path for path in good] == good
    assert told(library.index([tmp_path / "bad"]).skipped) == REASONS


def test_strange_names_and_a_folder_called_like_a_picture(library, tmp_path):
    folder = tmp_path / "folder.jpg"
    good = [paint(folder / name, seed) for seed, name in enumerate([*STRANGE, "plain.png"])]
    (tmp_path / "empty.png").mkdir()
    report = library.index([tmp_path / "folder.jpg", tmp_path / "empty.png"])
    assert (told(report.skipped), counts(report)) == ({}, (len(good), 0, 0))
    assert_own_queries_find(library, good)


def become(path: Path, change: str) -> None:
    """Let a file change after it was found."""
    data = path.read_bytes()
    path.unlink()
    if change == "pipe":
        os.mkfifo(path)
    elif change == "folder":
        path.mkdir()
    elif change == "giant":
        sparse(5_000_000_000)(path)
    else:
        path.write_bytes({"cut": data[:-40], "grown": data + data, "empty": b"", "letter": b"Dear"}[change])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("pipe", "is not a regular file"),
        ("folder", "cannot be read (Is a directory)"),
        ("giant", "has 5.0 GB, over the limit of 1.1 GB"),
        ("cut", CUT),
        ("empty", "is empty (0 bytes)"),
        ("letter", NO_PICTURE),
    ],
)
def test_a_file_that_changes_between_being_found_and_being_read(library, tmp_path, monkeypatch, change, reason):
    good = [paint(tmp_path / "in" / name, seed) for seed, name in enumerate(["ape.png", "cat.png"])]
    bat = paint(tmp_path / "in" / "bat.png", 9)
    change_then_read(monkeypatch, bat, change)
    report = library.index([tmp_path / "in"])
    assert told(report.skipped) == {"bat.png": reason}
    assert_own_queries_find(library, good)
    monkeypatch.undo()
    bat.rmdir() if bat.is_dir() else bat.unlink()
    paint(bat, 9)
    assert counts(library.index([tmp_path / "in"])) == (1, 2, 0)
    assert_own_queries_find(library, [*good, bat])


def test_a_file_that_grows_is_read_again(library, tmp_path, monkeypatch):
    bat = paint(tmp_path / "in" / "bat.png", 9)
    change_then_read(monkeypatch, bat, "grown")
    assert counts(library.index([tmp_path / "in"])) == (1, 0, 0)
    monkeypatch.undo()
    paint(bat, 10)
    assert library.index([tmp_path / "in"]).updated == 1
    assert_own_queries_find(library, [bat])


def test_a_file_that_is_still_written_is_read_again(library, tmp_path, monkeypatch):
    """The size of a file is told too small, as when it grows while it is read."""
    bat = paint(tmp_path / "in" / "bat.png", 9)
    fstat = os.fstat

    def behind(descriptor: int) -> os.stat_result:
        values = list(fstat(descriptor))
        values[6] -= 30
        return os.stat_result(values)

    with monkeypatch.context() as patch:
        patch.setattr(reading.os, "fstat", behind)
        patch.setattr(reading, "read_source", lambda source, read=reading.read_source: read(stale(source)))
        assert told(library.index([tmp_path / "in"]).skipped) == {"bat.png": CUT}
    assert counts(library.index([tmp_path / "in"])) == (1, 0, 0)
    assert_own_queries_find(library, [bat])


def stale(source: Source) -> Source:
    return Source(source.path, source.size - 30, source.modified)


def change_then_read(monkeypatch: pytest.MonkeyPatch, path: Path, change: str) -> None:
    read = reading.read_source

    def changed(source: Source) -> reading.Reading | Skip:
        if source.path == path:
            become(path, change)
        return read(source)

    monkeypatch.setattr(reading, "read_source", changed)


def test_scans_are_counted_to_the_end_of_the_first_picture():
    assert isinstance(read_picture(many_scans(MAX_SCANS - 10), "it"), Picture)
    with pytest.raises(UnreadableFileError, match="scans, over the limit"):
        read_picture(many_scans(MAX_SCANS + 1), "it")


BASES = [whole(kind) for kind in SUFFIX] + [data for data in odd().values() if len(data) < 3000]
BASES += [whole("JPEG", progressive=True), whole("WEBP", lossless=True), whole("TIFF", compression="tiff_lzw")]
NUMBERS = st.sampled_from([0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "end", "insert", "repeat", "number"]),
        st.one_of(st.integers(0, 120), st.integers(0, 3000)),
        st.integers(1, 60),
        st.one_of(st.binary(min_size=1, max_size=8), NUMBERS.map(lambda each: each.to_bytes(4, "little"))),
    ),
    min_size=1,
    max_size=6,
)


def mutant(data: bytes, edits: list[tuple[str, int, int, bytes]]) -> bytes:
    for kind, place, length, new in edits:
        at = place % (len(data) + 1)
        before, piece, after = data[:at], data[at : at + length], data[at + length :]
        data = {
            "flip": before + bytes([each ^ new[0] for each in piece[:1]]) + data[at + 1 :],
            "cut": before + after,
            "end": before if length > 50 else data,
            "insert": before + new + piece + after,
            "repeat": before + piece + piece + after,
            "number": before + new[: len(data) - at] + data[at + len(new) :],
        }[kind]
    return data


def try_mutants(number: int) -> None:
    @settings(max_examples=number, deadline=timedelta(seconds=20), database=None)
    @given(base=st.sampled_from(BASES), edits=EDITS)
    def check(base: bytes, edits: list[tuple[str, int, int, bytes]]) -> None:
        try:
            picture = read_picture(mutant(base, edits), "it")
        except UnreadableFileError as error:
            assert error.what.startswith("it ")
        else:
            assert picture.image.mode == "RGB"

    check()


@pytest.mark.parametrize("number", [500, pytest.param(20_000, marks=pytest.mark.slow)])
def test_mutants_of_valid_files_are_pictures_or_refused(number, capfd):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try_mutants(number)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 1_600_000  # kB: a mutant may claim the largest picture there may be
    assert capfd.readouterr() == ("", "")
