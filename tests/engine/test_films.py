"""Films of imagined pictures: what they hold, and that they say what they are."""

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from mindseye.engine.vision.pictures import read_picture, write_imagined_film

COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]
FRAMES = [Image.new("RGB", (40, 30), colour) for colour in COLOURS]


@pytest.mark.parametrize("media_type", ["image/gif", "image/webp"])
def test_a_film_shows_its_frames_in_order_without_end(media_type):
    data = write_imagined_film(FRAMES, media_type, 200, "f00d", "0.1.0")
    with Image.open(io.BytesIO(data)) as film:
        assert film.n_frames == 3 and film.info["loop"] == 0
        shown = [np.asarray(frame.convert("RGB"), int).mean((0, 1)) for frame in ImageSequence.Iterator(film)]
        assert film.info["duration"] == 200
    assert np.abs(np.array(shown) - COLOURS).max() < 12


@pytest.mark.parametrize("media_type", ["image/gif", "image/webp"])
def test_a_film_says_that_it_is_imagined(media_type):
    picture = read_picture(write_imagined_film(FRAMES, media_type, 200, "f00d beef", "0.1.0"), "it")
    assert picture.media_type == media_type
    assert picture.synthetic == {"version": "0.1.0", "provenance": "f00d beef"}


@pytest.mark.parametrize("comment", [b"made by hand", b"{", b"[1]", b'{"mindseye:synthetic": "no"}', b"\xff\xfe"])
def test_any_other_comment_is_no_mark(comment):
    written = io.BytesIO()
    FRAMES[0].save(written, "GIF", comment=comment)
    assert read_picture(written.getvalue(), "it").synthetic is None
