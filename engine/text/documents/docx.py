"""Word documents (DOCX): text of body, tables, text boxes, footnotes and endnotes, as a reader sees it.

Read from the XML itself (ECMA-376, part 1): python-docx leaves out tracked insertions, content controls, text boxes
and notes.
"""

import posixpath

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents.archive import Archive
from mindseye.engine.text.documents.blocks import Blocks
from mindseye.engine.text.documents.html import Sections
from mindseye.engine.text.documents.xml import Tags, local

_SILENT = frozenset({"Fallback", "delText", "instrText", "moveFrom", "del", "rt", "pPrChange", "rPrChange"})
_LINES = frozenset({"br", "cr", "tr"})
_PARAGRAPHS = frozenset({"tbl", "txbxContent", "footnote", "endnote"})
_LETTERS = {"tab": " ", "noBreakHyphen": "-"}
_TITLES = frozenset({"Title", "Heading1"})
_NOTES = ("footnotes.xml", "endnotes.xml")
_CORE = "docProps/core.xml"


def read(archive: Archive) -> tuple[str, Sections]:
    """Return title and text of a Word document, its notes last. Raises UnreadableFileError for what holds no text."""
    main = _main_part(archive)
    markup = WordMarkup()
    archive.tell(main, markup)
    for note in _NOTES:
        part = posixpath.join(posixpath.dirname(main), note)
        if part in archive.names:
            archive.tell(part, markup)
    properties = Tags("title")
    if _CORE in archive.names:
        archive.tell(_CORE, properties)
    text = str(markup.blocks)
    if not text:
        raise UnreadableFileError("holds no text, or only pictures")
    return " ".join((properties.text or markup.title).split()), [("", text)]


def _main_part(archive: Archive) -> str:
    """Return the name of the part that the package says is the document."""
    relations = Tags()
    archive.tell("_rels/.rels", relations)
    for _, values in relations.tags:
        if values.get("Type", "").endswith("/officeDocument"):
            return values.get("Target", "").lstrip("/")
    raise UnreadableFileError("is damaged: it does not say which of its parts is the document")


class WordMarkup:
    """Takes the events of WordprocessingML; `blocks` then holds the text, `title` the first paragraph so styled."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.title = ""
        self._open = dict.fromkeys(("r", "t", "tc"), 0)  # how many of each are open
        self._silent = 0
        self._hidden = False  # this run
        self._first = False  # the next paragraph is the first of its cell
        self._listed = self._was_listed = False  # this paragraph and the one before are items of a list
        self._titled = self._begun = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if self._silent or name in _SILENT:
            self._silent += 1
            return
        value = next((value for key, value in attributes.items() if local(key) == "val"), "")
        if name in self._open:
            self._open[name] += 1
        self._property(name, value)
        self._break(name)

    def end(self, tag: str) -> None:
        if self._silent:
            self._silent -= 1
            return
        name = local(tag)
        if name in self._open:
            self._open[name] -= 1
        if name in _PARAGRAPHS:
            self.blocks.paragraph()

    def data(self, text: str) -> None:
        if self._silent or self._hidden or not self._open["t"]:
            return
        if not self._begun:
            self._begin()
        self.blocks.text(text)
        if self._titled:
            self.title += text

    def close(self) -> None:
        """Nothing is left to do at the end."""

    def _property(self, name: str, value: str) -> None:
        if name == "vanish" and self._open["r"]:
            self._hidden = value not in ("0", "false", "off")
        elif name == "pStyle":
            self._titled = not self.title and value in _TITLES
            self._listed = self._listed or value.startswith("List")
        elif name == "numPr":
            self._listed = True

    def _break(self, name: str) -> None:
        if name == "p":
            self._was_listed, self._listed = self._listed, False
            self._titled = self._begun = False
        elif name == "r":
            self._hidden = False
        elif name == "tc":
            self.blocks.cell()
            self._first = True
        elif name in _LETTERS:
            self.blocks.text(_LETTERS[name])
        elif name in _LINES:
            self.blocks.line()
        elif name in _PARAGRAPHS:
            self.blocks.paragraph()

    def _begin(self) -> None:
        """Begin a paragraph; its properties, which stand before its text, tell how it follows the one before."""
        self._begun = True
        if self._open["tc"]:
            if not self._first:
                self.blocks.line()
            self._first = False
        elif self._listed and self._was_listed:
            self.blocks.line()
        else:
            self.blocks.paragraph()
