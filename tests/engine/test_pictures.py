import contextlib
import io
import struct
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin, TiffImagePlugin

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.vision import pictures
from mindseye.engine.vision.limits import MAX_PIXELS
from mindseye.engine.vision.pictures import read_picture, write_imagined_png
from mindseye.engine.vision.reduction import MOST_PIXELS, SHORT_SIDE, _conversion, reduced

ORIENTATION = 0x0112


def saved(image: Image.Image, format: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def pixel(data: bytes, x: int = 0, y: int = 0) -> tuple[int, ...]:
    picture = read_picture(data, "it")
    assert picture.image.mode == "RGB"
    return picture.image.getpixel((x, y))


def halves(width: int = 40, height: int = 20) -> Image.Image:
    """A picture lying on its side: red left, blue right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("format", "media_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("TIFF", "image/tiff"),
        ("BMP", "image/bmp"),
    ],
)
def test_every_format_is_read(format, media_type):
    picture = read_picture(saved(halves(), format), "it")
    assert (picture.media_type, picture.width, picture.height) == (media_type, 40, 20)
    assert picture.synthetic is None
    red, _, blue = picture.image.getpixel((30, 10))
    assert red < 60 < 200 < blue


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (40, 20), (2, 10)),
        (2, (40, 20), (37, 10)),
        (3, (40, 20), (37, 10)),
        (6, (20, 40), (10, 2)),
        (8, (20, 40), (10, 37)),
    ],
)
def test_pictures_are_turned_upright(format, orientation, size, red_at):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    picture = read_picture(saved(halves(), format, exif=exif), "it")
    assert (picture.width, picture.height) == picture.image.size == size
    red, _, blue = picture.image.getpixel(red_at)
    assert red > 150 > 100 > blue


def test_a_large_photo_is_decoded_reduced_and_keeps_its_size():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    picture = read_picture(saved(halves(5000, 2400), "JPEG", exif=exif), "it")
    assert (picture.width, picture.height) == (2400, 5000)
    assert SHORT_SIDE <= picture.image.width < 2 * SHORT_SIDE
    assert picture.image.height / picture.image.width == pytest.approx(5000 / 2400, rel=0.01)
    png = read_picture(saved(halves(3000, 1700), "PNG"), "it")
    assert (png.width, png.height, png.image.size) == (3000, 1700, (1000, 567))


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((520, 300_000), (520, 8242)),
        ((300_000, 520), (8242, 520)),
        ((1, 500_000), (1, 500_000)),
        ((1039, 4156), (1039, 4156)),
        ((1039, 4200), (1039, 2100)),
        ((2080, 30_000), (520, 7500)),
    ],
)
def test_a_thin_picture_is_reduced_along_its_length(size, kept):
    small = reduced(Image.linear_gradient("L").resize(size))
    assert small.size == pytest.approx(kept, rel=0.02)
    assert min(small.size) == min(kept)
    assert small.width * small.height <= MOST_PIXELS
    assert small.getpixel((0, 0))[0] < 3 < 252 < small.getpixel((small.width - 1, small.height - 1))[0]


def test_the_size_of_a_thin_picture_is_the_one_of_the_file():
    picture = read_picture(saved(Image.new("L", (600, 20_000)), "PNG"), "it")
    assert (picture.width, picture.height, picture.image.size) == (600, 20_000, (600, 6667))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I", "F"])
def test_bands_are_reduced_as_the_whole_would_be(mode):
    values = np.random.default_rng(0).integers(0, 256, (2300, 1100), np.uint8)
    grey = Image.fromarray(values)
    image = Image.fromarray(values.astype(np.uint16) * 200) if mode == "I;16" else grey.convert(mode)
    if mode in ("LA", "RGBA"):
        image.putalpha(grey.transpose(Image.Transpose.FLIP_TOP_BOTTOM))
    whole = _conversion(image)(image).reduce(2)
    assert reduced(image).tobytes() == whole.tobytes()


@pytest.mark.parametrize(("large", "at_once"), [(100, 1), (1000, 2)])
def test_two_large_pictures_are_never_decoded_at_once(large, at_once, monkeypatch):
    inside, most, both = [], [], threading.Barrier(2)

    def watched(image: Image.Image) -> Image.Image:
        inside.append(image)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.2)  # for the other, if it comes
        most.append(len(inside))
        inside.pop()
        return reduced(image)

    monkeypatch.setattr(pictures, "LARGE", large)
    monkeypatch.setattr(pictures, "reduced", watched)
    with ThreadPoolExecutor(2) as pool:
        read = list(pool.map(lambda data: read_picture(data, "it").image.size, [saved(halves(), "PNG")] * 2))
    assert (read, max(most)) == ([(40, 20)] * 2, at_once)


def test_what_a_file_says_beside_its_picture_is_not_kept():
    told = PngImagePlugin.PngInfo()
    told.add_text("long", "x" * 100_000)
    picture = read_picture(saved(halves(), "PNG", pnginfo=told, icc_profile=b"x" * 1000), "it")
    assert picture.image.info == {}


def test_cmyk_becomes_rgb():
    data = saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG")
    red, green, blue = pixel(data)
    assert red > 200 > 60 > max(green, blue)


def test_a_palette_is_resolved_and_its_transparency_lies_on_white():
    image = Image.new("P", (2, 1))
    image.putpalette([10, 200, 30, 250, 0, 0])
    image.putpixel((1, 0), 1)
    assert pixel(saved(image, "PNG"), 0) == (10, 200, 30)
    assert pixel(saved(image, "PNG", transparency=1), 1) == (255, 255, 255)
    assert pixel(saved(image, "PNG", transparency=bytes([255, 128])), 1)[1] == pytest.approx(127, abs=2)


def test_transparency_lies_on_white():
    assert pixel(saved(Image.new("RGBA", (2, 2), (0, 0, 0, 0)), "PNG")) == (255, 255, 255)
    assert pixel(saved(Image.new("LA", (2, 2), (0, 255)), "PNG")) == (0, 0, 0)
    assert pixel(saved(Image.new("RGB", (2, 2), (1, 2, 3)), "PNG", transparency=(1, 2, 3))) == (255, 255, 255)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(format):
    deep = Image.fromarray(np.array([[0, 32768, 65535]], np.uint16))
    data = saved(deep, format)
    assert [pixel(data, x)[0] for x in range(3)] == [0, 128, 255]


def test_big_endian_sixteen_bits_are_scaled():
    image = Image.frombytes("I;16B", (2, 1), np.array([0, 65535], ">u2").tobytes())
    data = saved(image, "TIFF")
    assert [pixel(data, x)[0] for x in range(2)] == [0, 255]


def test_floats_use_their_own_range():
    image = Image.fromarray(np.array([[-1.0, np.nan, 3.0]], np.float32))
    assert [pixel(saved(image, "TIFF"), x)[0] for x in range(3)] == [0, 64, 255]
    flat = Image.fromarray(np.full((1, 1), 7.0, np.float32))
    assert pixel(saved(flat, "TIFF")) == (0, 0, 0)


def test_one_bit_is_black_and_white():
    image = Image.new("1", (2, 1))
    image.putpixel((1, 0), 1)
    assert [pixel(saved(image, "PNG"), x) for x in range(2)] == [(0, 0, 0), (255, 255, 255)]


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_is_read(format):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    lossless = {"lossless": True} if format == "WEBP" else {}
    assert pixel(saved(frames[0], format, save_all=True, append_images=frames[1:], **lossless)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty (0 bytes)"),
        (b"Dear diary", "is not a picture: text or another format"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture: text or another format"),
        (saved(halves(), "JPEG")[:-300], "is cut short"),
        (saved(Image.effect_noise((64, 64), 90), "PNG")[:1500], "is cut short"),
        (png_of_size(30_000, 30_000), "has 900 million pixels, over the limit of 170 million"),
        (png_of_size(13_200, 13_200), "has 174 million pixels, over the limit of 170 million"),
    ],
)
def test_what_is_no_whole_picture_says_why(data, reason):
    with pytest.raises(UnreadableFileError) as raised:
        read_picture(data, "holiday.jpg")
    assert raised.value.what == f"holiday.jpg {reason}"


def test_the_pixel_limit_lies_below_the_one_of_pillow():
    assert Image.MAX_IMAGE_PIXELS < MAX_PIXELS < 2 * Image.MAX_IMAGE_PIXELS


def test_no_warning_leaks_and_the_filters_come_back():
    corrupt_exif = saved(halves(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01" * 40)
    odd_tags = TiffImagePlugin.ImageFileDirectory_v2()
    odd_tags[270] = "caption"
    files = [corrupt_exif, saved(halves(), "TIFF", tiffinfo=odd_tags), png_of_size(9000, 11000)] * 20
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(_size_or_reason, files))
    assert read[:2] == [(40, 20), (40, 20)]
    assert "pixels" not in str(read[2])  # 99 million only make Pillow warn
    assert read == read[:3] * 20
    assert warnings.filters == before


def _size_or_reason(data: bytes) -> tuple[int, int] | str:
    try:
        return read_picture(data, "it").image.size
    except UnreadableFileError as error:
        return error.what


BASES = [saved(halves(), format) for format in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP")]


@settings(max_examples=300, deadline=None)
@given(
    base=st.sampled_from(BASES),
    start=st.integers(0, 400),
    cut=st.integers(0, 200),
    filling=st.binary(max_size=20),
)
def test_damaged_bytes_are_a_picture_or_a_plain_reason(base, start, cut, filling):
    data = base[:start] + filling + base[start + cut :]
    answer = _size_or_reason(data)
    assert isinstance(answer, tuple) or answer.startswith("it ")


def test_an_imagined_picture_says_so():
    data = write_imagined_png(halves(), "f00d", "0.1.0")
    picture = read_picture(data, "it")
    assert picture.synthetic == {"version": "0.1.0", "provenance": "f00d"}
    with Image.open(io.BytesIO(data)) as image:
        assert image.text == {
            "mindseye:synthetic": "true",
            "mindseye:version": "0.1.0",
            "mindseye:provenance": "f00d",
        }
        assert image.convert("RGB").tobytes() == halves().tobytes()
