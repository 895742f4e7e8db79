"""A space of a small corpus, trained once a session through the command; tests copy it into libraries of their own."""

import contextlib
import io
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mindseye.api import cli
from mindseye.engine.text.class_texts import class_texts

QUICK = ("--width", "20", "--epochs", "10", "--min-count", "2", "--sample", "0.001")


@dataclass(frozen=True)
class TrainedOnce:
    """Where the corpus is, the library with the space `mine`, and what the command said: exit code, report, stderr."""

    corpus: Path
    library: Path
    code: int
    told: dict[str, Any]
    said: str

    def copy(self, library: Path) -> Path:
        """Put the space into another library and return its folder."""
        return Path(shutil.copytree(self.library / "spaces" / "mine", library / "spaces" / "mine"))


def train_once(home: Path, cache: Path) -> TrainedOnce:
    """Train on what the classes look like, a document each, beside a record and a file that cannot be read."""
    corpus = home / "corpus"
    corpus.mkdir()
    some = (*class_texts()[200:400], *class_texts()[900:])  # animals, dishes and drinks
    told = [{"id": text.wnid, "title": text.names[0], "paragraphs": [text.description]} for text in some]
    (corpus / "classes.jsonl").write_text("\n".join([*map(json.dumps, told), "{broken"]), encoding="utf-8")
    (corpus / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setenv("MINDSEYE_LIBRARY", str(home / "library"))
        patch.setenv("MINDSEYE_CACHE", str(cache))
        patch.setattr("logging.basicConfig", lambda **_: None)
        patch.setattr(sys, "argv", ["mindseye", "text", "train", str(corpus), "--name", "mine", "--json", *QUICK])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
    return TrainedOnce(
        corpus, home / "library", int(stopped.value.code or 0), json.loads(out.getvalue()), err.getvalue()
    )
