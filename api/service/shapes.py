"""The shapes of what is answered: those that the commands print with `--json`, and where to fetch more."""

from typing import Any, Literal

from pydantic import BaseModel


class ErrorTold(BaseModel):
    """What was wrong, and what to do."""

    code: str
    message: str
    hint: str


class ErrorAnswer(BaseModel):
    """Every answer that is not 2xx."""

    error: ErrorTold


class HitLinks(BaseModel):
    """Where to fetch the pictures of a hit; None for texts."""

    thumbnail: str | None
    original: str | None


class JobTold(BaseModel):
    """Work that outlasts a request."""

    id: str
    kind: str
    state: Literal["waiting", "running", "done", "stopped", "failed"]
    done: float
    total: int
    what: dict[str, Any]
    result: Any
    error: ErrorTold | None
    about: dict[str, Any]
    created_at: str
    started_at: str | None
    ended_at: str | None
