"""The most memory that this process has held, where the system tells it (Linux)."""

import re
from pathlib import Path

_PROCESS = Path("/proc/self")


def forget_peak() -> None:
    """Let the peak begin again at what is held now, where the system allows it."""
    try:
        (_PROCESS / "clear_refs").write_text("5")
    except OSError:
        return  # the peak then is of the whole run


def peak_memory_mb() -> float | None:
    """Return the peak in MB since `forget_peak`, None where it is not told."""
    try:
        told = re.search(r"^VmHWM:\s+(\d+) kB", (_PROCESS / "status").read_text(), re.MULTILINE)
    except OSError:
        return None
    return round(int(told[1]) * 1024 / 1e6, 1) if told else None  # what Linux calls kB are KiB
