"""The process in which foreign parsers run: what hangs, swells or crashes there stops no one else.

It says `READY`, or on standard error why it cannot begin. Requests on standard input: a line of JSON (`kind`, `size`,
`seconds`), then so many bytes. Answers on standard output: a line of JSON, either `title` and `sections` or `what` and
`hint` of an error. Where the system knows no limits of time and memory, files are read without.
"""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import docx, epub, html, markdown, pdf
from mindseye.engine.text.documents.apart import READY
from mindseye.engine.text.documents.archive import Archive
from mindseye.engine.text.documents.limits import MAX_MEMORY

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

READERS: dict[str, Callable[[bytes], tuple[str, html.Sections]]] = {
    "html": html.read,
    "markdown": markdown.read,
    "pdf": pdf.read,
    "docx": lambda data: docx.read(Archive(data)),
    "epub": lambda data: epub.read(Archive(data)),
}


def answer(kind: str, data: bytes) -> dict[str, Any]:
    """Return what a reader says of a file; its refusals and its own errors are answers too."""
    try:
        title, sections = READERS[kind](data)
    except UnreadableFileError as error:
        return {"what": error.what, "hint": error.hint}
    except MemoryError:
        return {"what": "needs more memory to be read than a text may", "hint": ""}
    except Exception as error:  # parsers of broken files raise nearly anything
        return {"what": f"is damaged ({type(error).__name__}: {error})"[:300], "hint": ""}
    return {"title": title, "sections": sections}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer one request after the other until there are no more."""
    while line := requests.readline():
        request = json.loads(line)
        data = requests.read(request["size"])
        _limit_time(request["seconds"])
        told = answer(request["kind"], data)
        _limit_time(0)
        answers.write(json.dumps(told).encode() + b"\n")
        answers.flush()


def main() -> None:
    """Serve; whatever the libraries print goes nowhere."""
    if resource:
        _limit(resource.RLIMIT_AS, MAX_MEMORY)
        _limit(resource.RLIMIT_CORE, 0)
    answers, nowhere = os.fdopen(os.dup(1), "wb"), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    answers.write(READY)
    answers.flush()
    serve(sys.stdin.buffer, answers)


def _limit(what: int, most: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # where the system allows less, it stays so
        resource.setrlimit(what, (most, most))


def _limit_time(seconds: float) -> None:
    """End this process after so much processor time, in foreign code too; 0: never."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    main()
