"""What a picture file may ask of a decoder: a small file can claim work and memory without end."""

from PIL import ExifTags, Image, ImageFile

MAX_PIXELS = 170_000_000  # below the size at which Pillow itself refuses to open a picture
MAX_SIDE = 500_000  # pixels: Pillow puts a row together from pieces, in a time that grows with its square
MAX_SCANS = 100  # of a progressive JPEG, which has about ten; each is a pass over the whole picture
_DEARER = {"WEBP": 2}  # formats whose decoder keeps several copies of the picture: the limit is divided

_MARKERS_ALONE = {0x00, 0x01, *range(0xD0, 0xD9)}  # stuffed bytes, restarts and the start: nothing follows them


def check(opened: ImageFile.ImageFile, data: bytes) -> int:
    """Return how many pixels are to be decoded; refuse a picture that would take too much.

    opened: its header is read, nothing decoded; data: the file. Raises DecompressionBombError, whose message is
    the reason.
    """
    pixels = opened.width * opened.height
    if opened.format == "TIFF":  # a tile may be larger than the picture in it
        tags = opened.getexif()
        pixels = max(pixels, tags.get(ExifTags.Base.TileWidth, 0) * tags.get(ExifTags.Base.TileLength, 0))
    if pixels > (limit := MAX_PIXELS // _DEARER.get(opened.format or "", 1)):
        raise Image.DecompressionBombError(too_many(pixels, limit))
    if max(opened.size) > MAX_SIDE:
        raise Image.DecompressionBombError(f"is {max(opened.size):,} pixels long, over the limit of {MAX_SIDE:,}")
    if opened.format in ("JPEG", "MPO") and (scans := count_scans(data)) > MAX_SCANS:
        raise Image.DecompressionBombError(f"has {scans:,} scans, over the limit of {MAX_SCANS}")
    return pixels


def too_many(pixels: int, limit: int = MAX_PIXELS) -> str:
    """Say that there are too many pixels."""
    return f"has {pixels / 1e6:,.0f} million pixels, over the limit of {limit / 1e6:,.0f} million"


def count_scans(data: bytes) -> int:
    """Return the number of scans of the first picture in a JPEG file."""
    if data.count(b"\xff\xda") <= MAX_SCANS:  # quick, and never less than there are
        return data.count(b"\xff\xda")
    at, scans = 2, 0
    while (at := data.find(b"\xff", at)) >= 0 and data[at + 1 : at + 2] != b"\xd9":
        marker = int.from_bytes(data[at + 1 : at + 2])
        if marker == 0xFF:
            at += 1
        elif marker in _MARKERS_ALONE:
            at += 2
        else:
            scans += marker == 0xDA
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return scans
