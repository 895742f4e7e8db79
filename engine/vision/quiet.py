"""Decoders that keep silent: what Pillow warns and logs, and what libtiff prints, is told as the reason of a skip."""

import ctypes
import logging
import threading
import warnings
from typing import Any

from PIL import _imaging

_HANDLERS = ("TIFFSetErrorHandler", "TIFFSetWarningHandler")


class QuietDecoders:
    """Silences Pillow and libtiff while any thread decodes.

    `catch_warnings` swaps a list that all threads share, so overlapping uses would restore each other's
    filters: the first thread in silences, the last one out restores.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._filters = warnings.catch_warnings()
        self._logger = logging.getLogger("PIL")
        self._level = self._logger.level
        self._setters = _libtiff_setters()
        self._handlers: list[int | None] = []

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._silence()
            self._inside += 1

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._restore()

    def _silence(self) -> None:
        self._filters = warnings.catch_warnings()
        self._filters.__enter__()
        warnings.filterwarnings("ignore", module="PIL")
        self._level = self._logger.level
        self._logger.setLevel(logging.CRITICAL + 1)  # its errors would reach stderr where no log is set up
        self._handlers = [set_handler(None) for set_handler in self._setters]

    def _restore(self) -> None:
        for set_handler, handler in zip(self._setters, self._handlers, strict=True):
            set_handler(handler)
        self._logger.setLevel(self._level)
        self._filters.__exit__(None, None, None)


def _libtiff_setters() -> list[Any]:
    """Return the functions that tell libtiff where its messages go; none where Pillow hides them.

    Each takes a handler, None for silence, and returns the one before. They are found through Pillow's own module,
    which was linked with the very libtiff that decodes.
    """
    library = ctypes.CDLL(_imaging.__file__)
    setters = [getattr(library, name) for name in _HANDLERS if hasattr(library, name)]
    for each in setters:
        each.argtypes, each.restype = [ctypes.c_void_p], ctypes.c_void_p
    return setters
