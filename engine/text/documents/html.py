"""HTML: what a browser would show as text, without navigation and whatever is hidden."""

import re
from collections import Counter
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents.decoding import decode
from mindseye.engine.text.documents.limits import MAX_DEPTH, MAX_TEXT, check_size
from mindseye.engine.text.documents.markup import Markup
from mindseye.engine.text.documents.xml import DamagedXmlError, tell

Sections = list[tuple[str, str]]
_DECLARED = re.compile(rb"""<(?:\?xml|meta)\b[^>]*?\b(?:encoding|charset)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_AS_BROWSERS_DO = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
_CLOSED = re.compile(r"<(title|script|style|iframe|textarea|noscript)\b([^<>]*)/>")  # HTML knows no such ends
_ENDLESS = (  # elements that have no end, or whose end may be left out
    "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|p|li|d[dt]|t[rdh]|tbody|thead|tfoot|colgroup"
    "|option"
)
_TAGS = re.compile(rf"<(/?)(?!(?:{_ENDLESS})\b)([a-z][^\s/>]*)", re.IGNORECASE)
_XHTML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<\?xml|<html[^>]*\bxmlns\s*=", re.IGNORECASE)


def read(data: bytes) -> tuple[str, Sections]:
    """Return title and text of an HTML file. Raises UnreadableFileError for what holds no text."""
    check_size(len(data), MAX_TEXT)
    markup = page(data)
    text = str(markup.blocks)
    if not text:
        raise UnreadableFileError("holds no text besides scripts, styles and navigation")
    return markup.title, [("", text)]


def page(data: bytes) -> Markup:
    """Return what a page of XHTML or HTML says; XHTML that is not well-formed is read as HTML, as browsers do."""
    if xhtml := _XHTML.search(data[:2000]):
        markup = Markup()
        try:
            tell(data, markup)
        except DamagedXmlError:
            pass
        else:
            return markup
    declared = _DECLARED.search(data[:2000])
    encoding = declared[1].decode("ascii", "ignore").lower() if declared else None
    text = decode(data, _AS_BROWSERS_DO.get(encoding or "", encoding))
    return of_text(_CLOSED.sub(r"<\1\2></\1>", text) if xhtml else text)


def of_text(text: str) -> Markup:
    """Return what HTML says that is decoded already. Raises UnreadableFileError for elements nested without end."""
    _check_depth(text)
    markup = Markup()
    if (root := LexborHTMLParser(text).root) is not None:
        _walk(root, markup)
    return markup


def _check_depth(text: str) -> None:
    """Refuse what a parser would need very long for, before it begins."""
    if text.count("<") <= MAX_DEPTH:
        return
    open_now, deep = Counter[str](), 0
    for tag in _TAGS.finditer(text):
        name = tag[2].lower()
        if not tag[1]:
            open_now[name] += 1
            deep += 1
        elif open_now[name]:
            open_now[name] -= 1
            deep -= 1
        if deep > MAX_DEPTH:
            raise UnreadableFileError(f"nests more than {MAX_DEPTH:,} elements of HTML in each other")


def _walk(root: Any, markup: Markup) -> None:
    """Tell of every node, down and up again; without recursion, since pages may be nested without end."""
    node = root
    while node is not None:
        _enter(node, markup)
        below = node.child
        while below is None:
            _leave(node, markup)
            if node.mem_id == root.mem_id:  # `==` would compare all that is below
                return
            below = node.next
            node = node.parent if below is None else node
        node = below


def _enter(node: Any, markup: Markup) -> None:
    if node.is_text_node:
        markup.data(node.text_content or "")
    elif node.is_element_node:
        markup.start(node.tag, node.attributes)


def _leave(node: Any, markup: Markup) -> None:
    if node.is_element_node:
        markup.end(node.tag)
