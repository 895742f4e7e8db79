"""What is to be imagined."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wish:
    """What is to be imagined, as `Mindseye.imagine` takes it."""

    word: str
    means: str | None = None
    sense: int | None = None
    seed: int = 0
    size: int | None = None
    method: str | None = None
