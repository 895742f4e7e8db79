"""What a reader sees of marked-up text: the text in order, and nothing that is not shown."""

import pytest

from mindseye.engine.text.documents import extracts
from tests.engine.documents.builders import W, docx_members, epub_members, pdf, word_paragraph, zipped

HTML = {
    # what: (page, its text)
    "scripts, styles and navigation are left out": (
        "<style>p{}</style><nav>Home</nav><p>A dog.</p><script>a('<p>x</p>')</script><noscript>y</noscript>",
        "A dog.",
    ),
    "hidden": (
        '<p>A dog.</p><p hidden>no<p style="display: NONE">no</p><i style=visibility:hidden>no</i>',
        "A dog.",
    ),
    "entities": (
        "<p>A&nbsp;dog &amp; caf&eacute; &#x1F415; &lt;b&gt; &#0; &unknown;</p>",
        "A dog & café 🐕 <b> � &unknown;",
    ),
    "lists are gathered": (
        "<p>Pets:</p><ul><li>a dog<li><p>a cat</p></ul><p>End.</p>",
        "Pets:\n\na dog\na cat\n\nEnd.",
    ),
    "tables by rows": (
        "<table><tr><th>pet<th>says<tr><td>dog</td><td>woof</td></tr></table><p>End.",
        "pet\tsays\ndog\twoof\n\nEnd.",
    ),
    "line breaks": ("<p>A dog<br>runs<br/>away.</p>", "A dog\nruns\naway."),
    "white space": ("<p>  A \n\t dog  <b> runs </b>, it<i>s</i> fast. </p>", "A dog runs , its fast."),
    "unclosed": ("<div><nav>Home</div><p>A dog<p>A cat", "A dog\n\nA cat"),
    "comments and processing": ("<!-- no --><?php no ?><p>A <!-- no -->dog.</p><![CDATA[no]]>", "A dog."),
    "readings of ruby": ("<p><ruby>犬<rp>(</rp><rt>いぬ</rt><rp>)</rp></ruby>が走る。</p>", "犬が走る。"),
    "headings": ("<h1>Dogs</h1>They run.<h2>Cats</h2>They sleep.", "Dogs\n\nThey run.\n\nCats\n\nThey sleep."),
    "no tags at all": ("A dog runs.", "A dog runs."),
    "right to left": ("<p dir=rtl>كلب \u200fيجري</p>", "كلب \u200fيجري"),
    "two thousand deep": ("<div>" * 2000 + "deep" + "</div>" * 2000 + "<p>After.", "deep\n\nAfter."),
}
MARKDOWN = {
    "marks of emphasis and links": ("A **dog** [runs](http://a.b) `fast`.", "A dog runs fast."),
    "lists": ("Pets:\n\n1. a dog\n2. a cat\n\nEnd.", "Pets:\n\na dog\na cat\n\nEnd."),
    "tables": ("|pet|says|\n|-|-|\n|dog|woof|\n", "pet\tsays\ndog\twoof"),
    "html inside": ("A <b>dog</b>.\n\n<script>no()</script>\n\n&amp; &eacute;", "A dog.\n\n& é"),
    "code": ("    a  b\n    c\n", "a b c"),
    "headings": ("Dogs\n====\nThey run.\n## Cats\nThey sleep.", "Dogs\n\nThey run.\n\nCats\n\nThey sleep."),
    "ninety quotes deep": (">" * 90 + " deep", "deep"),
    "front matter": ("---\ntitle: 'On dogs'\ntags: x\n---\nThey run.", "They run."),
    "line ends of Windows": ("# Dogs\r\n\r\nThey\r\nrun.\r\n", "Dogs\n\nThey run."),
}
ITEM = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
WORD = {
    "tables by rows": (
        "<w:tbl>"
        + "".join(
            f"<w:tr><w:tc>{word_paragraph(a)}</w:tc><w:tc>{word_paragraph(b)}</w:tc></w:tr>"
            for a, b in (("pet", "says"), ("dog", "woof"))
        )
        + f"</w:tbl>{word_paragraph('End.')}",
        "pet\tsays\ndog\twoof\n\nEnd.",
    ),
    "lists are gathered": (
        word_paragraph("Pets:")
        + word_paragraph("a dog", ITEM)
        + word_paragraph("a cat", ITEM)
        + word_paragraph("End."),
        "Pets:\n\na dog\na cat\n\nEnd.",
    ),
    "hidden text": (
        "<w:p><w:r><w:t>A dog</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t> no</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>.</w:t></w:r></w:p>',
        "A dog.",
    ),
    "tracked changes": (
        "<w:p><w:ins><w:r><w:t>A dog</w:t></w:r></w:ins><w:del><w:r><w:delText> no</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t> no</w:t></w:r></w:moveFrom><w:r><w:t>.</w:t></w:r></w:p>",
        "A dog.",
    ),
    "fields, tabs and breaks": (
        "<w:p><w:r><w:instrText>PAGE</w:instrText><w:t>A</w:t><w:tab/><w:t>dog</w:t><w:br/><w:t>x</w:t><w:noBreakHyphen/>"
        "<w:t>y</w:t></w:r></w:p>",
        "A dog\nx-y",
    ),
    "words in several runs": ("<w:p><w:r><w:t>do</w:t></w:r><w:r><w:t>gs</w:t></w:r></w:p>", "dogs"),
    "content controls and links": (
        f"<w:sdt><w:sdtContent>{word_paragraph('A dog.')}</w:sdtContent></w:sdt>"
        "<w:p><w:hyperlink><w:r><w:t>A cat.</w:t></w:r></w:hyperlink></w:p>",
        "A dog.\n\nA cat.",
    ),
    "text boxes, once": (
        '<w:p><w:r><w:t>A dog</w:t></w:r><w:r><mc:AlternateContent xmlns:mc="m"><mc:Choice><w:txbxContent>'
        f"{word_paragraph('A cat.')}</w:txbxContent></mc:Choice><mc:Fallback>{word_paragraph('A cat.')}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>" + word_paragraph("End."),
        "A dog\n\nA cat.\n\nEnd.",
    ),
    "ten thousand deep": ("<w:sdt>" * 10_000 + word_paragraph("deep") + "</w:sdt>" * 10_000, "deep"),
}


def extracted(data: bytes, name: str):
    (extract,) = extracts(data, name)
    return extract


@pytest.mark.parametrize("what", HTML)
def test_html(what):
    page, text = HTML[what]
    assert [each.text for each in extracted(page.encode(), "a.html").sections] == [text]


@pytest.mark.parametrize("what", MARKDOWN)
def test_markdown(what):
    page, text = MARKDOWN[what]
    assert [each.text for each in extracted(page.encode(), "a.md").sections] == [text]


@pytest.mark.parametrize("what", WORD)
def test_word(what):
    body, text = WORD[what]
    assert [each.text for each in extracted(zipped(docx_members(body)), "a.docx").sections] == [text]


def test_footnotes_and_endnotes_come_last():
    notes = {
        kind: f'<w:{kind} xmlns:w="{W}"><w:{kind[:-1]}>{word_paragraph(f"In {kind}.")}</w:{kind[:-1]}></w:{kind}>'
        for kind in ("footnotes", "endnotes")
    }
    found = extracted(zipped(docx_members(word_paragraph("A dog."), **notes)), "a.docx")
    assert found.sections[0].text == "A dog.\n\nIn footnotes.\n\nIn endnotes."


@pytest.mark.parametrize(
    ("name", "data", "title"),
    [
        ("a.html", b"<title> Dogs &amp;\n cats </title><h1>No</h1><p>x", "Dogs & cats"),
        ("a.html", b"<title></title><h1>Dogs <b>run</b></h1><h1>No</h1><p>x", "Dogs run"),
        ("a.html", b"<p>x<svg><title>no</title></svg>", ""),
        ("a.md", b"text\n\n# Dogs *run*\n\n# No", "Dogs run"),
        ("a.md", b"---\ntitle: Cats\n---\n# Dogs", "Cats"),
        ("a.docx", zipped(docx_members(word_paragraph("Dogs", '<w:pPr><w:pStyle w:val="Title"/></w:pPr>'))), "Dogs"),
        ("a.pdf", pdf([["x"]], "Dogs (and cats)"), "Dogs (and cats)"),
    ],
)
def test_titles(name, data, title):
    assert extracted(data, name).title == title


def test_xhtml_that_closes_its_tags_in_its_own_way_is_read_whole():
    page = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="a"/></head>'
    body = "<body><p>A&nbsp;dog.</p><div/><p>A cat.</p></body></html>"
    for start in (page, page.replace("<html", "<!DOCTYPE html><html")):
        assert extracted((start + body).encode(), "a.xhtml").sections[0].text == "A dog.\n\nA cat."
    broken = extracted(b'<?xml version="1.0"?><html xmlns="x"><p>A dog.<p>A cat.</html>', "a.xhtml")
    assert broken.sections[0].text == "A dog.\n\nA cat."


def test_fonts_of_an_epub_may_be_encrypted_and_its_table_of_contents_is_no_chapter():
    members = epub_members(["<p>A dog.</p>", "<p>A cat.</p>"])
    package = str(members["OEBPS/b.opf"]).replace('id="c0"', 'id="c0" properties="nav"')
    font = '<e><d><CipherData><CipherReference URI="OEBPS/f.otf"/></CipherData></d></e>'
    found = extracted(zipped(members | {"OEBPS/b.opf": package, "META-INF/encryption.xml": font}), "a.epub")
    assert [(each.place, each.text) for each in found.sections] == [("chapter=2", "A cat.")]


def test_lines_of_a_pdf_make_paragraphs_where_they_stand_far_apart():
    close = extracted(pdf([["A dog runs", "in the park."]], step=14), "a.pdf")
    far = extracted(pdf([["A dog runs", "in the park."]], step=30), "a.pdf")
    assert (close.sections[0].text, far.sections[0].text) == ("A dog runs\nin the park.", "A dog runs\n\nin the park.")


def test_a_large_page_is_read_in_a_time_that_grows_with_its_length_only(monkeypatch):
    monkeypatch.setattr("mindseye.engine.text.documents.limits.MAX_SECONDS", 10)
    page = "<div><p>A <b>dog</b> <i>runs</i>.</p></div>" * 50_000
    assert extracted(page.encode(), "a.html").sections[0].text.count("A dog runs.") == 50_000
