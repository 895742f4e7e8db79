"""Markdown (CommonMark with tables), read as the HTML that it means."""

import re

from markdown_it import MarkdownIt

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import html
from mindseye.engine.text.documents.decoding import decode
from mindseye.engine.text.documents.limits import MAX_TEXT, check_size

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^title[ \t]*:[ \t]*(['\"]?)(.+?)\1[ \t]*$", re.MULTILINE)
_DEEP = 1_000_000  # the library drops what is nested deeper than it is told to go


def read(data: bytes) -> tuple[str, html.Sections]:
    """Return title and text of a Markdown file; a title in its front matter goes before its first heading."""
    check_size(len(data), MAX_TEXT)
    text = decode(data)
    front = _FRONT.match(text)
    titled = _TITLE.search(front[1]) if front else None
    try:
        parser = MarkdownIt("commonmark", {"maxNesting": _DEEP}).enable("table")
        rendered = parser.render(text[front.end() :] if front else text)
    except RecursionError as error:
        raise UnreadableFileError("is nested too deeply to be read") from error
    markup = html.of_text(rendered)
    return (titled[2].strip() if titled else "") or markup.title, [("", str(markup.blocks))]
