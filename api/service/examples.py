"""An example of every answer, for OpenAPI: what a library of the demo's photographs answered."""

import json
from importlib.resources import files
from typing import Any

_TOLD: dict[str, Any] = json.loads((files(__package__) / "examples.json").read_text(encoding="utf-8"))


def example(name: str, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Return what FastAPI's `responses` takes to show the example of that name."""
    return {status: {"content": {"application/json": {"example": _TOLD[name]}}}}
