import shutil

import pytest
from PIL import Image

from mindseye.engine.errors import NotFoundError
from mindseye.engine.vision.pictures import read_picture, write_imagined_png
from tests.pictures import paint, painting


def test_a_thumbnail_is_small_and_made_once(library, photos):
    painting(5, 700).resize((900, 300)).save(photos / "wide.png")
    library.index([photos])
    path = library.thumbnail(library.item("wide.png").id)
    with Image.open(path) as image:
        assert (image.format, image.size) == ("JPEG", (512, 171))
    made = path.stat().st_mtime_ns
    assert library.thumbnail(library.item("wide.png").id) == path
    assert path.stat().st_mtime_ns == made


def test_thumbnails_may_be_deleted_at_any_time(library, photos):
    library.index([photos])
    item = library.item("ape.png").id
    before = library.thumbnail(item).read_bytes()
    shutil.rmtree(library.root / "thumbnails")
    assert library.thumbnail(item).read_bytes() == before


def test_a_copy_serves_when_the_file_is_gone(library, photos):
    shutil.copy(photos / "ape.png", photos / "twin.png")
    library.index([photos])
    (photos / "ape.png").unlink()
    assert library.thumbnail(library.item("ape.png").id).is_file()


def test_a_file_that_is_gone_or_another_now_has_no_thumbnail(library, photos):
    library.index([photos])
    item = library.item("ape.png").id
    paint(photos / "ape.png", 70)
    with pytest.raises(NotFoundError, match=r"ape\.png is gone or has changed"):
        library.thumbnail(item)


def test_the_thumbnail_of_an_imagined_picture_is_marked_as_one(library, photos):
    (photos / "dream.png").write_bytes(write_imagined_png(painting(7), "f00d", "0.1.0"))
    library.index([photos])
    small = {name: library.thumbnail(library.item(name).id) for name in ("dream.png", "ape.png")}
    marks = {name: read_picture(path.read_bytes(), name).synthetic for name, path in small.items()}
    assert marks == {"dream.png": {"version": "0.1.0", "provenance": "f00d"}, "ape.png": None}
    shutil.copy(small["dream.png"], photos / "copied.jpg")
    assert library.index([photos]).imagined == 1


def test_thumbnails_are_never_indexed(open_library, space, photos):
    library = open_library(space, photos / "library")
    library.index([photos])
    library.thumbnail(library.item("ape.png").id)
    assert library.index([photos]).added == 0
