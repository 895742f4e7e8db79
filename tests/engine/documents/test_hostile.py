"""Bad files: each is refused with its own reason, in bounded time, and the next one is read."""

import gzip
import io
import logging
import random
import re
import signal
import sys
import zipfile
import zlib

import pypdf
import pytest

from mindseye.engine.errors import ReaderEndedError, UnreadableFileError
from mindseye.engine.text.documents import apart, read_documents
from tests.engine.documents import builders
from tests.engine.documents.builders import docx_members, epub_members, word_paragraph, zipped
from tests.engine.documents.test_formats import read_one

DOG = "<p>A dog runs.</p>"
WORD_DOG = word_paragraph("A dog runs.")
PDF = builders.pdf([["A dog runs in the park.", "A cat sleeps."], ["The end of it."]], "Dogs")
DOCX, EPUB = builders.docx(["A dog runs."]), builders.epub(["A dog runs."])
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
CONTAINER = "META-INF/container.xml"


def locked(user: str, owner: str = "owner") -> bytes:
    writer, buffer = pypdf.PdfWriter(io.BytesIO(PDF)), io.BytesIO()
    writer.encrypt(user, owner, algorithm="RC4-128")
    writer.write(buffer)
    return buffer.getvalue()


def scanned() -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R >>"
    drawn = b"<< /Length 20 >>\nstream\n0 0 50 50 re f      \nendstream"
    return builders.assembled(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>", page, drawn]
    )


def encryption(uri: str) -> str:
    return f'<e><d><CipherData><CipherReference URI="{uri}"/></CipherData></d></e>'


def with_flag(data: bytes) -> bytes:
    """Mark every file of a zip archive as encrypted."""
    data = re.sub(rb"(PK\x03\x04..).", b"\\1\x01", data, flags=re.DOTALL)
    return re.sub(rb"(PK\x01\x02....).", b"\\1\x01", data, flags=re.DOTALL)


def rotten(data: bytes, name: bytes) -> bytes:
    """Spoil what is packed behind the first mention of a file's name."""
    at = data.index(name) + len(name) + 4
    return data[:at] + b"rot" * 9 + data[at + 27 :]


def without(members: dict, name: str) -> bytes:
    return zipped({key: value for key, value in members.items() if key != name})


REFUSED = {
    # name, content, reason
    "png as text": ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(50), "is no text: it is a picture (PNG)"),
    "jpeg as markdown": ("a.md", b"\xff\xd8\xff\xe0" + bytes(50), "is no text: it is a picture (JPEG)"),
    "gif as html": ("a.html", b"GIF89a" + bytes(50), "is no text: it is a picture (GIF)"),
    "mp4": ("a.txt", b"\0\0\0\x18ftypmp42" + bytes(50), "is no text: it is a film or sound (MP4)"),
    "sqlite": ("a.txt", b"SQLite format 3\0" + bytes(50), "is no text: it is a database (SQLite)"),
    "program": ("a.txt", b"\x7fELF\2\1\1" + bytes(50), "is no text: it is a program (ELF)"),
    "rtf": ("a.txt", rb"{\rtf1 A dog.}", "is no text: it is in Rich Text Format; save it as plain text"),
    "gzip as text": ("a.txt", gzip.compress(b"A dog."), "is no text: it is compressed by gzip"),
    "old word": (
        "a.docx",
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
        "it is a Word document of the old",
    ),
    "zip as text": ("a.txt", zipped({"a.txt": "A dog."}), "is a zip archive, neither DOCX nor EPUB; unpack it first"),
    "html as pdf": ("a.pdf", b"<html>404</html>", "is not a PDF, whatever its name says"),
    "text as docx": ("a.docx", b"A dog.", "is not a Word document, whatever its name says"),
    "text as epub": ("a.epub", b"A dog.", "is not an EPUB, whatever its name says"),
    "text as gzip": ("a.jsonl.gz", b'{"text": "A dog."}', "is not compressed by gzip, whatever its name says"),
    "no suffix of a text": ("a.xyz", b"A dog.", "has no suffix of a text; give it one of .docx"),
    "zeros": ("a.txt", bytes(1000), "NUL characters: binary, or damaged text"),
    "text with holes": ("a.txt", b"A dog." * 100 + bytes(99), "holds 99 NUL characters: binary, or damaged text"),
    "noise": ("a.txt", random.Random(0).randbytes(4000), "is no text, or in an encoding that cannot be told"),
    "controls": ("a.txt", b"a\x01b\x02c\x03" * 50, "is no text: it is full of control characters"),
    "high noise": ("a.txt", bytes(random.Random(0).choices(range(128, 256), k=4000)), "is no text"),
    "only marks of no width": ("a.txt", "\ufeff\u200b\u200b \n".encode(), "holds only white space"),
    "too long": ("a.txt", b"a" * 32_000_001, "has 32 MB, over the limit of 32 MB; split it into smaller files"),
    "100 MB in one line": ("a.txt", b"word " * 20_000_000, "has 100 MB, over the limit of 32 MB"),
    "html too long": ("a.html", b"<p>a" * 8_000_001, "has 32 MB, over the limit of 32 MB"),
    "only a script": ("a.html", b"<script>a()</script><nav>Home</nav>", "holds no text besides scripts, styles and"),
    "xml bomb": ("a.xhtml", f'<?xml version="1.0"?>{BOMB}<html>&b;</html>'.encode(), "declares entities of XML"),
    "xxe": ("a.xhtml", f'<?xml version="1.0"?>{XXE}<html>&e;</html>'.encode(), "declares entities of XML"),
    "deep markdown": ("a.md", b">" * 5000 + b" deep", "is nested too deeply to be read"),
    "locked pdf": ("a.pdf", locked("secret"), "is protected by a password; save a copy without one"),
    "scanned pdf": ("a.pdf", scanned(), "holds no text on its only page: it seems to be scanned; recognise the text"),
    "pdf without pages": ("a.pdf", builders.pdf([]), "is damaged: it cannot be opened as a PDF"),
    "pdf cut short": ("a.pdf", PDF[: len(PDF) // 2], "is cut short: the end of the PDF is missing"),
    "only a pdf's head": ("a.pdf", b"%PDF-1.7\n%%EOF", "is damaged: it cannot be opened as a PDF"),
    "pdf with a page that is none": ("a.pdf", PDF.replace(b"/Type /Page /Parent", b"/Type /Xage /Xarent"), "damaged"),
    "docx cut short": ("a.docx", DOCX[:-100], "is damaged or cut short: its zip archive cannot be opened"),
    "docx with rotten bytes": ("a.docx", rotten(DOCX, b"word/document.xml"), "is damaged in its part"),
    "docx without its document": ("a.docx", without(docx_members(""), "word/document.xml"), "lacks its part 'word/doc"),
    "docx that is no XML": ("a.docx", zipped(docx_members("<w:p>")), "its part 'word/document.xml' is no XML"),
    "docx without text": ("a.docx", zipped(docx_members("<w:p/>")), "holds no text, or only pictures"),
    "docx bomb": ("a.docx", zipped(docx_members(WORD_DOG + " " * 130_000_000)), "swells to more than 128 MB of XML"),
    "docx with an xml bomb": ("a.docx", zipped(docx_members("") | {"word/document.xml": BOMB + "<x/>"}), "entities"),
    "docx with xxe": (
        "a.docx",
        zipped(docx_members("") | {"word/document.xml": XXE + "<x>&e;</x>"}),
        "declares entities",
    ),
    "docx of unknown shape": ("a.docx", zipped({"[Content_Types].xml": "<T/>", "_rels/.rels": "<R/>"}), "does not say"),
    "locked docx": ("a.docx", with_flag(DOCX), "is protected by a password"),
    "docx of many files": (
        "a.docx",
        zipped(docx_members("") | {f"{n}": "" for n in range(20_001)}),
        "packs 20,005 files",
    ),
    "epub with drm": (
        "a.epub",
        zipped(epub_members([DOG]) | {"META-INF/encryption.xml": encryption("OEBPS/text/c%200.xhtml")}),
        "is protected (DRM); only books without protection",
    ),
    "epub reaching outside": (
        "a.epub",
        zipped(epub_members([DOG]) | {CONTAINER: '<c><rootfile full-path="../../etc/passwd"/></c>'}),
        "reaches for a file outside itself ('../../etc/passwd')",
    ),
    "epub reaching outside by a chapter": (
        "a.epub",
        without(
            epub_members([DOG]) | {"OEBPS/b.opf": epub_members([DOG])["OEBPS/b.opf"].replace("text/c", "../../c")}, ""
        ),
        "reaches for a file outside itself ('../../c%200.xhtml')",
    ),
    "epub without a package": ("a.epub", zipped({CONTAINER: "<c/>"}), "does not say where its package is"),
    "epub without a chapter": (
        "a.epub",
        without(epub_members([DOG]), "OEBPS/text/c 0.xhtml"),
        "lacks its part",
    ),
    "epub of no chapters": ("a.epub", zipped(epub_members([])), "is damaged: it lists no chapters"),
    "epub of pictures": ("a.epub", zipped(epub_members(["<img src='a.png'/>"])), "holds no text, or only pictures"),
    "epub of one chapter again and again": (
        "a.epub",
        zipped(epub_members([DOG]) | {"OEBPS/b.opf": '<p><itemref idref="c0"/><itemref idref="c0"/></p>'}),
        "is damaged: it lists a chapter twice",
    ),
    "gzip cut short": ("a.jsonl.gz", gzip.compress(b'{"text": "A dog."}')[:-12], "is cut short"),
    "gzip bomb": ("a.jsonl.gz", gzip.compress(bytes(100_000_000)), "swells to more than 200 times its size"),
    "json lines in utf-16": ("a.jsonl", '{"text": "A dog."}'.encode("utf-16"), "is in UTF-16; JSON lines are UTF-8"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case, recwarn, capfd, caplog):
    name, data, reason = REFUSED[case]
    with caplog.at_level(logging.DEBUG), pytest.raises(UnreadableFileError, match=re.escape(reason)) as caught:
        list(read_documents(data, name))
    assert str(caught.value).startswith(f"{name} ")
    assert caught.value.code == "unreadable_file"
    assert len(str(caught.value)) < 500
    assert (capfd.readouterr(), recwarn.list, caplog.records) == (("", ""), [], [])
    assert read_one(b"<p>A dog.</p>", "next.html").passages[0].text == "A dog."


def test_a_pdf_with_the_empty_password_is_read():
    assert [each.text for each in read_one(locked(""), "a.pdf").passages][-1] == "The end of it."


def test_a_pdf_whose_pages_are_a_compressed_bomb_ends_within_its_limits(monkeypatch):
    monkeypatch.setattr("mindseye.engine.text.documents.limits.MAX_SECONDS", 1)
    bomb = zlib.compress(b"BT /F1 9 Tf (a) Tj ET " * 4_000_000, 1)
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(bomb), bomb)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R >>"
    data = builders.assembled(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>", page, stream]
    )
    with pytest.raises(UnreadableFileError, match=r"a\.pdf (takes more than 1 seconds|needs more memory|is damaged)"):
        list(read_documents(data, "a.pdf"))
    assert read_one(PDF, "b.pdf").title == "Dogs"


def test_what_a_parser_would_take_minutes_for_is_given_up(monkeypatch):
    monkeypatch.setattr("mindseye.engine.text.documents.limits.MAX_SECONDS", 1)
    with pytest.raises(
        UnreadableFileError, match=r"a\.md takes more than 1 seconds to read: it is damaged or made"
    ) as end:
        list(read_documents(b"***bold***" * 60_000, "a.md"))
    assert not isinstance(end.value, ReaderEndedError), "it is not tried again"
    assert read_one(PDF, "b.pdf").title == "Dogs"


@pytest.mark.parametrize("tags", ["<div>", "<B class='x'>", "<p><font>", "<span></div>", "<table><tr><td>"])
def test_elements_nested_without_end_are_refused_before_they_are_parsed(tags, monkeypatch):
    monkeypatch.setattr("mindseye.engine.text.documents.limits.MAX_SECONDS", 2)
    with pytest.raises(UnreadableFileError, match=r"a\.html nests more than 10,000 elements of HTML in each other"):
        list(read_documents(tags.encode() * 200_000 + b"deep", "a.html"))
    assert read_one(tags.encode() * 9_000 + b"deep", "a.html").passages[-1].text.endswith("deep")


@pytest.mark.parametrize(
    "tags", ["<p>x", "<li>x", "<tr><td>x", "<br>x", "<div>x</DIV>", "<p><b>x</b>", "<img src='a'>x"]
)
def test_elements_one_after_the_other_are_read_however_many(tags):
    assert read_one(tags.encode() * 20_001, "a.html").passages


def test_a_reader_that_is_killed_is_not_the_fault_of_its_file(monkeypatch):
    def killed(child, request, data):
        child.send_signal(signal.SIGKILL)
        child.wait()

    with monkeypatch.context() as patch, pytest.raises(ReaderEndedError, match=r"a\.html was not read: .*signal 9"):
        patch.setattr(apart, "_ask", killed)
        list(read_documents(DOG.encode(), "a.html"))
    assert read_one(DOG.encode(), "a.html").passages[0].text == "A dog runs."


def test_a_reader_that_is_killed_before_it_begins_is_started_again(monkeypatch):
    reader = apart.ReaderApart()
    command = [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"]
    with monkeypatch.context() as patch, pytest.raises(ReaderEndedError, match="signal 15"):
        patch.setattr(apart, "_COMMAND", command)
        reader.read("html", DOG.encode())
    assert reader.read("html", DOG.encode()) == ("", [("", "A dog runs.")])
    reader.close()


def test_a_reader_that_cannot_begin_is_told_once_with_what_to_check(monkeypatch, caplog):
    reader = apart.ReaderApart()
    monkeypatch.setattr(apart, "_COMMAND", [sys.executable, "-c", "import no_such_parser"])
    for kind in ("html", "pdf"):
        with pytest.raises(ReaderEndedError, match="its reader does not start; look at what `python -m mindseye"):
            reader.read(kind, DOG.encode())
    (told,) = caplog.messages
    assert "No module named 'no_such_parser'; look at what" in told


def test_a_reader_that_no_memory_is_left_for_is_tried_again(monkeypatch):
    reader = apart.ReaderApart()
    with monkeypatch.context() as patch, pytest.raises(ReaderEndedError, match="cannot be started"):
        patch.setattr(apart, "_COMMAND", ["/no/such/python"])
        reader.read("html", DOG.encode())
    assert reader.read("html", DOG.encode())[1] == [("", "A dog runs.")]
    reader.close()


def test_where_the_system_knows_no_limits_files_are_read_without(monkeypatch):
    """As on Windows: a child that finds neither `resource` nor timers."""
    lacking = "import sys, signal; sys.modules['resource'] = None; del signal.setitimer, signal.ITIMER_PROF"
    command = [sys.executable, "-c", f"{lacking}; from mindseye.engine.text.documents.child import main; main()"]
    monkeypatch.setattr(apart, "_COMMAND", command)
    reader = apart.ReaderApart()
    assert reader.read("html", DOG.encode())[1] == [("", "A dog runs.")]
    reader.close()


def test_lying_sizes_of_a_zip_do_not_swell():
    data = zipped(docx_members(WORD_DOG + " " * 130_000_000))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("word/document.xml").file_size
    lying = data.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    with pytest.raises(UnreadableFileError, match="is damaged in its part"):
        list(read_documents(lying, "a.docx"))
