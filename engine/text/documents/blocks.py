"""Text in blocks: what a page of markup says, a blank line between its paragraphs."""

from mindseye.engine.text.documents.limits import check_text


class Blocks:
    """Gathers text as a reader meets it: runs of white space become one space, breaks are set between, never twice."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._characters = 0
        self._gap = ""

    def text(self, text: str) -> None:
        """Add text; raises UnreadableFileError when it is more than a document may hold."""
        words = text.split()
        if not words:
            self._wider(" " if text else "")
            return
        if text[0].isspace():
            self._wider(" ")
        told = " ".join(words)
        self._parts += [self._gap, told] if self._parts else [told]
        self._characters += len(self._gap) + len(told)
        self._gap = " " if text[-1].isspace() else ""
        check_text(self._characters)

    def cell(self) -> None:
        self._wider("\t")

    def line(self) -> None:
        self._wider("\n")

    def paragraph(self) -> None:
        self._wider("\n\n")

    def __str__(self) -> str:
        return "".join(self._parts)

    def _wider(self, gap: str) -> None:
        order = ("", " ", "\t", "\n", "\n\n")
        self._gap = max(self._gap, gap, key=order.index)
