"""Short names of exactly what made a vector: change any part and the name changes."""

import hashlib
import json
from pathlib import Path


def fingerprint(*parts: object) -> str:
    """Return 16 hexadecimal digits for a recipe; parts must be JSON values, never solved floats.

    Solved floats differ between machines; the recipe and the hashes of its inputs do not.
    """
    canonical = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
