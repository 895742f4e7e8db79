import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mindseye.engine.vision import pictures, reduction
from mindseye.indexer import reading
from mindseye.indexer.library import Library
from mindseye.indexer.records import IngestReport
from mindseye.indexer.sources import Source
from tests.pictures import names, nearest, paint, painting


def bomb() -> bytes:
    """A PNG of 900 million pixels in 70 bytes."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def cut_jpeg(path: Path) -> None:
    painting(1, 200).save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:-400])


BAD = {
    "text.jpg": (lambda path: path.write_text("not a picture"), "is not a picture: text or another format"),
    "cut.jpg": (cut_jpeg, "is cut short"),
    "empty.png": (lambda path: path.write_bytes(b""), "is empty (0 bytes)"),
    "bomb.png": (
        lambda path: path.write_bytes(bomb()),
        "has 900 million pixels, over the limit of 170 million",
    ),
    "nothing.gif": (lambda path: path.symlink_to("nowhere.gif"), "is a link to nothing"),
    "pipe.bmp": (os.mkfifo, "is not a regular file"),
}


def reasons(report: IngestReport) -> dict[str, str]:
    return {skip.path.name: skip.reason for skip in report.skipped}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Pictures whose names lie before, between and behind the bad ones."""
    for seed, name in enumerate(["aaa.png", "cup.png", "nut.png", "zzz.png"]):
        paint(tmp_path / "mixed" / name, seed)
    return tmp_path / "mixed"


def assert_good_ones_found(library: Library, folder: Path) -> None:
    assert names(library) == ["aaa.png", "cup.png", "nut.png", "zzz.png"]
    for path in folder.glob("???.png"):
        assert nearest(library, path) == path.name


@pytest.mark.parametrize("name", BAD)
def test_one_bad_file_is_told_and_no_neighbour_shifts(library, good, name):
    make, reason = BAD[name]
    make(good / name)
    report = library.index([good])
    assert reasons(report) == {name: reason}
    assert [(skip.path.name, skip.reason) for skip in library.skipped()] == [(name, reason)]
    assert report.added == 4
    assert_good_ones_found(library, good)


def test_all_bad_files_together(library, good):
    for name, (make, _) in BAD.items():
        make(good / name)
    report = library.index([good])
    assert reasons(report) == {name: reason for name, (_, reason) in BAD.items()}
    assert_good_ones_found(library, good)
    assert len(library.skipped()) == len(BAD)


def test_a_folder_of_bad_files_alone_is_a_report(library, space, tmp_path):
    (tmp_path / "a.jpg").write_text("no")
    (tmp_path / "b.jpg").write_text("no")
    report = library.index([tmp_path / "a.jpg", tmp_path / "b.jpg"])
    assert (report.seen, report.added, len(report.skipped), space.encoded) == (2, 0, 2, 0)
    assert names(library) == []


def test_a_bad_file_that_is_mended_is_indexed(library, good):
    (good / "bad.png").write_text("no")
    library.index([good])
    paint(good / "bad.png", 70)
    report = library.index([good])
    assert (report.added, report.unchanged, report.skipped) == (1, 4, ())
    assert library.skipped() == []
    assert nearest(library, good / "bad.png") == "bad.png"


def test_a_picture_that_breaks_is_missing_until_it_is_mended(library, good):
    paint(good / "broken.png", 70)
    library.index([good])
    (good / "broken.png").write_text("no")
    report = library.index([good])
    assert report.missing == 1
    assert reasons(report) == {"broken.png": "is not a picture: text or another format"}
    assert library.item("broken.png").state == "missing"
    assert_good_ones_found(library, good)
    paint(good / "broken.png", 70)
    library.index([good])
    assert nearest(library, good / "broken.png") == "broken.png"


def test_a_file_that_vanishes_during_the_run(library, good, monkeypatch):
    read = reading.read_source

    def vanish_first(source: Source) -> object:
        if source.path.name == "middle.png":
            source.path.unlink()
        return read(source)

    paint(good / "middle.png", 70)
    monkeypatch.setattr(reading, "read_source", vanish_first)
    report = library.index([good])
    assert reasons(report) == {"middle.png": "vanished during the run"}
    assert_good_ones_found(library, good)


def test_a_file_that_may_not_be_read(library, good, monkeypatch):
    opener = reading._opener

    def refuse(path: str, flags: int) -> int:  # permissions do not keep root out
        if path.endswith("middle.png"):
            raise PermissionError(13, "Permission denied")
        return opener(path, flags)

    paint(good / "middle.png", 70)
    monkeypatch.setattr(reading, "_opener", refuse)
    report = library.index([good])
    assert reasons(report) == {"middle.png": "cannot be read (Permission denied)"}
    assert_good_ones_found(library, good)


def test_a_picture_that_memory_does_not_suffice_for_is_tried_again(library, good, monkeypatch):
    def refuse(image: Image.Image) -> Image.Image:
        if image.size == (99, 99):
            raise MemoryError
        return reduction.reduced(image)

    painting(70, 99).save(good / "middle.png")
    monkeypatch.setattr(pictures, "reduced", refuse)
    assert reasons(library.index([good])) == {"middle.png": "needs more memory than there is"}
    assert_good_ones_found(library, good)
    monkeypatch.undo()
    report = library.index([good])
    assert (report.added, report.skipped, nearest(library, good / "middle.png")) == (1, (), "middle.png")


def test_a_file_too_big_to_hold_is_not_read(library, good):
    with (good / "giant.bmp").open("wb") as file:
        file.truncate(5_000_000_000)
    assert reasons(library.index([good])) == {"giant.bmp": "has 5.0 GB, over the limit of 1.1 GB"}
    assert_good_ones_found(library, good)


def test_unusual_pictures_are_taken(library, good):
    painting(71).convert("CMYK").save(good / "cmyk.jpg")
    painting(72).quantize(8).save(good / "palette.gif")
    Image.fromarray(np.arange(400, dtype=np.uint16).reshape(20, 20) * 160).save(good / "deep.png")
    frames = [painting(seed) for seed in (73, 74)]
    frames[0].save(good / "moving.webp", save_all=True, append_images=frames[1:], lossless=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    painting(75).resize((40, 20)).save(good / "turned.jpg", exif=exif)
    report = library.index([good])
    assert (report.added, report.skipped) == (9, ())
    assert (library.item("turned.jpg").width, library.item("turned.jpg").height) == (20, 40)
    kinds = {name: library.item(name).media_type for name in ("cmyk.jpg", "palette.gif", "moving.webp")}
    assert kinds == {"cmyk.jpg": "image/jpeg", "palette.gif": "image/gif", "moving.webp": "image/webp"}
    still = paint(good.parent / "still.png", 73)
    assert nearest(library, still) == "moving.webp"
    for name in ("cmyk.jpg", "palette.gif", "deep.png"):
        assert nearest(library, good / name) == name


def test_a_named_file_of_any_suffix_is_judged_by_its_content(library, tmp_path):
    painting(1).save(tmp_path / "photo.data", "PNG")
    (tmp_path / "letter.data").write_text("Dear diary")
    report = library.index([tmp_path / "photo.data", tmp_path / "letter.data"])
    assert reasons(report) == {"letter.data": "is not a picture: text or another format"}
    assert names(library) == ["photo.data"]
