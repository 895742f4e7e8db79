"""The README shows real output of real commands."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
TOLD = README.read_text(encoding="utf-8")
SESSIONS = re.findall(r"<!-- session -->\n```console\n(.*?)```", TOLD, re.DOTALL)
FILES = dict(re.findall(r"<!-- file (\S+) -->\n```\w+\n(.*?)```", TOLD, re.DOTALL))
DATA = "gis_layers"  # evaluation data that a session may read


def commands(session: str) -> list[tuple[list[str], str]]:
    """Return each command of a console session with the output that is shown for it."""
    parts = re.split(r"^\$ (.*)\n", session, flags=re.MULTILINE)[1:]
    return [(shlex.split(command), output) for command, output in zip(parts[::2], parts[1::2], strict=True)]


def plain(output: str) -> str:
    """Return output without what differs from machine to machine: measured numbers, folders, hashes, times."""
    output = re.sub(r"(file://)?\S*/(?=[\w.-]+\b)", "", output)
    output = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(\+\d\d:\d\d)?", "TIME", output)
    output = re.sub(r"\b[0-9a-f]{16,}\b", "HASH", output)
    return re.sub(r"-?\b\d+(\.\d+)?\b", "N", output)


@pytest.mark.slow
@pytest.mark.parametrize("session", SESSIONS)
def test_the_readme_shows_what_the_commands_print(session, tmp_path, cache, unpacked):
    environment = {**os.environ, "MINDSEYE_LIBRARY": str(tmp_path / "library"), "MINDSEYE_CACHE": str(cache)}
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    if DATA in session:
        (tmp_path / DATA).symlink_to(unpacked.folder(DATA).absolute())
    program = str(Path(sys.executable).with_name("mindseye"))
    shown = commands(session)
    assert len(shown) >= 3
    for (name, *arguments), output in shown:
        assert name == "mindseye"
        ran = subprocess.run(
            [program, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert plain(ran.stdout) == plain(output), arguments


def test_there_is_a_session_and_nothing_left_to_fill_in():
    assert SESSIONS and not re.search(r"^[A-Z]{4,}$", TOLD, re.MULTILINE)
