"""JSON as it is sent: any answer can be, whatever files are called."""

import json
import re
from typing import Any

from fastapi.responses import JSONResponse

_HALF = re.compile("[\ud800-\udfff]")  # what stands in a file's name for a byte that is no text


class Telling(JSONResponse):
    """An answer in JSON."""

    def render(self, content: Any) -> bytes:
        """Return the bytes of JSON values."""
        return as_json(content)


def as_json(told: Any) -> bytes:
    r"""Return JSON values as bytes of UTF-8; bytes of file names that are no text are escaped, such as `\udcff`."""
    return tellable(json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")), r"\\u").encode()


def tellable(text: str, escape: str = r"\u") -> str:
    """Return a text that can be encoded: as `formatting.printable`, but for signs that JSON and headers escape."""
    return text if text.isascii() else _HALF.sub(lambda half: f"{escape}{ord(half[0]):04x}", text)
