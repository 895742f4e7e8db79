"""The process in which foreign parsers run: what hangs, swells or crashes there stops no one else.

Requests on standard input: a line of JSON (`kind`, `size`), then so many bytes. Answers on standard output: a line of
JSON, either `title` and `sections` or `what` and `hint` of an error.
"""

import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents import docx, epub, html, markdown, pdf
from mindseye.engine.text.documents.archive import Archive
from mindseye.engine.text.documents.limits import MAX_MEMORY

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
        signal.setitimer(signal.ITIMER_PROF, request["seconds"])  # its signal ends this process, in foreign code too
        told = answer(request["kind"], data)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(json.dumps(told).encode() + b"\n")
        answers.flush()


def main() -> None:
    """Serve; whatever the libraries print goes nowhere."""
    with contextlib.suppress(ValueError, OSError):  # where the system allows less, it stays so
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
