"""Finished parts of a long evaluation, kept so that one that was stopped goes on where it was."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mindseye.engine.files import replace_file
from mindseye.engine.fingerprints import fingerprint


class Cells:
    """JSON files below a folder, one a part, named by the fingerprint of all that it depends on.

    folder: made when needed; fresh: parts kept by earlier runs are measured again.
    """

    def __init__(self, folder: Path, fresh: bool = False) -> None:
        self._folder = folder
        self._fresh = fresh

    def get(self, parts: tuple[object, ...], measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what is kept for `parts` (JSON values), else measure and keep it; a damaged file counts as none."""
        path = self._folder / f"{fingerprint(*parts)}.json"
        if not self._fresh:
            try:
                return dict(json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                pass
        figures = measure()
        self._folder.mkdir(parents=True, exist_ok=True)
        replace_file(path, lambda temporary: temporary.write_text(json.dumps(figures), encoding="utf-8"))
        return figures
