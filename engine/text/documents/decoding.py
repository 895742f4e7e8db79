"""Bytes to text: what is certain is decoded, what is likely is guessed, junk is refused."""

import codecs
import re

from mindseye.engine.errors import UnreadableFileError

_BOMS = {  # the longer ones first: UTF-32's begins with UTF-16's
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SAMPLE = 200_000  # bytes that an encoding is guessed from
_FEW = 8  # bytes outside ASCII, below which no guess is better than the most common encoding
_WESTERN = 0.35  # of the bytes of a text in Latin letters are outside ASCII at most
_MIN_CONFIDENCE = 0.05  # what chardet tells of noise is below
_PUNCTUATION = re.compile(rb"[\x80\x85\x91-\x97\xa0\xa3\xa7\xab\xb0\xbb]")  # of cp1252: quotes, dashes, money
_MAX_JUNK = 0.02  # of all characters
_ENDS = re.compile(r"\r\n?|[\v\x85\u2028]")
_PAGE_ENDS = re.compile(r"[\f\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_JUNK = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd-\uffff]")
_HINT = "save it as UTF-8 text"


def decode(data: bytes, declared: str | None = None) -> str:
    """Return the text of bytes, its line ends as \\n and without control characters.

    declared: the encoding that the text itself tells, which is believed where it fits. Raises UnreadableFileError
    for what is no text or in an encoding that cannot be told.
    """
    text = _decoded(data, declared)
    if "\0" in text:
        raise UnreadableFileError(f"holds {text.count(chr(0)):,} NUL characters: binary, or damaged text", _HINT)
    if len(_JUNK.findall(text[:_SAMPLE])) > _MAX_JUNK * min(len(text), _SAMPLE):
        raise UnreadableFileError("is no text: it is full of control characters, as binary files are", _HINT)
    return clean(text)


def clean(text: str) -> str:
    """Return text with every line end as \\n, page and paragraph marks as an empty line, and no control characters."""
    return _CONTROLS.sub("", _PAGE_ENDS.sub("\n\n", _ENDS.sub("\n", text)))


def _decoded(data: bytes, declared: str | None) -> str:
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            if (text := _strictly(data, encoding)) is None:
                raise UnreadableFileError(
                    f"begins like {encoding.removesuffix('-sig').upper()} but is damaged or cut short", _HINT
                )
            return text
    if b"\0" in data and (text := _wide(data)) is not None:
        return text
    text = _strictly(data, "iso2022_jp" if b"\x1b$" in data else "utf-8")
    if text is None and declared:
        text = _strictly(data, declared)
    if text is None:
        text = _mixed(data)
    return text if text is not None else _guessed(data)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _wide(data: bytes) -> str | None:
    """Return text of UTF-32 or UTF-16 that no mark announces: the zeros of its ASCII characters tell the order."""
    zeros = [data[start : start + _SAMPLE : 2].count(0) for start in (0, 1)]
    order = "le" if zeros[1] > zeros[0] else "be"
    for encoding in (f"utf-32-{order}", f"utf-16-{order}"):
        text = _strictly(data, encoding)
        if text is not None and "\0" not in text and not _doubtful(text):
            return text
    return None


def _doubtful(text: str) -> bool:
    """Tell whether more than a few characters are what no text holds: controls, private or unassigned ones."""
    odd = sum(not (each.isprintable() or each.isspace()) for each in text[:10_000])
    return odd > _MAX_JUNK * min(len(text), 10_000)


def _mixed(data: bytes) -> str | None:
    """Return UTF-8 in which stray bytes of cp1252 stand, as where two files were joined; None where most are stray."""
    strays = 0

    def stray(error: UnicodeError) -> tuple[str, int]:
        nonlocal strays
        assert isinstance(error, UnicodeDecodeError)
        strays += error.end - error.start
        return error.object[error.start : error.end].decode("cp1252", "replace"), error.end

    codecs.register_error("mindseye.stray", stray)
    text = data.decode("utf-8", "mindseye.stray")
    outside = len(text) - len(text.encode("ascii", "ignore"))
    return text if outside - strays > 2 * strays else None


def _guessed(data: bytes) -> str:
    """Return text of an encoding of the time before UTF-8; Western European where the bytes hardly tell."""
    from chardet import EncodingEra, detect  # takes longer to load than most searches, and few files need it

    sample = _telling(data)
    outside = sum(byte > 127 for byte in sample)
    western = _strictly(data, "cp1252") if outside < _WESTERN * len(sample) else None
    if western is not None and len(_PUNCTUATION.findall(sample)) > outside // 2:
        return western
    found = detect(sample, encoding_era=EncodingEra.MODERN_WEB | EncodingEra.LEGACY_ISO | EncodingEra.LEGACY_MAC)
    certain = found["encoding"] and (outside >= _FEW or western is None) and found["confidence"] >= _MIN_CONFIDENCE
    text = _strictly(data, found["encoding"] or "") if certain else western
    if text is None:
        raise UnreadableFileError("is no text, or in an encoding that cannot be told", _HINT)
    return text


def _telling(data: bytes) -> bytes:
    """Return where an encoding shows: from shortly before the first byte outside ASCII."""
    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 1000) if first else 0
    return data[start : start + _SAMPLE]
