import shutil
from pathlib import Path

import numpy as np
import pytest

from mindseye.engine.errors import NotFoundError, SpaceMismatchError
from mindseye.engine.vision.pictures import write_imagined_png
from mindseye.indexer import doctor
from mindseye.indexer.library import Library
from mindseye.indexer.meta import space_of
from tests.pictures import names, nearest, paint, painting, query_of
from tests.tiny_space import TinySpace


class OtherSpace(TinySpace):
    """The same histograms, in another order, by another name."""

    def __init__(self) -> None:
        super().__init__(encoder="tiny-histogram-reversed", mapping="tiny-projection-reversed", half=10)

    def encode_images(self, images):
        return super().encode_images(images)[:, ::-1]


@pytest.fixture
def old(open_library, photos: Path) -> Path:
    """The folder of a library of the first encoder."""
    library = open_library(TinySpace())
    library.index([photos])
    library.close()
    return library.root


def test_a_library_moves_to_another_encoder(old, open_library, photos):
    told = []
    tell = lambda done, total: told.append((done, total))  # noqa: E731
    report = Library.reembed(old, OtherSpace(), tell, "mindseye reembed")
    assert (report.encoded, report.kept, report.skipped) == (5, 0, ())
    assert told == [(5, 5)]
    library = open_library(OtherSpace(), old)
    assert names(library) == ["ape.png", "bat.png", "cat.jpg", "dog.png", "eel.png"]
    for path in photos.rglob("*.*"):
        assert nearest(library, path) == path.name
    assert library.status().last_run.command == "mindseye reembed"
    assert library.explain("ape.png").encoder == "tiny-histogram-reversed"
    assert library.index([photos]).unchanged == 5
    with pytest.raises(SpaceMismatchError):
        Library.open(old, TinySpace())


def test_the_answers_are_those_of_a_new_library(old, open_library, photos, tmp_path):
    Library.reembed(old, OtherSpace())
    moved, fresh = open_library(OtherSpace(), old), open_library(OtherSpace(), tmp_path / "fresh")
    fresh.index([photos])
    query = query_of(fresh, photos / "dog.png")
    assert [(hit.uri, hit.score) for hit in moved.search(query, 5)[0]] == [
        (hit.uri, hit.score) for hit in fresh.search(query, 5)[0]
    ]


def test_what_is_gone_or_changed_is_reported_and_missing_until_indexed(old, open_library, photos):
    (photos / "ape.png").unlink()
    paint(photos / "bat.png", 80)
    report = Library.reembed(old, OtherSpace())
    assert {(skip.path.name, skip.reason) for skip in report.skipped} == {
        ("ape.png", "vanished during the run"),
        ("bat.png", "has changed since it was indexed"),
    }
    assert report.encoded == 3
    library = open_library(OtherSpace(), old)
    assert names(library) == ["cat.jpg", "dog.png", "eel.png"]
    assert library.item("ape.png").state == "missing"
    assert library.index([photos]).added == 1
    assert nearest(library, photos / "bat.png") == "bat.png"


def test_a_copy_serves_where_the_first_file_is_gone(open_library, photos):
    library = open_library(TinySpace())
    shutil.copy(photos / "ape.png", photos / "twin.png")
    library.index([photos])
    library.close()
    (photos / "ape.png").unlink()
    report = Library.reembed(library.root, OtherSpace())
    assert (report.encoded, report.skipped) == (5, ())
    assert nearest(open_library(OtherSpace()), photos / "twin.png").endswith(("ape.png", "twin.png"))


def test_an_interrupted_move_leaves_the_old_space_and_goes_on(open_library, tmp_path):
    class Interrupted(OtherSpace):
        def encode_images(self, images):
            if self.encoded:
                raise KeyboardInterrupt
            return super().encode_images(images)

    for seed in range(50):
        paint(tmp_path / "many" / f"{seed}.png", seed)
    library = open_library(TinySpace())
    library.index([tmp_path / "many"])
    before = names(library)
    with pytest.raises(KeyboardInterrupt):
        Library.reembed(library.root, Interrupted())
    assert names(library) == before
    assert nearest(library, tmp_path / "many" / "9.png") == "9.png"
    report = Library.reembed(library.root, OtherSpace())
    assert (report.encoded, report.kept) == (18, 32)
    assert nearest(open_library(OtherSpace()), tmp_path / "many" / "9.png") == "9.png"


def test_going_back_encodes_nothing(old, open_library, photos):
    Library.reembed(old, OtherSpace())
    space = TinySpace()
    report = Library.reembed(old, space)
    assert (report.encoded, report.kept, space.encoded) == (0, 5, 0)
    assert nearest(open_library(TinySpace(), old), photos / "cat.jpg") == "cat.jpg"


def test_the_index_of_the_new_encoder_holds_no_old_row(old, open_library):
    Library.reembed(old, OtherSpace())
    library = open_library(OtherSpace(), old)
    hits = library.search(np.ones((1, library.space.width), np.float32), 100)[0]
    assert len(hits) == len({hit.embedding_id for hit in hits}) == 5
    assert min(hit.embedding_id for hit in hits) > 5


def test_the_move_ends_with_its_index_published_and_its_space_remembered(old):
    assert doctor.examine(old, TinySpace()) == []
    space = OtherSpace()
    space.name = "other"
    Library.reembed(old, space)
    assert doctor.examine(old, space) == []
    assert space_of(old) == "other"


def test_what_is_removed_after_the_move_leaves_the_index(old, open_library):
    Library.reembed(old, OtherSpace())
    library = open_library(OtherSpace(), old)
    assert library.remove(["ape.png"]) == 1
    assert library.status().vectors == 4
    assert names(library) == ["bat.png", "cat.jpg", "dog.png", "eel.png"]


def test_imagined_pictures_are_not_encoded(old, open_library, photos):
    library = open_library(TinySpace(), old)
    (photos / "dream.png").write_bytes(write_imagined_png(painting(7), "f00d", "0.1.0"))
    library.index([photos])
    report = Library.reembed(old, OtherSpace())
    assert (report.encoded, report.skipped) == (5, ())
    moved = open_library(OtherSpace(), old)
    assert names(moved) == ["ape.png", "bat.png", "cat.jpg", "dog.png", "eel.png"]
    assert moved.item("dream.png").state == "present"


def test_there_must_be_a_library_to_move(tmp_path):
    with pytest.raises(NotFoundError, match="no library"):
        Library.reembed(tmp_path / "none", OtherSpace())
