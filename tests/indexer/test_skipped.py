"""Files that cannot be taken: listed until they are mended, not read again until they change."""

import os
import time

import pytest

from mindseye.indexer import reading, runs
from mindseye.indexer.records import Skip
from tests.indexer.test_sources import forbid
from tests.pictures import paint


@pytest.fixture
def reads(monkeypatch):
    """The names of the files that were read."""
    read, names = reading.read_source, []

    def note(source):
        names.append(source.path.name)
        return read(source)

    monkeypatch.setattr(reading, "read_source", note)
    return names


@pytest.fixture
def bad(photos):
    (photos / "bad.png").write_text("no picture")
    return photos


def listed(library) -> list[str]:
    return [skip.path.name for skip in library.skipped()]


def test_a_bad_file_is_read_once_and_told_every_time(library, bad, reads):
    first = library.index([bad])
    assert "bad.png" in reads
    reads.clear()
    second = library.index([bad])
    assert reads == []
    assert first.skipped == second.skipped != ()
    assert (second.seen, second.unchanged) == (6, 5)
    assert listed(library) == ["bad.png"]


def test_a_bad_file_that_changes_is_read_again(library, bad, reads):
    library.index([bad])
    reads.clear()
    os.utime(bad / "bad.png", ns=(1, 1))
    assert len(library.index([bad]).skipped) == 1
    assert reads == ["bad.png"]
    paint(bad / "bad.png", 77)
    assert library.index([bad]).added == 1
    assert listed(library) == []


def test_a_newer_version_reads_bad_files_again(library, bad, reads, monkeypatch):
    library.index([bad])
    reads.clear()
    monkeypatch.setattr(runs, "_versions", lambda: {"mindseye": "99", "pillow": "99"})
    library.index([bad])
    assert reads == ["bad.png"]


def test_what_could_not_be_read_is_tried_again_each_time(library, photos, reads, monkeypatch):
    """The content is not to blame: permissions and broken disks are mended without a change of the file."""
    with monkeypatch.context() as patched:
        patched.setattr(reading, "read_bytes", lambda source: (_ for _ in ()).throw(reading.UnreadableFileError("x")))
        assert len(library.index([photos]).skipped) == 5
    assert library.index([photos]).added == 5
    assert listed(library) == []


def test_the_list_holds_what_all_folders_left_out(library, bad, tmp_path):
    library.index([bad])
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "worse.png").write_bytes(b"")
    library.index([tmp_path / "more"])
    assert listed(library) == ["bad.png", "worse.png"]
    library.index([tmp_path / "more"])
    assert listed(library) == ["bad.png", "worse.png"]
    (bad / "bad.png").unlink()
    library.index([bad])
    assert listed(library) == ["worse.png"]


def test_skips_of_many_runs_do_not_pile_up(library, bad):
    for _ in range(5):
        library.index([bad])
    with library.database.read() as session:
        assert session.query(runs.models.Skip).count() == 1


def test_a_bad_file_that_is_named_is_read_again(library, bad, reads):
    library.index([bad])
    reads.clear()
    library.index([bad / "bad.png"])
    assert reads == ["bad.png"]


def test_a_bad_file_mended_with_its_old_size_and_time_is_read_again(library, bad, reads):
    good = paint(bad.parent / "good.png", 77).read_bytes()
    (bad / "bad.png").write_bytes(bytes(len(good)))
    os.utime(bad / "bad.png", ns=(1, 1))
    library.index([bad])
    library.index([bad])
    time.sleep(0.02)  # the system's clock of files has steps
    (bad / "bad.png").write_bytes(good)
    os.utime(bad / "bad.png", ns=(1, 1))
    reads.clear()
    assert library.index([bad]).added == 1
    assert reads == ["bad.png"]
    assert listed(library) == []


def test_a_refusal_takes_no_picture_that_is_known_as_it_is(library, photos):
    """Another process, or an older library, may have refused in one collection what is present in another."""
    library.index([photos])
    with library.database.write() as session:
        item = library.item("ape.png")
        runs.skip(session, item.run_id, [Skip(item.uri, "was damaged", "unreadable_file", item.size, item.modified)])
    report = library.index([photos])
    assert (report.seen, report.unchanged, report.missing, report.skipped) == (5, 5, 0, ())
    assert listed(library) == []


def test_what_is_below_a_folder_that_cannot_be_opened_stays_listed(library, bad, monkeypatch):
    (bad / "more" / "worse.png").write_bytes(b"")
    library.index([bad])
    with monkeypatch.context() as patched:
        forbid(patched, bad / "more", inside_only=True)
        library.index([bad])
        library.index([bad])
        assert sorted(listed(library)) == ["bad.png", "more", "worse.png"]
    library.index([bad])
    assert sorted(listed(library)) == ["bad.png", "worse.png"]


def test_skips_met_through_links_are_forgotten_when_they_are_gone(library, photos, tmp_path):
    for name in ("one", "two", "three"):
        (tmp_path / "far").mkdir(exist_ok=True)
        (tmp_path / "far" / f"{name}.png").write_bytes(b"")
        (photos / f"{name}.png").symlink_to(tmp_path / "far" / f"{name}.png")
    library.index([photos])
    assert sorted(listed(library)) == ["one.png", "three.png", "two.png"]
    (tmp_path / "far" / "one.png").unlink()
    (photos / "one.png").unlink()
    (tmp_path / "far" / "two.png").unlink()
    library.index([photos])
    assert {skip.path: skip.reason for skip in library.skipped()} == {
        photos / "two.png": "is a link to nothing",
        tmp_path / "far" / "three.png": "is empty (0 bytes)",
    }
