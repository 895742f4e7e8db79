import shutil

import pytest
from PIL import Image

from mindseye.engine.errors import NotFoundError
from tests.pictures import paint, painting


def test_a_thumbnail_is_small_and_made_once(library, photos):
    painting(5, 700).resize((900, 300)).save(photos / "wide.png")
    library.index([photos])
    path = library.thumbnail(library.item("wide.png").id)
    with Image.open(path) as image:
        assert (image.format, image.size) == ("JPEG", (256, 85))
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
