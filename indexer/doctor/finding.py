"""What an examination finds: a difference, what to do about it, and how it is mended."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Mend = Callable[[], None]


@dataclass(frozen=True)
class Finding:
    """Something in a library that is not as it should be.

    code: for programs; what: for people; hint: what to do; subjects: all the files or rows that it is about;
    mend: mends it, None where only the user can; then: what the user has to do once it is mended.
    """

    code: str
    what: str
    hint: str
    subjects: tuple[str, ...] = ()
    mend: Mend | None = field(default=None, compare=False, repr=False)
    then: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "code": self.code,
            "what": self.what,
            "hint": self.hint,
            "then": self.then,
            "subjects": list(self.subjects),
            "repairable": self.mend is not None,
        }


@dataclass(frozen=True)
class Repair:
    """What a repair came to: what it mended, and what it could not."""

    mended: tuple[Finding, ...]
    left: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        mended = [each.as_dict() | {"mended": True} for each in self.mended]
        left = [each.as_dict() | {"mended": False} for each in self.left]
        return {"sound": not left, "findings": mended + left}
