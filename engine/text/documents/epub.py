"""EPUB (2 and 3): the chapters of its spine, each read as XHTML."""

import posixpath
from urllib.parse import unquote

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import html
from mindseye.engine.text.documents.archive import Archive
from mindseye.engine.text.documents.limits import check_text
from mindseye.engine.text.documents.xml import Tags

CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})


def read(archive: Archive) -> tuple[str, html.Sections]:
    """Return title and chapters, numbered as the spine lists them. Raises UnreadableFileError, for DRM also."""
    package, base = _package(archive)
    chapters = _spine(package, base)
    _check_free(archive, chapters)
    sections, characters = [], 0
    for number, chapter in enumerate(chapters, 1):
        text = str(html.page(archive.read(chapter)).blocks) if chapter else ""
        characters += len(text)
        check_text(characters)
        if text:
            sections.append((f"chapter={number}", text))
    if not sections:
        raise UnreadableFileError("holds no text, or only pictures")
    return " ".join(package.text.split()), sections


def _package(archive: Archive) -> tuple[Tags, str]:
    """Return what the package file says, and the folder that its paths count from."""
    container = Tags()
    archive.tell(CONTAINER, container)
    paths = [values.get("full-path", "") for name, values in container.tags if name == "rootfile"]
    if not paths:
        raise UnreadableFileError("is damaged: it does not say where its package is")
    package = Tags("title")
    archive.tell(_inside("", paths[0]), package)
    return package, posixpath.dirname(paths[0])


def _spine(package: Tags, base: str) -> list[str]:
    """Return the paths of the chapters in reading order, '' for the table of contents and for what is no page."""
    pages = {
        values.get("id", ""): _inside(base, values.get("href", ""))
        for name, values in package.tags
        if name == "item" and values.get("media-type") in _PAGES and "nav" not in values.get("properties", "").split()
    }
    spine = [values.get("idref", "") for name, values in package.tags if name == "itemref"]
    if not spine:
        raise UnreadableFileError("is damaged: it lists no chapters")
    if len(set(spine)) < len(spine):
        raise UnreadableFileError("is damaged: it lists a chapter twice")
    return [pages.get(each, "") for each in spine]


def _inside(base: str, href: str) -> str:
    """Return the path in the archive that a reference means; refuse one that leads out of it."""
    path = posixpath.normpath(posixpath.join(base, unquote(href.partition("#")[0])))
    if path.startswith(("../", "/")) or path == "..":
        raise UnreadableFileError(f"reaches for a file outside itself ({href[:200]!r})")
    return path


def _check_free(archive: Archive, chapters: list[str]) -> None:
    """Refuse a book whose chapters are encrypted; fonts may be."""
    if _ENCRYPTION not in archive.names:
        return
    encryption = Tags()
    archive.tell(_ENCRYPTION, encryption)
    locked = {values.get("URI") for name, values in encryption.tags if name == "CipherReference"}
    if any(unquote(each or "") in chapters for each in locked):
        raise UnreadableFileError("is protected (DRM)", "only books without protection can be read")
