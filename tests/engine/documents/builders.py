"""Small files of every format, written by hand so that every odd byte of them is meant."""

import io
import json
import zipfile
from html import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def pdf(pages: list[list[str]], title: str = "", *, step: int = 30) -> bytes:
    """Pages of lines, `step` points from one to the next (12 point letters: 30 sets paragraphs, 14 lines)."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica "]
    objects[2] += b"/Encoding /WinAnsiEncoding >>"
    kids = []
    for lines in pages:
        shown = b"".join(b"(%s) Tj 0 -%d Td " % (_literal(line), step) for line in lines)
        stream = b"BT /F1 12 Tf 40 %d Td %s ET" % (max(800, 40 + step * len(lines)), shown)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 3000 %d] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (max(842, 80 + step * len(lines)), len(objects))
        )
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    objects.append(b"<< /Title (%s) >>" % _literal(title))
    return assembled(objects, b"/Root 1 0 R /Info %d 0 R" % len(objects))


def assembled(objects: list[bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of numbered objects with its table of references."""
    data, offsets = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return data + b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)


def _literal(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def zipped(members: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of files by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def docx_members(body: str, title: str = "", **others: str) -> dict[str, str | bytes]:
    """The parts of a Word document; body: WordprocessingML; others: further parts of word/, by stem."""
    relation = f'<Relationship Id="r1" Type="{_OFFICE}" Target="word/document.xml"/>'
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types><Override PartName="/word/document.xml" ContentType="{_WORD}"/></Types>',
        "_rels/.rels": f"<Relationships>{relation}</Relationships>",
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
        "docProps/core.xml": f'<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title></c>',
    }
    return parts | {f"word/{stem}.xml": content for stem, content in others.items()}


def docx(paragraphs: list[str], title: str = "") -> bytes:
    return zipped(docx_members("".join(map(word_paragraph, paragraphs)), title))


def word_paragraph(text: str, properties: str = "") -> str:
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def epub_members(chapters: list[str], title: str = "", **others: str) -> dict[str, str | bytes]:
    """The files of an EPUB; chapters: contents of <body>; others: replace files by the name before the dot."""
    items = "".join(
        f'<item id="c{n}" href="text/c%20{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
    )
    refs = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    named = f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title></metadata>'
    members: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OEBPS/b.opf"/></rootfiles></container>',
        "OEBPS/b.opf": f"<package>{named}<manifest>{items}</manifest><spine>{refs}</spine></package>",
    }
    for number, body in enumerate(chapters):
        members[f"OEBPS/text/c {number}.xhtml"] = (
            '<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head>'
            f"<body>{body}</body></html>"
        )
    return members | others


def epub(paragraphs: list[str], title: str = "") -> bytes:
    return zipped(epub_members(["".join(f"<p>{escape(each)}</p>" for each in paragraphs)], title))


def html(paragraphs: list[str], title: str = "") -> bytes:
    body = "".join(f"<p>{escape(each)}</p>\n" for each in paragraphs)
    return f'<!DOCTYPE html><meta charset="utf-8"><title>{escape(title)}</title><body>{body}'.encode()


def jsonl(*records: object) -> bytes:
    return "".join(json.dumps(each) + "\n" for each in records).encode()
