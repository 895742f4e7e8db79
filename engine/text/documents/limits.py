"""What a file may ask of its reader: a small file can claim work and memory without end."""

from mindseye.engine.errors import UnreadableFileError

MAX_TEXT = 32_000_000  # bytes of a text file or of a record, characters of any document: some 5 million words
MAX_CONTAINER = 1_000_000_000  # bytes of a PDF, DOCX or EPUB, which may be full of pictures
MAX_UNPACKED = 256_000_000  # bytes of XML that are unpacked from one DOCX or EPUB
MAX_MEMBERS = 20_000  # files in one DOCX or EPUB
MAX_SWELLING = 200  # times its size that a .gz may swell to; JSON of real texts swells 3 to 20 times
MAX_SECONDS = 20  # of processor time that a reader may take for one file; a PDF of 3 million words takes as much
MAX_DEPTH = 10_000  # elements of HTML within each other; the time they take grows with the square, here 0.2 s
MAX_MEMORY = 3_000_000_000  # bytes of address space of the process that reads

TOO_LONG_HINT = "split it into smaller files, or into the records of a .jsonl file"


def check_size(size: int, limit: int) -> None:
    """Refuse a file of more than `limit` bytes."""
    if size > limit:
        raise UnreadableFileError(f"has {size / 1e6:,.0f} MB, over the limit of {limit / 1e6:,.0f} MB", TOO_LONG_HINT)


def check_text(characters: int) -> None:
    """Refuse a document whose text is too long to be held."""
    if characters > MAX_TEXT:
        raise UnreadableFileError(f"holds more than {MAX_TEXT / 1e6:,.0f} million characters of text", TOO_LONG_HINT)
