"""Files made to do harm, each with the reason that a person is to read; odd ones that are pictures all the same."""

import zlib
from functools import cache

import numpy as np
from PIL import Image

from tests.indexer.formats import (
    SIDE,
    bmp,
    chunk,
    gif,
    gif_frame,
    grey_tiff,
    jpeg_frame,
    jpeg_with,
    jpeg_without,
    long_tag,
    many_scans,
    overlapping,
    png,
    riff,
    saved,
    segment,
    swollen,
    tiff,
    webp_canvas,
    whole,
)
from tests.pictures import painting

NO_PICTURE = "is not a picture: text or another format"
CUT = "is cut short"
SWELLS = "holds a compressed text or profile that swells beyond all measure"
UNDECODABLE = "is damaged (its pixels cannot be decoded)"
BROKEN = "is damaged (broken data stream when reading image file)"
SUFFIX = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "TIFF": "tif", "BMP": "bmp"}

Files = dict[str, tuple[bytes, str]]


def header(kind: str) -> str:
    return f"begins like a {kind} but its header is damaged or cut short"


def pixels(number: str, limit: int = 170) -> str:
    return f"has {number} million pixels, over the limit of {limit} million"


@cache
def hostile() -> Files:
    """Return files that are no whole picture, by name: their bytes and what is to be said of them."""
    return {
        **cut(),
        **nothing(),
        **bombs(),
        **wrong_png(),
        **wrong_jpeg(),
        **wrong_tiff(),
        **wrong_others(),
        **others(),
    }


def cut() -> Files:
    """Return files of every format that end in the header, in the middle and just before the end."""
    told = {
        "JPEG": (CUT, CUT, CUT),
        "PNG": (header("PNG"), CUT, CUT),
        "WEBP": (NO_PICTURE, UNDECODABLE, UNDECODABLE),
        "GIF": (header("GIF"), header("GIF"), CUT),
        "TIFF": (header("TIFF"), CUT, CUT),
        "BMP": (header("BMP"), CUT, CUT),
    }
    files: Files = {}
    for kind, reasons in told.items():
        data = whole(kind)
        for place, end, reason in zip(("early", "halfway", "late"), (9, len(data) // 2, -30), reasons, strict=True):
            files[f"cut {place}.{SUFFIX[kind]}"] = data[:end], reason
    return files


def nothing() -> Files:
    return {
        "empty.jpg": (b"", "is empty (0 bytes)"),
        "one byte.png": (b"\x89", NO_PICTURE),
        "zeros.tif": (bytes(4096), "holds nothing but zeros"),
        "ones.bmp": (b"\xff" * 4096, NO_PICTURE),
    }


def bombs() -> Files:
    """Return small files that claim giant pictures, or unpack to giant memory or endless work."""
    tile = tiff(grey_tiff(t273=-1, t278=-1, t279=-1, t322=40_000, t323=40_000, t324=8, t325=50))
    return {
        "bomb.png": (png(30_000, 30_000), pixels("900")),
        "bomb.gif": (gif(65_535, 65_535, gif_frame(0, 0, 65_535, 65_535)), pixels("4,295")),
        "bomb by its frame.gif": (gif(10, 10, gif_frame(60_000, 60_000, 5_000, 5_000)), pixels("4,225")),
        "bomb.tif": (tiff(grey_tiff(60_000, 60_000)), pixels("3,600")),
        "bomb by its tile.tif": (tile, pixels("1,600")),
        "bomb.bmp": (bmp(50_000, 50_000), pixels("2,500")),
        "bomb.webp": (webp_canvas(16_383, 16_383), pixels("268")),
        "half a bomb.webp": (webp_canvas(10_000, 10_000), pixels("100", 85)),
        "bomb.jpg": (jpeg_with(0xC0, jpeg_frame(65_535, 65_535)), pixels("4,295")),
        "one long row.webp": (webp_canvas(2_000_000, SIDE), "is 2,000,000 pixels long, over the limit of 500,000"),
        "one long row.tif": (tiff(grey_tiff(2_000_000, 1)), "is 2,000,000 pixels long, over the limit of 500,000"),
        "scans without end.jpg": (many_scans(4000), "has 4,009 scans, over the limit of 100"),
        "text bomb.png": (png(4, 4, chunk(b"zTXt", b"a\0\0" + swollen())), SWELLS),
        "itext bomb.png": (png(4, 4, chunk(b"iTXt", b"a\0\1\0\0\0" + swollen())), SWELLS),
        "profile bomb.png": (png(4, 4, chunk(b"iCCP", b"a\0\0" + swollen())), SWELLS),
    }


def wrong_png() -> Files:
    return {
        "header crc.png": (png(4, 4, crc=1), header("PNG")),
        "no pixels.png": (png(0, 0), header("PNG")),
        "no height.png": (png(5, 0), header("PNG")),
        "three bits.png": (png(4, 4, depth=3), header("PNG")),
        "colour nine.png": (png(4, 4, colour=9), header("PNG")),
        "too little data.png": (png(4, 4), CUT),
        "no compressed data.png": (png(4, 4).replace(zlib.compress(b"\0"), b"garbage!!"), BROKEN),
        "no palette.png": (png(4, 4, colour=3, data=bytes(20)), "is damaged (its header contradicts itself)"),
        "filter nine.png": (
            png(4, 4, data=b"\x09" * 52),
            "is damaged (unrecognized data stream contents when reading image file)",
        ),
        "text for a chunk.png": (whole("PNG").replace(b"IDAT", b"1DAT"), header("PNG")),
    }


def wrong_jpeg() -> Files:
    progressive = whole("JPEG", progressive=True)
    return {
        "no frame.jpg": (jpeg_without(0xC0), header("JPEG")),
        "no width.jpg": (jpeg_with(0xC0, jpeg_frame(0, 9)), header("JPEG")),
        "no height.jpg": (jpeg_with(0xC0, jpeg_frame(9, 0)), header("JPEG")),
        "five colours.jpg": (jpeg_with(0xC0, jpeg_frame(9, 9, parts=5)), header("JPEG")),
        "twelve bits.jpg": (jpeg_with(0xC0, jpeg_frame(9, 9, bits=12)), header("JPEG")),
        "no quantisation.jpg": (jpeg_without(0xDB), BROKEN),
        "broken codes.jpg": (jpeg_with(0xC4, bytes([0]) + b"\xff" * 16 + bytes(60)), BROKEN),
        "lossless.jpg": (whole("JPEG").replace(b"\xff\xc0", b"\xff\xc3"), BROKEN),
        "two starts.jpg": (b"\xff\xd8" + whole("JPEG"), BROKEN),
        "progressive cut.jpg": (progressive[: len(progressive) // 3], CUT),
        "only a preview.jpg": (b"\xff\xd8" + segment(0xE1, b"Exif\0\0" + whole("JPEG")) + b"\xff\xd9", header("JPEG")),
    }


def wrong_tiff() -> Files:
    return {
        "no width.tif": (tiff(grey_tiff(0, 9)), header("TIFF")),
        "no strips.tif": (tiff(grey_tiff(t273=-1, t279=-1)), header("TIFF")),
        "strip outside.tif": (tiff(grey_tiff(t273=70_000)), CUT),
        "compression 9999.tif": (tiff(grey_tiff(t259=9999)), header("TIFF")),
        "five bits.tif": (tiff(grey_tiff(t258=5)), header("TIFF")),
        "sixty samples.tif": (tiff(grey_tiff(t277=60)), header("TIFF")),
        "no directory.tif": (b"II*\0" + (99_999).to_bytes(4, "little") + bytes(50), header("TIFF")),
        "directory in itself.tif": (b"II*\0" + (2).to_bytes(4, "little") + bytes(50), header("TIFF")),
        "60,000 tags.tif": (tiff({}, count=60_000), header("TIFF")),
        "a billion offsets.tif": (long_tag(273, 1 << 30), header("TIFF")),
        "garbage in lzw.tif": (tiff(grey_tiff(t259=5), b"\xff" * 300), UNDECODABLE),
        "garbage in deflate.tif": (tiff(grey_tiff(t259=8), b"\xff" * 300), UNDECODABLE),
    }


def wrong_others() -> Files:
    half = whole("WEBP")[12:]
    return {
        "no width.gif": (gif(0, 0, gif_frame(0, 0, 0, 0)), header("GIF")),
        "no frame.gif": (gif(9, 9, b"\x3b"), header("GIF")),
        "codes of 13 bits.gif": (
            gif(9, 9, gif_frame(0, 0, 9, 9, code_size=13)),
            "is damaged (codec configuration error when reading image file)",
        ),
        "codes from nowhere.gif": (gif(9, 9, gif_frame(0, 0, 9, 9, data=b"\xff" * 9)), BROKEN),
        "no width.bmp": (bmp(0, 9), header("BMP")),
        "negative width.bmp": (bmp(-9, 9), pixels("38,655")),
        "seven bits.bmp": (bmp(9, 9, bits=7), "is damaged (Unsupported BMP pixel depth (7))"),
        "compression 77.bmp": (bmp(9, 9, compression=77), "is damaged (Unsupported BMP compression (77))"),
        "too little data.bmp": (bmp(90, 90), CUT),
        "chunk of no size.webp": (riff((b"VP8 ", b"")), UNDECODABLE),
        "chunk too long.webp": (riff((half[:4], half[8:])).replace(b"VP8 ", b"VP8 \xff\xff\xff\x7f", 1), UNDECODABLE),
        "file of no size.webp": (riff((b"VP8 ", half[8:]), size=0), UNDECODABLE),
        "no picture.webp": (riff((b"EXIF", b"II*\0")), header("WebP")),
    }


def others() -> Files:
    """Return files of other kinds under a picture's name."""
    return {
        "letter.jpg": (b"Dear diary, nothing happened today.", NO_PICTURE),
        "BMW.bmp": (b"BMW is the name of a car." * 9, CUT),
        "drawing.png": (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', NO_PICTURE),
        "page.jpg": (b"<!DOCTYPE html><html><body>404 Not Found</body></html>", NO_PICTURE),
        "print.tif": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", NO_PICTURE),
        "paper.jpg": (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", NO_PICTURE),
        "bundle.jpg": (b"PK\x03\x04" + bytes(60), NO_PICTURE),
        "program.gif": (b"\x7fELF\x02\x01\x01" + bytes(60), NO_PICTURE),
        "packed.png": (b"\x1f\x8b\x08\0" + bytes(60), NO_PICTURE),
        "film.jpg": (b"\0\0\0\x18ftypheic" + bytes(60), NO_PICTURE),
        "icon.bmp": (saved(painting(1), "ICO"), NO_PICTURE),
        "jpeg 2000.jpg": (saved(painting(1), "JPEG2000"), NO_PICTURE),
        "sound.webp": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(60), NO_PICTURE),
        "two bytes of jpeg.jpg": (b"\xff\xd8", NO_PICTURE),
    }


@cache
def odd() -> dict[str, bytes]:
    """Return strange files that hold a picture all the same, by name."""
    noise = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE), np.uint8)
    floats = noise.astype(np.float32)
    floats[0, :3] = np.nan, np.inf, -np.inf
    exif = Image.Exif()
    exif[0x010E] = "x" * 60_000
    outside = bytearray(saved(painting(220), "GIF"))
    outside[6:10] = 9, 0, 9, 0  # the screen, smaller than its picture
    loop = b"Exif\0\0" + tiff({0x8769: 8}, following=8)
    return {
        "one pixel.png": saved(Image.new("RGB", (1, 1), "red"), "PNG"),
        "1 x 60,000.png": saved(Image.new("RGB", (1, 60_000), "green"), "PNG"),
        "60,000 x 1.jpg": saved(Image.new("RGB", (60_000, 1), "blue"), "JPEG"),
        "sixteen bits.png": saved(Image.fromarray(noise.astype(np.uint16) * 257), "PNG"),
        "floats.tif": saved(Image.fromarray(floats), "TIFF"),
        "integers.tif": saved(painting(201).convert("I"), "TIFF"),
        "one bit.tif": saved(painting(202).convert("1"), "TIFF", compression="group4"),
        "no profile.jpg": saved(painting(203).convert("CMYK"), "JPEG"),
        "cmyk.tif": saved(painting(204).convert("CMYK"), "TIFF", compression="tiff_lzw"),
        "lab.tif": saved(Image.merge("LAB", [painting(205).convert("L")] * 3), "TIFF"),
        "seen through.png": saved(Image.new("RGBA", (9, 9), (9, 9, 9, 0)), "PNG"),
        "garbage profile.jpg": saved(painting(206), "JPEG", icc_profile=b"garbage" * 99),
        "garbage profile.png": saved(painting(207), "PNG", icc_profile=b"garbage" * 99),
        "garbage exif.jpg": saved(painting(208), "JPEG", exif=b"Exif\0\0garbage and no TIFF"),
        "garbage exif.webp": saved(painting(209), "WEBP", exif=b"Exif\0\0garbage and no TIFF"),
        "exif in itself.jpg": saved(painting(210), "JPEG", exif=loop),
        "giant exif.jpg": saved(painting(211), "JPEG", exif=exif),
        "a billion bits.tif": long_tag(258, 1 << 30),
        "garbage in fax.tif": tiff(grey_tiff(t258=1, t259=4), b"\xff" * 300),
        "upside down.bmp": bmp(9, -9),
        "frame outside.gif": bytes(outside),
        "no end.gif": saved(painting(212), "GIF")[:-1],
        "junk behind.jpg": saved(painting(213), "JPEG") + b"junk\xff\xda" * 500,
        "no codes.jpg": jpeg_without(0xC4),
        "directory in itself.tif": tiff(grey_tiff(), following=8),
        "strips on each other.tif": overlapping(saved(painting(221), "TIFF", tiffinfo={278: 4})),
        "png by name.jpg": saved(painting(214), "PNG"),
        "two views.jpg": saved(painting(215), "MPO", save_all=True, append_images=[painting(216)]),
        "pages.tif": saved(painting(217), "TIFF", save_all=True, append_images=[painting(218)]),
        "restarts.jpg": saved(painting(219), "JPEG", restart_marker_blocks=1),
    }
