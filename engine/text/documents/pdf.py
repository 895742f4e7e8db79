"""PDF: the text of each page, in PDFium's reading order, its lines gathered into paragraphs."""

import ctypes
import re
from collections.abc import Iterator
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents.decoding import clean
from mindseye.engine.text.documents.html import Sections
from mindseye.engine.text.documents.limits import check_text

_GAP = 1.6  # times the height of a line, from one line to the next: a new paragraph
_HYPHENS = re.compile("[\x02\ufffe](?:\n)?")  # where PDFium joined what a line end parted
_JUNK = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
_MAX_JUNK = 0.3
_PASSWORD = "Incorrect password"


def read(data: bytes) -> tuple[str, Sections]:
    """Return title and pages. Raises UnreadableFileError for a locked, damaged or scanned file."""
    if b" obj" in data[data.rfind(b"%%EOF") + 1 :]:
        raise UnreadableFileError("is cut short: the end of the PDF is missing", "get a whole copy")
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if _PASSWORD in str(error) and b"/Encrypt" in data:  # PDFium may tell of the file before
            raise UnreadableFileError("is protected by a password", "save a copy without one") from error
        raise UnreadableFileError("is damaged: it cannot be opened as a PDF") from error
    with document:
        return _title(document), list(_pages(document))


def _title(document: pdfium.PdfDocument) -> str:
    return " ".join(str(document.get_metadata_value("Title")).replace("\0", "").split())


def _pages(document: pdfium.PdfDocument) -> Iterator[tuple[str, str]]:
    told, characters = False, 0
    for number in range(1, len(document) + 1):
        text = _checked(_page(document, number), number)
        characters += len(text)
        check_text(characters)
        if text.strip():
            told = True
            yield f"page={number}", text
    if not told:
        pages = f"{len(document):,} pages: they seem" if len(document) > 1 else "only page: it seems"
        raise UnreadableFileError(f"holds no text on its {pages} to be scanned", "recognise the text (OCR) first")


def _page(document: pdfium.PdfDocument, number: int) -> str:
    try:
        page = document[number - 1]
    except pdfium.PdfiumError as error:
        raise UnreadableFileError(f"is damaged: its page {number} cannot be read") from error
    words = page.get_textpage()
    return _in_paragraphs(words) if words.count_chars() else ""


def _in_paragraphs(page: pdfium.PdfTextPage) -> str:
    """Return a page's text with a blank line where lines stand far apart."""
    units = [raw.FPDFText_GetUnicode(page, at) for at in range(page.count_chars())]
    starts = [0, *(at + 1 for at, unit in enumerate(units[:-1]) if unit == 0x0A)]
    lines = [_string(units[a:b]).strip("\r\n") for a, b in pairwise([*starts, len(units)])]
    boxes = [_box(page, start) for start in starts]
    text = lines[0]
    for line, (above, below) in zip(lines[1:], pairwise(boxes), strict=True):
        far = above[0] - below[0] > _GAP * max(above[1] - above[0], below[1] - below[0]) > 0
        text += ("\n\n" if far else "\n") + line
    return _HYPHENS.sub("", text)


def _string(units: list[int]) -> str:
    return "".join(map(chr, units)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _box(page: pdfium.PdfTextPage, at: int) -> tuple[float, float]:
    """Return bottom and top of a character's line, in points from the foot of the page."""
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(page, at, ctypes.byref(box))
    return box.bottom, box.top


def _checked(text: str, number: int) -> str:
    letters = len(text) - sum(map(text.count, " \n"))
    if letters and len(_JUNK.findall(text)) > _MAX_JUNK * letters:
        raise UnreadableFileError(f"does not say which letters the fonts of page {number} mean", "recognise it by OCR")
    return _JUNK.sub("", clean(text))
