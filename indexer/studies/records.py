"""The plain values of studies."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

JUDGED, ATTENTION = "judged", "attention"  # kinds of trials


class Shown(NamedTuple):
    """A picture as raters see it: hashes of the kept file and of the content it was made from, whence, which item."""

    file: str
    content: str
    origin: str  # imagined, found, or shipped: one that comes with Mindseye
    item_id: int | None


class Choice(NamedTuple):
    """A trial as one rater meets it: its number, and its options by the places where they stand, from the left."""

    trial: int
    places: tuple[int, ...]


Plan = tuple[Choice, ...]
"""What one rater meets, in order."""


@dataclass(frozen=True)
class NewTrial:
    """A choice among `options`, of which number `answer` is right; pictures: one of `word`, or one of each option."""

    kind: str
    word: str
    category: str | None
    options: tuple[str, ...]
    answer: int
    pictures: tuple[Shown, ...]


@dataclass(frozen=True)
class Trial(NewTrial):
    """A trial of a study; numbers count from 0 within it."""

    id: int
    number: int


@dataclass(frozen=True)
class NewStudy:
    """A study to be made: see `Study`; trials, in any order; a plan for each rater."""

    name: str
    question: str
    confounders: str | None
    seed: int
    attention_limit: float
    instructions: str
    consent: str | None
    settings: dict[str, Any]
    trials: tuple[NewTrial, ...]
    plans: tuple[Plan, ...]


@dataclass(frozen=True)
class Study:
    """A study: `question` is word, image or category; how many trials, raters and answers it has.

    attention: of `trials`, those that check attention; attention_limit: the share of them below which a rater is
    flagged; finished: raters who have answered everything; settings: how it was made, JSON values.
    """

    id: int
    name: str
    question: str
    confounders: str | None
    seed: int
    attention_limit: float
    instructions: str
    consent: str | None
    settings: dict[str, Any]
    created: str
    trials: int
    attention: int
    raters: int
    finished: int
    judgments: int


@dataclass(frozen=True)
class Rater:
    """Someone with a link, numbered from 1; `answered` of the choices in `plan` are made.

    began: when the instructions were read; agreed: when they agreed to the study's text of consent; None: not yet.
    """

    id: int
    number: int
    token: str
    plan: Plan
    created: str
    began: str | None
    agreed: str | None
    answered: int

    @cached_property
    def finished(self) -> bool:
        """Whether every choice is made."""
        return self.answered >= len(self.plan)


@dataclass(frozen=True)
class Judgment:
    """One answer: which option was chosen, the place where the right one stood (0 is left), ms that it took."""

    rater: int
    trial: int
    position: int
    side: int
    chosen: int
    response_ms: int | None
    created: str


@dataclass(frozen=True)
class Sitting:
    """A rater in a study, and the choice that is next; `trial` is None when all are made."""

    study: Study
    rater: Rater
    choice: Choice | None
    trial: Trial | None
