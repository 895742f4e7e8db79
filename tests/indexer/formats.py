"""Picture files put together by hand, so that any part of them can be wrong."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

SIDE = 24


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def whole(kind: str, **options: object) -> bytes:
    """Return a small valid file of noise, which no decoder can guess from its beginning."""
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    return saved(Image.fromarray(noise), kind, **options)


# PNG: a signature, then chunks.


def chunk(kind: bytes, body: bytes, crc: int | None = None) -> bytes:
    check = zlib.crc32(kind + body) if crc is None else crc
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)


def png(width: int, height: int, *middle: bytes, depth: int = 8, colour: int = 2, data: bytes = b"\0", **ihdr) -> bytes:
    start = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [chunk(b"IHDR", start, **ihdr), *middle, chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def swollen() -> bytes:
    """Return 20 MB of nothing, compressed."""
    return zlib.compress(bytes(20_000_000))


# JPEG: segments.


def segment(marker: int, body: bytes = b"") -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def segments(data: bytes) -> list[bytes]:
    """Return a JPEG's segments before its first scan, and all the rest as the last."""
    found, at = [], 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        found.append(data[at:end])
        at = end
    return [*found, data[at:]]


def jpeg_without(*markers: int) -> bytes:
    return b"\xff\xd8" + b"".join(each for each in segments(whole("JPEG")) if each[1] not in markers)


def jpeg_with(marker: int, body: bytes, data: bytes | None = None) -> bytes:
    """Return a JPEG with one segment put in the place of those of that kind."""
    parts = segments(data or whole("JPEG"))
    kept = [each for each in parts if each[1] != marker]
    return b"\xff\xd8" + segment(marker, body) + b"".join(kept)


def jpeg_frame(width: int, height: int, parts: int = 3, bits: int = 8) -> bytes:
    planes = b"".join(bytes([each + 1, 0x11, 0]) for each in range(parts))
    return struct.pack(">BHHB", bits, height, width, parts) + planes


def many_scans(scans: int) -> bytes:
    """Return a progressive JPEG whose scans go on and on, each a pass over the whole picture."""
    data = whole("JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


# TIFF: tags in a directory, then what they point to.


def tiff(tags: dict[int, int], data: bytes = bytes(300), following: int = 0, count: int | None = None) -> bytes:
    """Return a TIFF of LONG tags; data lies behind them, at the offset that `tiff_data` tells."""
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    directory = struct.pack("<H", count if count is not None else len(tags)) + entries + struct.pack("<I", following)
    return b"II*\0" + struct.pack("<I", 8) + directory + data


def grey_tiff(width: int = 10, height: int = 10, **changed: int) -> dict[int, int]:
    """Return the tags of a grey TIFF; changed: t and the number of a tag, −1 to leave it out."""
    tags = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 0, 277: 1, 278: height, 279: width * height}
    tags |= {int(name[1:]): value for name, value in changed.items()}
    tags = {tag: value for tag, value in tags.items() if value >= 0}
    if tags.get(273) == 0:
        tags[273] = 8 + 2 + 12 * len(tags) + 4
    return tags


def long_tag(tag: int, count: int) -> bytes:
    """Return a TIFF one of whose tags claims a great many values."""
    data = bytearray(tiff(grey_tiff()))
    at = data.index(struct.pack("<HH", tag, 4), 10)
    data[at + 4 : at + 12] = struct.pack("<II", count, 8)
    return bytes(data)


def overlapping(data: bytes) -> bytes:
    """Return a little-endian TIFF of several strips with each of them where the first is."""
    changed = bytearray(data)
    count, at = struct.unpack_from("<II", data, data.index(struct.pack("<HH", 273, 4)) + 4)
    changed[at : at + 4 * count] = data[at : at + 4] * count
    return bytes(changed)


# BMP, GIF and WebP: a header.


def bmp(width: int, height: int, bits: int = 24, compression: int = 0, data: bytes = bytes(300)) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(data), 0, 0, 54) + info + data


def gif(width: int, height: int, *blocks: bytes) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes([0, 0, 0, 255, 0, 0]) + b"".join(blocks)


def gif_frame(left: int, top: int, width: int, height: int, code_size: int = 2, data: bytes = b"\x84\x51") -> bytes:
    where = struct.pack("<BHHHHB", 0x2C, left, top, width, height, 0)
    return where + bytes([code_size, len(data)]) + data + b"\0"


def riff(*chunks: tuple[bytes, bytes], size: int | None = None) -> bytes:
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def webp_canvas(width: int, height: int) -> bytes:
    """Return a film of one frame of SIDE px on a canvas of that size."""
    sides = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    frame = bytes(6) + 2 * struct.pack("<I", SIDE - 1)[:3] + bytes(4) + whole("WEBP", lossless=True)[12:]
    return riff((b"VP8X", bytes([2, 0, 0, 0]) + sides), (b"ANIM", bytes(6)), (b"ANMF", frame))
