"""What tags of HTML mean to a reader: which begin a paragraph, which a line, which say nothing."""

import re

from mindseye.engine.text.documents.blocks import Blocks
from mindseye.engine.text.documents.xml import local

_SILENT = re.compile(
    "script|style|template|noscript|nav|svg|iframe|object|embed|select|datalist|audio|video|canvas|rt|rp"
)
_PARAGRAPHS = re.compile(
    "p|div|h[1-6]|ul|ol|dl|table|blockquote|pre|section|article|aside|header|footer|main|figure|figcaption|address|form|"
    "fieldset|details|summary|hr|body|center|caption|menu"
)
_LINES = re.compile("li|tr|br|dt|dd|legend")
_CELLS = re.compile("td|th")
_GATHERING = re.compile("li|td|th|dt|dd")  # within these paragraphs are lines: a list or table is one block
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class Markup:
    """Takes the events of HTML or XHTML; `blocks` then holds the text, `title` what <title> or the first <h1> says."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self._titles = {"title": Blocks(), "h1": Blocks()}
        self._inside: str | None = None
        self._silent = 0
        self._gathering = 0

    @property
    def title(self) -> str:
        return next((told for each in self._titles.values() if (told := " ".join(str(each).split()))), "")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag).lower()
        if self._silent or _SILENT.fullmatch(name) or _hidden(attributes):
            self._silent += 1
            return
        self._gathering += bool(_GATHERING.fullmatch(name))
        self._break(name)
        if name in self._titles and not str(self._titles[name]):
            self._inside = name

    def end(self, tag: str) -> None:
        if self._silent:
            self._silent -= 1
            return
        name = local(tag).lower()
        self._break(name)
        self._gathering -= bool(_GATHERING.fullmatch(name))
        if name == self._inside:
            self._inside = None

    def data(self, text: str) -> None:
        if self._silent:
            return
        if self._inside:
            self._titles[self._inside].text(text)
        if self._inside != "title":
            self.blocks.text(text)

    def close(self) -> None:
        """Nothing is left to do at the end."""

    def _break(self, name: str) -> None:
        if _CELLS.fullmatch(name):
            self.blocks.cell()
        elif _LINES.fullmatch(name) or (self._gathering and _PARAGRAPHS.fullmatch(name)):
            self.blocks.line()
        elif _PARAGRAPHS.fullmatch(name):
            self.blocks.paragraph()


def _hidden(attributes: dict[str, str]) -> bool:
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style") or ""))
