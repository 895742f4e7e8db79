import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from sqlalchemy import text

from mindseye.engine.errors import SpaceMismatchError, UsageError
from mindseye.engine.vision.pictures import write_imagined_png
from mindseye.indexer import ingest, reading
from mindseye.indexer.library import Library
from tests.pictures import names, nearest, paint, painting, query_of
from tests.tiny_space import TinySpace

ALL = ["ape.png", "bat.png", "cat.jpg", "dog.png", "eel.png"]


def counts(report: object) -> dict[str, int]:
    wanted = ("seen", "added", "updated", "unchanged", "moved", "missing", "imagined")
    return {name: getattr(report, name) for name in wanted if getattr(report, name)}


def rows(library: Library, query: str) -> list[tuple]:
    with library.database.read() as session:
        return [tuple(row) for row in session.execute(text(query))]


def test_every_picture_is_found_by_itself(library, space, photos):
    report = library.index([photos])
    assert counts(report) == {"seen": 5, "added": 5}
    assert names(library) == ALL
    for path in photos.rglob("*.*"):
        assert nearest(library, path) == path.name
    assert space.encoded == 5 + 5  # the queries


def test_indexing_again_reads_and_encodes_nothing(library, space, photos, monkeypatch):
    library.index([photos])
    monkeypatch.setattr(reading, "read_source", None)
    assert counts(library.index([photos])) == {"seen": 5, "unchanged": 5}
    assert space.encoded == 5


def test_one_new_picture_costs_one_encode(library, space, photos):
    library.index([photos])
    paint(photos / "fox.png", 50)
    assert counts(library.index([photos])) == {"seen": 6, "added": 1, "unchanged": 5}
    assert space.encoded == 6


def test_a_changed_file_is_encoded_anew_and_its_old_self_forgotten(library, photos):
    library.index([photos])
    old = query_of(library, photos / "ape.png")
    before = library.item("ape.png")
    paint(photos / "ape.png", 51)
    assert counts(library.index([photos])) == {"seen": 5, "updated": 1, "unchanged": 4}
    after = library.item("ape.png")
    assert after.id == before.id
    assert after.sha256 != before.sha256
    assert names(library) == ALL
    assert nearest(library, photos / "ape.png") == "ape.png"
    assert library.search(old, 1)[0][0].score < 1.99  # a picture scores 2 against itself


def test_a_touched_file_stays_as_it_is(library, space, photos):
    library.index([photos])
    os.utime(photos / "ape.png", ns=(1, 1))
    assert counts(library.index([photos])) == {"seen": 5, "unchanged": 5}
    assert space.encoded == 5


def test_copies_share_their_content_and_one_hit_names_them_all(library, space, photos):
    shutil.copy(photos / "ape.png", photos / "more" / "twin.png")
    library.index([photos])
    assert space.encoded == 5
    assert names(library) == sorted([*ALL, "twin.png"])
    hit = library.search(query_of(library, photos / "ape.png"), 1)[0][0]
    assert (hit.path.name, [Path(uri).name for uri in hit.also]) == ("ape.png", ["twin.png"])
    assert library.item("ape.png").content_id == library.item("twin.png").content_id


def test_a_renamed_file_is_not_encoded_again(library, space, photos):
    library.index([photos])
    (photos / "ape.png").rename(photos / "monkey.png")
    assert counts(library.index([photos])) == {
        "seen": 5,
        "added": 1,
        "unchanged": 4,
        "moved": 1,
        "missing": 1,
    }
    assert space.encoded == 5
    assert nearest(library, photos / "monkey.png") == "monkey.png"
    assert library.item("ape.png").state == "missing"


def test_a_missing_file_is_no_hit_and_comes_back_with_its_id(library, space, photos, tmp_path):
    library.index([photos])
    item = library.item("ape.png")
    (photos / "ape.png").rename(tmp_path / "away.png")
    assert counts(library.index([photos])) == {"seen": 4, "unchanged": 4, "missing": 1}
    assert names(library) == ALL[1:]
    assert library.status().vectors == 4
    (tmp_path / "away.png").rename(photos / "ape.png")
    assert counts(library.index([photos])) == {"seen": 5, "added": 1, "unchanged": 4}
    assert library.item("ape.png").id == item.id
    assert nearest(library, photos / "ape.png") == "ape.png"
    assert space.encoded == 5 + 1  # the query


def test_a_copy_keeps_the_vector_of_a_missing_file(library, photos):
    shutil.copy(photos / "ape.png", photos / "twin.png")
    library.index([photos])
    (photos / "ape.png").unlink()
    library.index([photos])
    assert nearest(library, photos / "twin.png") == "twin.png"
    assert rows(library, "SELECT kind FROM change WHERE kind = 'delete'") == []


def test_only_what_lies_below_the_indexed_folder_can_go_missing(library, tmp_path):
    for name in ("Pics/a.png", "pics/b.png", "pics2/c.png", "pics/deep/d.png"):
        paint(tmp_path / name, len(name) + ord(name[-5]))
    library.index([tmp_path])
    for name in ("Pics/a.png", "pics/b.png", "pics2/c.png"):
        (tmp_path / name).unlink()
    assert library.index([tmp_path / "pics"]).missing == 1
    assert names(library) == ["a.png", "c.png", "d.png"]
    assert library.index([tmp_path]).missing == 2


def test_a_folder_that_cannot_be_opened_loses_nothing(library, photos, monkeypatch):
    library.index([photos])
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "more":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    (photos / "more" / "eel.png").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse)
        report = library.index([photos])
    assert counts(report) == {"seen": 4, "unchanged": 4}
    assert [skip.path.name for skip in report.skipped] == ["more"]
    assert library.item("eel.png").state == "present"


def test_a_file_that_came_after_the_walk_is_not_lost(library, photos, monkeypatch):
    """Another process may index a new file while this one is between its walk and its sweep."""
    walk = ingest.find_sources

    def walk_then_another_comes(paths: list[Path], leave_out: Path, inside: object = None) -> object:
        sources = walk(paths, leave_out, inside)
        monkeypatch.setattr(ingest, "find_sources", walk)
        paint(photos / "late.png", 60)
        library.index([photos])
        return sources

    monkeypatch.setattr(ingest, "find_sources", walk_then_another_comes)
    report = library.index([photos])
    assert report.missing == 0
    assert names(library) == sorted([*ALL, "late.png"])


def test_many_files_are_encoded_in_full_batches(library, space, tmp_path):
    for seed in range(70):
        paint(tmp_path / "many" / f"{seed}.png", seed)
    told = []
    report = library.index([tmp_path / "many"], progress=lambda done, total: told.append((done, total)))
    assert report.added == 70
    assert space.batches == [32, 32, 6]
    assert told[-1] == (70, 70)
    assert told == sorted(told)
    for seed in (0, 31, 32, 69):
        path = tmp_path / "many" / f"{seed}.png"
        assert nearest(library, path) == path.name


def test_stored_features_are_the_rounded_ones_of_the_encoder(library, space, photos):
    library.index([photos])
    item = library.item("dog.png")
    with Image.open(photos / "dog.png") as image:
        encoded = space.encode_images([image])
    np.testing.assert_array_equal(library.features(item.id), encoded.astype(np.float16).astype(np.float32))


def test_features_that_storage_cannot_hold_are_refused_before_they_are_stored(open_library, photos):
    class Wild(TinySpace):
        def encode_images(self, images):
            return super().encode_images(images) * 1e6

    library = open_library(Wild())
    with pytest.raises(Exception, match="not finite"):
        library.index([photos])
    assert rows(library, "SELECT count(*) FROM item") == [(0,)]
    assert library.status().last_run.counts["interrupted"] is True


def test_the_run_is_written_down(library, photos):
    report = library.index([photos], command="mindseye index photos", settings={"collection": "default"})
    run = library.status().last_run
    assert (run.id, run.kind, run.command, run.settings) == (
        report.run_id,
        "index",
        "mindseye index photos",
        {"collection": "default"},
    )
    assert run.ended >= run.started
    assert run.counts["added"] == 5
    assert run.versions["mindseye"]


def test_an_empty_folder_is_a_report_of_nothing(library, tmp_path):
    (tmp_path / "empty").mkdir()
    report = library.index([tmp_path / "empty"])
    assert (report.seen, report.skipped) == (0, ())


def test_a_path_that_does_not_exist_stops_before_anything_is_written(library, photos, tmp_path):
    with pytest.raises(UsageError, match=r"no such file or folder: .*nowhere"):
        library.index([photos, tmp_path / "nowhere"])
    with pytest.raises(UsageError, match="no path"):
        library.index([])
    assert rows(library, "SELECT count(*) FROM run") == [(0,)]


def test_an_interrupt_keeps_what_is_done_and_the_next_run_goes_on(open_library, tmp_path):
    class Interrupted(TinySpace):
        def encode_images(self, images):
            if self.encoded >= 64:
                raise KeyboardInterrupt
            return super().encode_images(images)

    for seed in range(100):
        paint(tmp_path / "many" / f"{seed}.png", seed)
    library = open_library(Interrupted())
    with pytest.raises(KeyboardInterrupt):
        library.index([tmp_path / "many"])
    assert library.status().items == 64
    assert library.status().last_run.counts["interrupted"] is True
    library.close()
    again = open_library(TinySpace())
    assert counts(again.index([tmp_path / "many"])) == {"seen": 100, "added": 36, "unchanged": 64}
    assert again.space.encoded == 36


def test_an_imagined_picture_in_a_folder_is_never_found(library, space, photos):
    (photos / "dream.png").write_bytes(write_imagined_png(painting(7), "f00d", "0.1.0"))
    report = library.index([photos])
    assert counts(report) == {"seen": 6, "added": 6, "imagined": 1}
    assert space.encoded == 5
    assert names(library) == ALL
    item = library.item("dream.png")
    assert (item.origin, item.state) == ("imagined", "present")
    assert "elsewhere" in "\n".join(library.explain("dream.png").lines())
    assert counts(library.index([photos])) == {"seen": 6, "unchanged": 6}
    (photos / "dream.png").unlink()
    assert library.index([photos]).missing == 1


def test_a_picture_that_becomes_imagined_leaves_the_index(library, photos):
    library.index([photos])
    (photos / "ape.png").write_bytes(write_imagined_png(painting(7), "f00d", "0.1.0"))
    assert counts(library.index([photos])) == {"seen": 5, "updated": 1, "unchanged": 4, "imagined": 1}
    assert names(library) == ALL[1:]


def test_a_run_stops_when_another_process_has_changed_the_encoder(library, photos, tmp_path):
    Library.reembed(tmp_path / "library", TinySpace(encoder="another"))
    with pytest.raises(SpaceMismatchError, match="another"):
        library.index([photos])
    assert rows(library, "SELECT count(*) FROM embedding") == [(0,)]


def test_an_old_library_gets_dates_when_files_are_read_again(library, photos):
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = "2021:07:04 10:11:12"
    painting(80).save(photos / "dated.jpg", exif=exif)
    library.index([photos])
    with library.database.write() as session:
        session.execute(text("UPDATE content SET taken = NULL"))
    os.utime(photos / "dated.jpg", ns=(1, 1))
    library.index([photos])
    assert library.item("dated.jpg").taken == "2021-07-04T10:11:12"
