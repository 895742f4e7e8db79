"""What one request, and all of them together, may take."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """What is refused beyond.

    upload, body: bytes of a request with a picture, and of any other; pixels: of an uploaded picture; query: characters
    of a text; page: items or hits of one answer; searches, images, others: requests that are answered or wait for their
    turn at once, of those that search, those that fetch a picture, and the rest; public: of those that anybody may ask
    without a token; streams: followers of jobs; jobs: that wait, of one kind; patience: seconds that a body may take,
    and one more for every `steadily` bytes that have come.
    """

    upload: int = 32 * MEGABYTE
    body: int = MEGABYTE
    pixels: int = 100 * MEGABYTE
    query: int = 2_000
    page: int = 500
    searches: int = 64
    images: int = 128
    others: int = 64
    public: int = 32
    streams: int = 64
    jobs: int = 32
    patience: float = 20.0
    steadily: int = 50_000
